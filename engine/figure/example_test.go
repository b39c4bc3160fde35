package figure_test

import (
	"fmt"

	"modspec/engine/figure"
)

func ExampleFigure() {
	steps := []float64{0, 1, 2}
	f := figure.Figure{
		Name: "learning", Title: "A loss that falls",
		Panels: []figure.Panel{{
			XLabel: "step", YLabel: "loss",
			Series: []figure.Series{
				{Label: "simulation", X: steps, Y: []float64{1, 0.5, 0.2}},
				{Label: "theory", X: steps, Y: []float64{1, 0.45, 0.2}, Style: figure.Dashed},
			},
		}},
	}
	fmt.Println(f.Validate())
	// Output:
	// <nil>
}
