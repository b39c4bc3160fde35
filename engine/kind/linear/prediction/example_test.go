package prediction_test

import (
	"fmt"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear/prediction"
	"modspec/engine/network"
)

func ExamplePredictor_Follow() {
	dense := prediction.New(dataset.NewPoint(3, 3, 1, 3, 1, 1), network.Dense(50))
	var c prediction.Curves
	err := dense.Follow(&c, prediction.EachMode([]float64{1e-6, 1e-6, 1e-6}), 0.16, []int{0, 50, 300}, prediction.Discrete)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range c.Samples() {
		fmt.Printf("step %3d: mode strengths %.3f\n", s.Step, s.Modes)
	}
	// Output:
	// step   0: mode strengths [0.000 0.000 0.000]
	// step  50: mode strengths [0.903 0.001 0.000]
	// step 300: mode strengths [0.905 0.302 0.577]
}
