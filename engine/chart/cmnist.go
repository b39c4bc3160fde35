package chart

import (
	"math"

	"modspec/engine/figure"
	"modspec/engine/plot/lettering"
	"modspec/engine/results"
)

// CMNISTFigures draws the epochs of a compositional MNIST experiment: the errors of
// both parts of the label, on training and on test images, as the paper does; the
// shares of digits and numbers that are named; and what a digit's answer hangs on,
// where that was measured. Lines are means over the runs of a network, bands reach
// one standard deviation to either side.
func CMNISTFigures(rows []results.CMNISTEpoch) []figure.Figure {
	panel := func(title, label string, value func(*results.CMNISTEpoch) results.Number) figure.Panel {
		return figure.Panel{Title: title, XLabel: "epoch", YLabel: label, Series: meanAndBand(rows, value)}
	}
	errors := figure.Figure{
		Name: "cmnist-errors", Title: "Compositional MNIST: squared error", Columns: 2,
		Caption: "Squared error of the compositional and the non-compositional part of the label, divided so that the answer 0 costs 1. " +
			"Lines are means over runs, bands one standard deviation.",
		Panels: []figure.Panel{
			panel("Compositional, train", "error / digits", func(e *results.CMNISTEpoch) results.Number { return e.Train.Compositional }),
			panel("Compositional, test", "error / digits", func(e *results.CMNISTEpoch) results.Number { return e.Test.Compositional }),
			panel("Non-compositional, train", "error / r²", func(e *results.CMNISTEpoch) results.Number { return e.Train.NonCompositional }),
			panel("Non-compositional, test", "error / r²", func(e *results.CMNISTEpoch) results.Number { return e.Test.NonCompositional }),
		},
	}
	accuracy := figure.Figure{
		Name: "cmnist-accuracy", Title: "Compositional MNIST: test images named right", Columns: 2,
		Caption: "Share of test images whose digits are all named by the largest compositional outputs, and whose number is named by the largest non-compositional output.",
		Panels: []figure.Panel{
			panel("All digits", "share of images", func(e *results.CMNISTEpoch) results.Number { return e.Test.AllDigits }),
			panel("The number", "share of images", func(e *results.CMNISTEpoch) results.Number { return e.Test.Number }),
		},
	}
	list := []figure.Figure{errors, accuracy}
	probes := figure.Figure{
		Name: "cmnist-systematicity", Title: "Compositional MNIST: what a digit's answer hangs on", Columns: 3,
		Caption: "Share of a digit's answer that changes when the digits beside it change (company) and when its own image is exchanged for another of its class (style), " +
			"and the error on trained digits in combinations that were never trained.",
		Panels: []figure.Panel{
			panel("Company", "share", func(e *results.CMNISTEpoch) results.Number { return e.Company }),
			panel("Style", "share", func(e *results.CMNISTEpoch) results.Number { return e.Style }),
			panel("New combinations", "error / digits", func(e *results.CMNISTEpoch) results.Number { return e.Recombined.Compositional }),
		},
	}
	for _, s := range probes.Panels[0].Series {
		if len(s.X) > 1 {
			return append(list, probes)
		}
	}
	return list
}

// meanAndBand returns a curve for each network, in the order in which they first
// appear, over the epochs at which any run has the value.
func meanAndBand(rows []results.CMNISTEpoch, value func(*results.CMNISTEpoch) results.Number) []figure.Series {
	var series []figure.Series
	archs := networks(rows)
	labels := lettering.Names(archs)
	for i, arch := range archs {
		s := figure.Series{Label: labels[i], Color: len(series)}
		for epoch := 0; ; epoch++ {
			count, sum, squares, later := 0.0, 0.0, 0.0, false
			for i := range rows {
				if rows[i].Arch != arch {
					continue
				}
				later = later || rows[i].Epoch >= epoch
				if v := float64(value(&rows[i])); rows[i].Epoch == epoch && figure.Finite(v) {
					count++
					sum += v
				}
			}
			if !later {
				break
			}
			if count == 0 {
				continue
			}
			mean := sum / count
			for i := range rows {
				if v := float64(value(&rows[i])); rows[i].Arch == arch && rows[i].Epoch == epoch && figure.Finite(v) {
					squares += (v - mean) * (v - mean)
				}
			}
			spread := math.Sqrt(squares / count)
			s.X, s.Y = append(s.X, float64(epoch)), append(s.Y, mean)
			s.Low, s.High = append(s.Low, mean-spread), append(s.High, mean+spread)
		}
		if len(s.X) > 0 {
			series = append(series, s)
		}
	}
	return series
}

// networks returns the names of the networks in the order of their first rows.
func networks(rows []results.CMNISTEpoch) []string {
	var names []string
	seen := map[string]bool{}
	for i := range rows {
		if !seen[rows[i].Arch] {
			seen[rows[i].Arch] = true
			names = append(names, rows[i].Arch)
		}
	}
	return names
}
