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

func ExampleCommonRange() {
	dense := &figure.Heatmap{X: []float64{1, 2}, YNames: []string{"r = 1"}, Z: [][]float64{{20, 80}}, Label: "half time", Log: true}
	split := &figure.Heatmap{X: []float64{1, 2}, YNames: []string{"r = 1"}, Z: [][]float64{{12, 35}}, Label: "half time", Log: true}
	// One range makes the colours of both panels compare, beside one colour bar.
	dense.Range = figure.CommonRange(dense, split)
	split.Range = dense.Range
	f := figure.Figure{Name: "phases", Panels: []figure.Panel{{Title: "dense", Heatmap: dense}, {Title: "split", Heatmap: split}}}
	fmt.Println(*dense.Range, f.Validate())
	// Output:
	// [12 80] <nil>
}
