package theory_test

import (
	"fmt"

	"modspec/engine/dataset"
	"modspec/engine/theory"
)

// The paper's dataset has three kinds of mode.
func ExampleModes() {
	p := dataset.NewPoint(3, 3, 1, 3, 1, 1)
	for _, m := range theory.Modes(p, dataset.Whole) {
		fmt.Printf("%-8v × %d  λ %.4f  δ %.3f  asymptote %.4f\n", m.Kind, m.Multiplicity, m.SingularValue, m.InputEigenvalue, m.Asymptote())
	}
	// Output:
	// asked    × 1  λ 1.2437  δ 1.375  asymptote 0.9045
	// left-out × 2  λ 0.4146  δ 1.375  asymptote 0.3015
	// other    × 5  λ 0.2165  δ 0.375  asymptote 0.5774
}

// A module that sees Γ_x cannot be systematic; one that does not, is.
func ExampleSystematicity() {
	p := dataset.NewPoint(3, 3, 1, 3, 1, 1)
	fmt.Printf("%.4f\n", theory.Systematicity(p, dataset.Whole))
	fmt.Println(theory.Systematicity(p, dataset.View{Reads: dataset.Omega, Writes: dataset.Omega}))
	// Output:
	// 0.7273
	// 1
}

// At the paper's learning rate continuous time runs visibly ahead of real steps.
func ExampleDeepSteps() {
	p := dataset.NewPoint(3, 3, 1, 3, 1, 1)
	m := theory.Modes(p, dataset.Whole)[0]
	start := theory.MeanDeepStart(50, 0.01/50)
	real := theory.DeepSteps(m, 0.16, start, 1, 35)[35]
	fmt.Printf("step 35: continuous %.3f, discrete %.3f\n", theory.Deep(m, 0.16, start, 35), real)
	// Output:
	// step 35: continuous 0.501, discrete 0.256
}
