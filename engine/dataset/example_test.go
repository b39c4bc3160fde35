package dataset_test

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
)

// The smallest dataset with every block: two bits, one of them asked for, one
// copy of r·I on either side.
func ExamplePoint() {
	p := dataset.NewPoint(2, 2, 1, 1, 1, 0.5)
	x, err := p.X()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p)
	fmt.Printf("%v\n", mat.Formatted(x))
	// Output:
	// bits=2 n_x=2 n_y=1 k_x=1 k_y=1 r=0.5
	// ⎡  1    1   -1   -1⎤
	// ⎢  1   -1    1   -1⎥
	// ⎢0.5    0    0    0⎥
	// ⎢  0  0.5    0    0⎥
	// ⎢  0    0  0.5    0⎥
	// ⎣  0    0    0  0.5⎦
}

func ExamplePoint_Validate() {
	fmt.Println(dataset.NewPoint(3, 1, 2, 0, 0, 0).Validate())
	// Output:
	// n_y is 2, but must be at most n_x = 1: the output cannot ask for more bits than the input has
}

// The paper's dataset has 27 inputs, but its 8 examples span only 8 directions.
func ExamplePoint_Reduce() {
	p := dataset.NewPoint(3, 3, 1, 3, 1, 1)
	reduced, err := p.Reduce(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	rows, columns := reduced.Q.Dims()
	fmt.Println(rows, columns, reduced.D)
	// Output:
	// 27 8 [0.375 1.375 1.375 0.375 1.375 0.375 0.375 0.375]
}

func ExampleQuadrants_Systematicity() {
	p := dataset.NewPoint(1, 1, 1, 1, 0, 1)
	// A map whose answer comes from Ω_x with weight 2 and from Γ_x with weight 1.
	m := mat.NewDense(1, 3, []float64{2, 1, 0})
	fmt.Println(p.Quadrants(m).Systematicity())
	// Output:
	// 0.8
}
