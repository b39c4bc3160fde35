package plot_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"modspec/engine/figure"
	"modspec/engine/plot"
)

// modes is a simulated mode with theory over it.
func modes() figure.Figure {
	var t, simulated, predicted []float64
	for step := range 301 {
		t = append(t, float64(step))
		simulated = append(simulated, 0.96/(1+math.Exp(-float64(step-60)/6)))
		predicted = append(predicted, 0.96/(1+math.Exp(-float64(step-61)/6)))
	}
	return figure.Figure{
		Name:    "dense-dynamics",
		Title:   "A mode that Ω_y asks for",
		Caption: "Solid: simulation. Dashed: theory.",
		Panels: []figure.Panel{{
			XLabel: "step", YLabel: "mode strength a(t)",
			Series: []figure.Series{
				{Label: "simulation", X: t, Y: simulated},
				{Label: "theory", X: t, Y: predicted, Style: figure.Dashed},
			},
		}},
	}
}

func ExampleDraw() {
	folder, err := os.MkdirTemp("", "figures")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	if _, err := plot.Draw(folder, modes()); err != nil {
		fmt.Println(err)
		return
	}
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		fmt.Println(err)
		return
	}
	slices.Sort(files)
	for _, f := range files {
		fmt.Println(filepath.Base(f))
	}
	// Output:
	// dense-dynamics.png
	// dense-dynamics.svg
}
