package study

import (
	"fmt"
	"iter"
	"math"

	"modspec/engine/figure"
	"modspec/engine/results"
)

// Images is the study of compositional MNIST. Its sweep is of the kind images.
var Images = struct{ ID, Title, Source, Runs, RunsFull string }{
	ID:     "cmnist",
	Title:  "On images, only the split network keeps the compositional part general",
	Source: "section on compositional MNIST",
	Runs: "dense and split convolutional networks on images of three digits, 1600 training and 400 test images (the paper: 20,000 and 3,333); " +
		"2 runs of 11 epochs (the paper: 10 of 300); batches of 16, learning rate 0.005, σ 0.01, r 10",
	RunsFull: "dense and split convolutional networks on images of three digits, 20,000 training and 3,333 test images; " +
		"the paper's size, 10 runs of 300 epochs; batches of 16, learning rate 0.002, σ 0.01, r 10",
}

// ImagesSweep returns the sweep file of the study: the paper's experiment, or one that
// two CPU cores run in under three minutes and that shows the same order. The reduced
// one keeps the paper's kind of images, networks and batches, takes fewer images, epochs
// and runs, and learns two and a half times as fast, or it would end on the plateau that
// all networks begin with.
func ImagesSweep(full bool) string {
	if full {
		return `name: cmnist
kind: images
method: grid
seeds: {min: 1, max: 10}
steps: 375000              # 300 epochs
record: {every: 1250}      # an epoch
parameters:
  arch: {values: [dense, split]}
  train: {value: all}
  test: {value: all}
  batch: {value: 16}
  lr: {value: 0.002}
`
	}
	return `name: cmnist
kind: images
method: grid
seeds: {min: 1, max: 2}
steps: 1100                # 11 epochs
record: {every: 100}       # an epoch
parameters:
  arch: {values: [dense, split]}
  train: {value: 1600}
  test: {value: 400}
  batch: {value: 16}
  lr: {value: 0.005}
`
}

// ImagesFigures draws the epochs of networks of the kind images, an epoch having so many
// steps: the errors of both parts of the label, on training and on test images, as the
// paper does; the shares of digits and numbers that are named; and what a digit's
// outputs depend on.
func ImagesFigures(runs, trajectories iter.Seq2[*results.Row, error], epoch int) ([]figure.Figure, error) {
	return trajectoryFigures(runs, trajectories, trajectoryPlot{
		by: "arch", xLabel: "epoch", unit: float64(epoch), figures: []trajectoryFigure{
			{figure.Figure{
				Name: "cmnist-errors", Title: "Compositional MNIST: squared error", Columns: 2,
				Caption: "Squared error of the compositional and the non-compositional part of the label, divided so that the answer 0 costs 1. " +
					"Lines are means over runs, bands one standard deviation.",
			}, []curves{
				{"Compositional, train", "error / digits", "train_compositional"},
				{"Compositional, test", "error / digits", "test_compositional"},
				{"Non-compositional, train", "error / r²", "train_non_compositional"},
				{"Non-compositional, test", "error / r²", "test_non_compositional"},
			}},
			{figure.Figure{
				Name: "cmnist-accuracy", Title: "Compositional MNIST: test images named right", Columns: 2,
				Caption: "Share of test images whose digits are all named by the largest compositional outputs, and whose number is named by the largest non-compositional output.",
			}, []curves{
				{"All digits", "share of images", "test_all_digits"},
				{"The number", "share of images", "test_number"},
			}},
			{figure.Figure{
				Name: "cmnist-systematicity", Title: "Compositional MNIST: what a digit's outputs depend on", Columns: 3,
				Caption: "Share of a digit's outputs that changes when the digits beside it change (company) and when its own image is exchanged for another of its class (style), " +
					"and the error on trained digits in combinations that were never trained.",
			}, []curves{
				{"Company", "share", "company"},
				{"Style", "share", "style"},
				{"New combinations", "error / digits", "recombined_compositional"},
			}},
		},
	})
}

// ImagesClaims judges the table runs of the study's sweep.
func ImagesClaims(runs iter.Seq2[*results.Row, error]) ([]results.Claim, error) {
	type ends struct{ low, high float64 }
	at := map[string]*ends{} // by architecture and column
	steps := 0
	for row, err := range runs {
		if err != nil {
			return nil, err
		}
		columns := row.Table().Columns
		arch := row.Text(columns.Index("arch"))
		steps = max(steps, row.Whole(columns.Index("last_step")))
		for _, column := range []string{"test_compositional", "test_non_compositional", "company"} {
			v := row.Number(columns.Index(column))
			e := at[arch+" "+column]
			if e == nil {
				at[arch+" "+column] = &ends{v, v}
				continue
			}
			e.low, e.high = math.Min(e.low, v), math.Max(e.high, v) // NaN stays
		}
	}
	of := func(arch, column string) ends {
		if e := at[arch+" "+column]; e != nil {
			return *e
		}
		return ends{math.NaN(), math.NaN()}
	}
	dense, split := of("dense", "test_compositional"), of("split", "test_compositional")
	return []results.Claim{
		results.NewClaim("cmnist/test-error", "on test images the split network's compositional error lies below the dense network's, beyond the spread over runs",
			dense.low-split.high, results.Above, math.Max(dense.high-dense.low, split.high-split.low), Images.Source,
			fmt.Sprintf("lowest of dense less highest of split after %d steps, against the wider of the two spreads over runs", steps)),
		// The answer 0 costs 1; a network that named one number in ten would cost
		// about 0.9.
		results.NewClaim("cmnist/number-error", "on test images the non-compositional error stays high for both networks",
			math.Min(of("dense", "test_non_compositional").low, of("split", "test_non_compositional").low), results.Above, 0.9, Images.Source,
			"lowest of any run; the answer 0 costs 1"),
		results.NewClaim("cmnist/company", "a digit's outputs depend less on what stands beside it in the split network than in the dense one",
			of("split", "company").high, results.Below, of("dense", "company").low, "this project's measure of systematicity for networks that are not linear",
			"share of a digit's outputs that changes with the digits beside it: highest of split against lowest of dense"),
	}, nil
}
