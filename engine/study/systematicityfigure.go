package study

import (
	"fmt"
	"math"
	"slices"

	"modspec/engine/dataset"
	"modspec/engine/figure"
)

// ratio returns k_x r²/P, the one number of a dataset on which S depends.
func ratio(p dataset.Point) float64 {
	return float64(p.KX) * p.R * p.R / float64(p.Examples())
}

func systematicityFigure(dense, split, partitioned *systematicityRuns) figure.Figure {
	return figure.Figure{
		Name:  "systematicity",
		Title: "Share of the compositional answer that comes from the compositional input",
		Caption: fmt.Sprintf("Left: S of %d datasets at the end of training, measured (points) and by theory (dashed); dense and split networks lie on one curve, which the dataset alone decides. "+
			"Middle: how far from it they ever are once learning has begun, from initial weights of standard deviation %g. "+
			"Right: S over training on three of the datasets; it leaves the noise of the initial weights within some twenty steps, while the map is still small, and training moves it no further.", len(dense.grid), systematicityScale),
		Panels: []figure.Panel{
			systematicityAtEnd(dense, split, partitioned),
			systematicityDeviations(dense, split),
			systematicityOverTraining(dense, split, partitioned),
		},
	}
}

// systematicityAtEnd draws dense and split as one series: their points coincide.
func systematicityAtEnd(dense, split, partitioned *systematicityRuns) figure.Panel {
	points := func(label string, colour int, all ...*systematicityRuns) figure.Series {
		series := figure.Series{Label: label, Style: figure.Points, Color: colour}
		for _, s := range all {
			for i, p := range s.grid {
				series.X = append(series.X, ratio(p))
				series.Y = append(series.Y, last(s.runs[i].Curve("systematicity")))
			}
		}
		return series
	}
	curve := figure.Series{Label: "P/(P + k_x r²)", Style: figure.Dashed}
	for e := -40; e <= 12; e++ {
		x := math.Pow(10, float64(e)/20)
		curve.X, curve.Y = append(curve.X, x), append(curve.Y, 1/(1+x))
	}
	return figure.Panel{
		Title: "end of training", XLabel: "k_x r²/P", YLabel: "S", XLog: true, YRange: &[2]float64{0, 1.05},
		Series: []figure.Series{points("dense and split", 0, dense, split), points(partitioned.name, 2, partitioned), curve},
	}
}

func systematicityDeviations(all ...*systematicityRuns) figure.Panel {
	p := figure.Panel{
		Title: "largest deviation after the onset", XLabel: "k_x r²/P", YLabel: "|S − P/(P + k_x r²)|",
		XLog: true, YLog: true, YRange: &[2]float64{1e-8, 1},
	}
	for k, s := range all {
		points := figure.Series{Label: s.name, Style: figure.Points, Color: k}
		for i := range s.runs {
			points.X = append(points.X, ratio(s.grid[i]))
			points.Y = append(points.Y, deviationFromOnset(&s.runs[i], s.predicted[i], s.asymptote[i]))
		}
		p.Series = append(p.Series, points)
	}
	return p
}

// systematicityOverTraining draws the first dataset at each of three values of
// k_x r²/P, far apart in S.
func systematicityOverTraining(dense, split, partitioned *systematicityRuns) figure.Panel {
	const shown = 60 // steps; nothing changes after
	panel := figure.Panel{
		Title: "over training", XLabel: "step", YLabel: "S", Legend: figure.NoLegend,
		XRange: &[2]float64{0, shown}, YRange: &[2]float64{0, 1.05},
	}
	for _, want := range []float64{0.0625, 0.75, 3} {
		first := slices.IndexFunc(dense.grid, func(p dataset.Point) bool { return ratio(p) == want && p.KY > 0 })
		for k, s := range []*systematicityRuns{dense, split, partitioned} {
			// Networks of one shape stand together in a table, so datasets can have another order.
			i := slices.IndexFunc(s.grid, func(p dataset.Point) bool { return p.String() == dense.grid[first].String() })
			panel.Series = append(panel.Series, figure.Series{
				X: s.runs[i].Axis(), Y: s.runs[i].Curve("systematicity"), Color: k,
			})
		}
		panel.Series = append(panel.Series, figure.Series{
			X: []float64{0, shown}, Y: []float64{dense.predicted[first], dense.predicted[first]}, Style: figure.Dashed,
		})
	}
	return panel
}
