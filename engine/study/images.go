package study

import (
	"context"
	"fmt"
	"math"
	"slices"

	"modspec/engine/figure"
	"modspec/engine/results"
)

// imagesSource is where the paper has its experiment on images.
const imagesSource = "section on compositional MNIST"

// imageMNIST is reduced to what two CPU cores run in some minutes, and shows the same order
// as the paper's experiment, which is its Full. It keeps the paper's kind of images,
// networks and batches, takes fewer images, epochs and runs, and learns two and a half
// times as fast, or it would end on the plateau that all networks begin with.
var imageMNIST = func() Study {
	s := imageStudy("cmnist", "1600 training and 400 test images (the paper: 20,000 and 3,333); 2 runs of 11 epochs (the paper: 10 of 300); "+
		"batches of 16, learning rate 0.005, σ 0.01, r 10")
	full := imageStudy("cmnist-full", "20,000 training and 3,333 test images; the paper's size, 10 runs of 300 epochs; batches of 16, learning rate 0.002, σ 0.01, r 10")
	s.Full = &full
	return s
}()

// imageStudy returns the study of one sweep of the kind images.
func imageStudy(sweep, runs string) Study {
	return Study{
		ID:     "cmnist",
		Paper:  Jarvis2023,
		Title:  "On images, only the split network keeps the compositional part general",
		Runs:   "dense and split convolutional networks on images of three digits, " + runs,
		Source: imagesSource,
		Sweeps: []Sweep{file(sweep)},
		Judge: func(_ context.Context, e Evidence) (*Outcome, error) {
			t := e.Tables[sweep]
			return &Outcome{Claims: imageClaims(t), Figures: ImageFigures(t)}, nil
		},
	}
}

func imageClaims(t *Table) []results.Claim {
	ends := func(arch, metric string) (low, high float64) {
		low, high = math.Inf(1), math.Inf(-1)
		for i := range t.Runs {
			if r := &t.Runs[i]; r.Text("arch") == arch {
				v := last(r.Curve(metric))
				low, high = math.Min(low, v), math.Max(high, v) // NaN stays
			}
		}
		if low > high { // there is no such run
			return math.NaN(), math.NaN()
		}
		return low, high
	}
	denseLow, denseHigh := ends("dense", "test_compositional")
	splitLow, splitHigh := ends("split", "test_compositional")
	denseNumber, _ := ends("dense", "test_non_compositional")
	splitNumber, _ := ends("split", "test_non_compositional")
	denseCompany, _ := ends("dense", "company")
	_, splitCompany := ends("split", "company")
	return []results.Claim{
		results.NewClaim("cmnist/test-error", "on test images the split network's compositional error lies below the dense network's, beyond the spread over runs",
			denseLow-splitHigh, results.Above, math.Max(denseHigh-denseLow, splitHigh-splitLow), imagesSource,
			"lowest of dense less highest of split at the last step, against the wider of the two spreads over runs"),
		// The answer 0 costs 1; a network that named one number in ten would cost
		// about 0.9.
		results.NewClaim("cmnist/number-error", "on test images the non-compositional error stays high for both networks",
			math.Min(denseNumber, splitNumber), results.Above, 0.9, imagesSource,
			"lowest of any run; the answer 0 costs 1"),
		results.NewClaim("cmnist/company", "a digit's outputs depend less on what stands beside it in the split network than in the dense one",
			splitCompany, results.Below, denseCompany, "this project's measure of systematicity for networks that are not linear",
			"share of a digit's outputs that changes with the digits beside it: highest of split against lowest of dense"),
	}
}

// ImageFigures draws networks of the kind images, recorded at every epoch: the errors of
// both parts of the label, on training and on test images, as the paper does; the shares
// of digits and numbers that are named; and what a digit's outputs depend on. Runs that
// diverged are left out where others did not.
func ImageFigures(t *Table) []figure.Figure {
	panel := func(title, label, column string) figure.Panel {
		p := figure.Panel{Title: title, XLabel: "epoch", YLabel: label}
		for i, runs := range t.Settings() {
			name := shortened(runs[0].Text("arch"), i)
			converged := slices.DeleteFunc(slices.Clone(runs), func(r Run) bool { return r.Diverged })
			if diverged := len(runs) - len(converged); diverged > 0 && len(converged) > 0 {
				name += fmt.Sprintf(", %d of %d diverged", diverged, len(runs))
				runs = converged
			}
			band := newSeedBand(runs, metric(column))
			if len(band.steps) > 1 {
				epoch := band.steps[1]
				for k := range band.steps {
					band.steps[k] /= epoch
				}
			}
			p.Series = append(p.Series, band.series(name, i))
		}
		return p
	}
	return []figure.Figure{{
		Name: "cmnist-errors", Title: "Compositional MNIST: squared error", Columns: 2,
		Caption: "Squared error of the compositional and the non-compositional part of the label, divided so that the answer 0 costs 1. " +
			"Lines are means over runs, bands reach from the least to the greatest.",
		Panels: []figure.Panel{
			panel("Compositional, train", "error / digits", "train_compositional"),
			panel("Compositional, test", "error / digits", "test_compositional"),
			panel("Non-compositional, train", "error / r²", "train_non_compositional"),
			panel("Non-compositional, test", "error / r²", "test_non_compositional"),
		},
	}, {
		Name: "cmnist-accuracy", Title: "Compositional MNIST: test images named right", Columns: 2,
		Caption: "Share of test images whose digits are all named by the largest compositional outputs, and whose number is named by the largest non-compositional output.",
		Panels: []figure.Panel{
			panel("All digits", "share of images", "test_all_digits"),
			panel("The number", "share of images", "test_number"),
		},
	}, {
		Name: "cmnist-systematicity", Title: "Compositional MNIST: what a digit's outputs depend on", Columns: 3,
		Caption: "Share of a digit's outputs that changes when the digits beside it change (company) and when its own image is exchanged for another of its class (style), " +
			"and the error on trained digits in combinations that were never trained.",
		Panels: []figure.Panel{
			panel("Company", "share", "company"),
			panel("Style", "share", "style"),
			panel("New combinations", "error / digits", "recombined_compositional"),
		},
	}}
}

// shortened returns an architecture as a legend has room for it: of a long one the
// beginning, and its number.
func shortened(arch string, number int) string {
	const most = 40
	if letters := []rune(arch); len(letters) > most {
		return fmt.Sprintf("%s… (%d)", string(letters[:most-6]), number+1)
	}
	return arch
}
