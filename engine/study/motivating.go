package study

import (
	"context"
	"fmt"
	"math"
	"strings"

	"modspec/engine/dataset"
	"modspec/engine/figure"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/results"
)

const (
	motivatingSeeds = 50
	motivatingScale = 0.001
	motivatingTrain = 3 // the first 3 of 8 examples; the other 5 are the test
	motivatingSteps = 500
)

var motivatingExample = Study{
	ID:    "motivating-example",
	Paper: Jarvis2023,
	Title: "What a dense network makes of unseen combinations",
	Runs: fmt.Sprintf("dense network, h %d, σ %g, η 0.16, %d steps, trained on the first %d of 8 examples, tested on the other 5; "+
		"five datasets, %d seeds each; against the minimum-norm map", hidden, motivatingScale, motivatingSteps, motivatingTrain, motivatingSeeds),
	Source: paperMotivating,
	Run: func(ctx context.Context, backend linear.Backend) (*Outcome, error) {
		return runMotivatingExample(ctx, backend, motivatingSeeds)
	},
}

// motivatingPoints are the five datasets, in the paper's order.
var motivatingPoints = []struct {
	name  string
	point dataset.Point
}{
	{"Γ_x → Γ_y", dataset.NewPoint(3, 0, 0, 1, 1, 2)},
	{"Ω_x, Γ_x → Γ_y", dataset.NewPoint(3, 3, 0, 1, 1, 2)},
	{"Ω_x → Ω_y", dataset.NewPoint(3, 3, 2, 0, 0, 1)}, // no Γ block, so r is without meaning
	{"Ω_x, Γ_x → Ω_y", dataset.NewPoint(3, 3, 2, 1, 0, 2)},
	{"Ω_x, Γ_x → Ω_y, Γ_y", dataset.NewPoint(3, 3, 2, 1, 1, 2)},
}

func runMotivatingExample(ctx context.Context, backend linear.Backend, seeds int) (*Outcome, error) {
	var all []motivatingResult
	for _, s := range motivatingPoints {
		r, err := runMotivatingSetting(ctx, backend, s.name, s.point, seeds)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		all = append(all, r)
	}
	return &Outcome{Claims: motivatingClaims(all), Figures: []figure.Figure{motivatingFigure(all)}}, nil
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

func runMotivatingSetting(ctx context.Context, backend linear.Backend, name string, p dataset.Point, seeds int) (motivatingResult, error) {
	examples, err := p.FirstExamples(motivatingTrain)
	if err != nil {
		return motivatingResult{}, err
	}
	runs, err := setting{
		arch: network.Dense(hidden), task: &linear.Task{Point: p, Examples: examples},
		eta: eta(p, 0.02), scale: motivatingScale, steps: motivatingSteps, every: 2,
	}.run(ctx, backend, seeds)
	if err != nil {
		return motivatingResult{}, err
	}
	least, err := newMinimumNorm(p, dataset.Whole, examples)
	if err != nil {
		return motivatingResult{}, err
	}
	return motivatingResult{
		name: name, point: p,
		train:     newSeedBand(runs, func(o linear.Observation) float64 { return o.Train.Total }),
		test:      newSeedBand(runs, func(o linear.Observation) float64 { return o.Test.Total }),
		exact:     least.loss(0, p.Outputs()),
		tolerance: least.tolerance(0, p.Outputs(), hidden, motivatingScale, seeds),
		rounding:  roundingLoss(p),
	}, nil
}

// roundingLoss is the loss that a network in single precision may be left with
// when it has learned everything: an output is a sum of n_in products of
// sums of h products, each off by at most 2⁻²⁴ of its size, and no target is
// larger than max(1, r).
func roundingLoss(p dataset.Point) float64 {
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
			seen = math.Max(seen, r.test.high[len(r.test.high)-1])
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
