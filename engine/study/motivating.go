package study

import (
	"context"
	"fmt"
	"math"
	"strings"

	"modspec/engine/dataset"
	"modspec/engine/figure"
	"modspec/engine/results"
)

var motivatingExample = Study{
	ID:    "motivating-example",
	Paper: Jarvis2023,
	Title: "What a dense network makes of unseen combinations",
	Runs: "dense network, h 50, σ 0.001, η 0.16, 500 steps, trained on the first 3 of 8 examples, tested on the other 5; " +
		"five datasets, 50 seeds each; against the minimum-norm map",
	Source: paperMotivating,
	Sweeps: []Sweep{file("motivating-example")},
	Judge: func(_ context.Context, e Evidence) (*Outcome, error) {
		all, err := motivatingResults(e.Tables["motivating-example"])
		if err != nil {
			return nil, err
		}
		return &Outcome{Claims: motivatingClaims(all), Figures: []figure.Figure{motivatingFigure(all)}}, nil
	},
}

// motivatingResult is one dataset's losses over the seeds beside the exact test
// loss of the minimum-norm map.
type motivatingResult struct {
	name        string
	point       dataset.Point
	train, test seedBand
	exact       float64 // test loss of the minimum-norm map
	tolerance   float64 // of the mean test loss over the seeds
	rounding    float64 // loss that single-precision rounding may leave
}

// motivatingResults returns the result of each dataset, in the order of the table.
func motivatingResults(t *Table) ([]motivatingResult, error) {
	var all []motivatingResult
	for _, runs := range t.Settings() {
		c, _, _, err := startOf(&runs[0])
		if err != nil {
			return nil, err
		}
		p := c.Task.Point
		least, err := newMinimumNorm(p, dataset.Whole, c.Task.Examples)
		if err != nil {
			return nil, err
		}
		width := int(runs[0].Number("hidden"))
		all = append(all, motivatingResult{
			name: blocksOf(p), point: p,
			train:     newSeedBand(runs, metric("train_loss")),
			test:      newSeedBand(runs, metric("test_loss")),
			exact:     least.loss(0, p.Outputs()),
			tolerance: least.tolerance(0, p.Outputs(), width, c.InitScale, len(runs)),
			rounding:  roundingLoss(p, width),
		})
	}
	return all, nil
}

// blocksOf names a dataset by its blocks: "Ω_x, Γ_x → Ω_y".
func blocksOf(p dataset.Point) string {
	side := func(omega, gamma int, axis string) string {
		var blocks []string
		if omega > 0 {
			blocks = append(blocks, "Ω_"+axis)
		}
		if gamma > 0 {
			blocks = append(blocks, "Γ_"+axis)
		}
		return strings.Join(blocks, ", ")
	}
	return side(p.NX(), p.KX, "x") + " → " + side(p.NY(), p.KY, "y")
}

// roundingLoss is the loss that a network in single precision may be left with
// when it has learned everything: an output is a sum of n_in products of
// sums of h products, each off by at most 2⁻²⁴ of its size, and no target is
// larger than max(1, r).
func roundingLoss(p dataset.Point, hidden int) float64 {
	largest := math.Max(1, p.R)
	each := float64(hidden+p.Inputs()) * 0x1p-24 * largest
	return float64(p.Outputs()) * each * each / 2
}

// compositional reports whether the dataset has no non-compositional block.
func (r motivatingResult) compositional() bool { return r.point.KX == 0 && r.point.KY == 0 }

// disagreement is the distance of the mean test loss from the exact one, as a
// multiple of its tolerance.
func (r motivatingResult) disagreement() float64 {
	return math.Abs(r.test.last()-r.exact) / (r.tolerance + r.rounding)
}

func motivatingClaims(all []motivatingResult) []results.Claim {
	seeds := all[0].train.seeds
	trained, rounding := 0.0, 0.0
	seen, unseen := 0.0, math.Inf(1)
	floor := math.Inf(1)
	worst, narrowest := 0.0, math.Inf(1)
	var detail []string
	for _, r := range all {
		trained, rounding = math.Max(trained, r.train.last()), math.Max(rounding, r.rounding)
		if r.compositional() {
			_, _, high := r.test.final()
			seen = math.Max(seen, high)
		} else {
			unseen = math.Min(unseen, r.test.last())
			floor = math.Min(floor, r.exact-r.tolerance)
		}
		worst = math.Max(worst, r.disagreement())
		narrowest = math.Min(narrowest, r.train.widest())
		detail = append(detail, fmt.Sprintf("%s %.6f (exact %.6f ± %.1g)", r.name, r.test.last(), r.exact, r.tolerance))
	}
	return []results.Claim{
		results.NewClaim("motivating-example/trained", "every dataset's training examples are learned",
			trained, results.AtMost, rounding, paperMotivating,
			fmt.Sprintf("largest mean training loss over %d seeds at the last step; the threshold is what single-precision rounding may leave", seeds)),
		results.NewClaim("motivating-example/compositional", "trained on three examples, the purely compositional network answers the other five",
			seen, results.AtMost, rounding, paperMotivating,
			fmt.Sprintf("largest final test loss over %d seeds of the dataset without a Γ block, whose exact test loss is 0", seeds)),
		results.NewClaim("motivating-example/others", "wherever a non-compositional block is present, unseen combinations are answered wrongly",
			unseen, results.AtLeast, floor, paperMotivating+"; "+beyondLeastNorm,
			fmt.Sprintf("smallest mean final test loss of the other datasets over %d seeds; the threshold is the smallest exact test loss less its tolerance", seeds)),
		results.NewClaim("motivating-example/minimum-norm", "the test loss is that of the minimum-norm map Y_tr X_tr⁺",
			worst, results.AtMost, 1, beyondLeastNorm,
			fmt.Sprintf("largest distance of the mean over %d seeds from the exact test loss, as a share of its tolerance (five standard errors and the mean shift of the random start): %s",
				seeds, strings.Join(detail, "; "))),
		results.NewClaim("motivating-example/spread", "different seeds give different curves, which the published script's did not",
			narrowest, results.Above, 0, beyondSeeds,
			fmt.Sprintf("range of the training loss over %d seeds at its widest step, smallest over the five datasets", seeds)),
	}
}

func motivatingFigure(all []motivatingResult) figure.Figure {
	f := figure.Figure{
		Name:    "motivating-example",
		Title:   "Dense network trained on 3 of 8 examples: loss on those and on the other 5",
		Columns: 3,
		Caption: fmt.Sprintf("Training and test loss, mean and range over %d seeds; dashed: exact test loss of the minimum-norm map. "+
			"All training examples are always learned, but only the purely compositional dataset (Ω_x → Ω_y) is also answered on examples never seen; "+
			"where the target is non-compositional alone, the test loss even rises above its start once Ω_x joins the input.", all[0].train.seeds),
	}
	for i, r := range all {
		p := figure.Panel{
			Title: r.name, XLabel: "step", YLabel: "loss", Legend: figure.NoLegend,
			XRange: &[2]float64{0, 120},
			YRange: &[2]float64{0, 3.2},
			Series: []figure.Series{
				r.train.series("training", 0), r.test.series("test", 1),
				r.test.level("minimum norm, exact", r.exact, figure.Dashed, 1),
			},
		}
		if i == 0 {
			p.Legend = figure.EmptiestCorner
		}
		f.Panels = append(f.Panels, p)
	}
	return f
}
