package report_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"modspec/engine/figure"
	"modspec/engine/report"
	"modspec/engine/results"
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
	if _, err := report.Draw(folder, modes()); err != nil {
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

func ExampleWriteHTML() {
	folder, err := os.MkdirTemp("", "report")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	drawing, err := report.Draw(folder, modes())
	if err != nil {
		fmt.Println(err)
		return
	}
	err = report.WriteHTML(filepath.Join(folder, "report.html"), report.Document{
		Title: "Reproduction",
		Sections: []report.Section{{
			ID: "dense-dynamics", Title: "Dense dynamics", Runs: "Trains the dense network for 300 steps.", Source: "Section 3",
			Claims: []results.Claim{
				results.NewClaim("dense-dynamics/closer", "theory follows every mode", 0.031, results.AtMost, 0.05, "eq. 4", ""),
			},
			Figures: []report.Drawing{drawing},
		}},
	})
	fmt.Println(err)
	// Output: <nil>
}

func ExampleFormatNumber() {
	for _, v := range []float64{0.0312345, 300, 1.3e-12, -2} {
		fmt.Println(report.FormatNumber(v))
	}
	// Output:
	// 0.03123
	// 300
	// 1.3·10⁻¹²
	// −2
}
