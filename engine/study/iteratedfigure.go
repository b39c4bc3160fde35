package study

import (
	"fmt"

	"modspec/engine/dataset"
	"modspec/engine/figure"
)

// iteratedFigure draws seed 0 of every network, one row for each setting.
func iteratedFigure(lineages [][]lineage) figure.Figure {
	titles := []string{
		denseA: "dense (a)", splitA: "split (a)", shallowA: "shallow (a)",
		denseB: "dense (b)", splitB: "split (b)", shallowB: "shallow (b)",
	}
	fig := figure.Figure{
		Name:    "iterated-learning",
		Title:   "Iterated learning: norms after each generation, simulation (points) and theory (dashed)",
		Columns: 3,
		Caption: fmt.Sprintf("Norms of the maps onto Ωy and Γy, seed 0, with nothing fitted. Where generations are cut short, the split network keeps the compositional part and loses the other; "+
			"the dense network stops at the floor that mode 1 carries into Γy (dotted), or in (a) above it, where mode 2 survives; every generation shrinks both norms of the shallow network. "+
			"(a): n_y 2, 1250 steps a generation (shallow 200), which cut nothing from the split network; %d steps (diamonds) do, and leave its map onto Ωy as it is. (b): n_y 1, 35 steps.", cutSteps),
	}
	for k, title := range titles {
		l := lineages[k][0]
		panel := figure.Panel{Title: title, XLabel: "generation", YLabel: "norm", YRange: &[2]float64{-0.1, 1.6}}
		if k != denseA && k != splitA {
			panel.Legend = figure.NoLegend
		}
		labels := [2]string{}
		if k == denseA {
			labels = [2]string{"onto Ωy", "onto Γy"}
		}
		panel.Series = append(panel.Series, normSeries(l, labels[0], 0, dataset.Quadrants.Compositional)...)
		panel.Series = append(panel.Series, normSeries(l, labels[1], 1, dataset.Quadrants.NonCompositional)...)
		switch k {
		case denseA, denseB:
			x, level := generationAxis(l), []float64{}
			for _, g := range l.predicted {
				level = append(level, floor(l.point, g.Modes[0]))
			}
			series := figure.Series{X: x, Y: level, Style: figure.Dotted, Color: 2}
			if k == denseA {
				series.Label = "floor"
			}
			panel.Series = append(panel.Series, series)
		case splitA:
			cut := lineages[splitCut][0]
			panel.Series = append(panel.Series, normSeries(cut, fmt.Sprintf("onto Γy, %d steps", cutSteps), 3, dataset.Quadrants.NonCompositional)...)
		}
		fig.Panels = append(fig.Panels, panel)
	}
	return fig
}

// normSeries draws one norm of a lineage: theory dashed, simulation as points.
func normSeries(l lineage, label string, color int, norm func(dataset.Quadrants) float64) []figure.Series {
	x := generationAxis(l)
	measured, predicted := make([]float64, len(x)), make([]float64, len(x))
	for g := range x {
		measured[g], predicted[g] = norm(l.measured[g].Quadrants), norm(l.predicted[g].Quadrants)
	}
	return []figure.Series{
		{X: x, Y: predicted, Style: figure.Dashed, Color: color},
		{Label: label, X: x, Y: measured, Style: figure.Points, Color: color},
	}
}

// generationAxis returns the generations of a lineage as an x axis.
func generationAxis(l lineage) []float64 {
	x := make([]float64, len(l.measured))
	for g := range x {
		x[g] = float64(l.measured[g].Step)
	}
	return x
}
