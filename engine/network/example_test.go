package network_test

import (
	"fmt"
	"os"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/network"
	"modspec/engine/random"
)

func ExampleSplit() {
	p := dataset.NewPoint(3, 3, 1, 3, 1, 1)
	for _, m := range network.Split(50).Modules {
		fmt.Println(m.Reads, "→", m.Writes, m.Shape(p))
	}
	// Output:
	// omega+gamma → omega [27 50 1]
	// omega+gamma → gamma [27 50 8]
}

func ExampleParseModules() {
	arch, err := network.ParseModules("omega>omega; both>gamma:20x10", 50)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range arch.Modules {
		fmt.Println(m.Reads, "→", m.Writes, m.Hidden)
	}
	_, err = network.ParseModules("omega>omgea", 50)
	fmt.Println(err)
	// Output:
	// omega → omega [50]
	// omega+gamma → gamma [20 10]
	// module 1 ("omega>omgea"): unknown block "omgea": it must be one of omega, gamma, both; did you mean "omega"?
}

// Initial weights are a function of the seed alone.
func ExampleInitial() {
	p := dataset.NewPoint(1, 1, 1, 0, 0, 0)
	w, err := network.Initial(network.Shallow(), p, random.Stream{Seed: 7}, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	again, _ := network.Initial(network.Shallow(), p, random.Stream{Seed: 7}, 1)
	fmt.Println(mat.Equal(w.Modules[0][0], again.Modules[0][0]))
	// Output:
	// true
}

func ExampleWriteWeights() {
	w := &network.Weights{Modules: [][]*mat.Dense{{mat.NewDense(1, 2, []float64{0.5, -1})}}}
	if err := network.WriteWeights(os.Stdout, w); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"modules":[{"w":[[0.5,-1]]}]}
}
