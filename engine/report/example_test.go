package report_test

import (
	"fmt"
	"os"
	"path/filepath"

	"modspec/engine/figure"
	"modspec/engine/plot"
	"modspec/engine/report"
	"modspec/engine/results"
)

func ExampleWriteHTML() {
	folder, err := os.MkdirTemp("", "report")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	drawing, err := plot.Draw(folder, figure.Figure{
		Name: "dense-dynamics", Title: "A mode that Ω_y asks for", Caption: "Solid: simulation.",
		Panels: []figure.Panel{{
			XLabel: "step", YLabel: "mode strength a(t)",
			Series: []figure.Series{{Label: "simulation", X: []float64{0, 150, 300}, Y: []float64{0, 0.48, 0.96}}},
		}},
	})
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
			Figures: []plot.Drawing{drawing},
		}},
	})
	fmt.Println(err)
	// Output: <nil>
}
