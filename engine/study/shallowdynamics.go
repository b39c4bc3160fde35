package study

import (
	"context"
	"fmt"
	"math"

	"modspec/engine/figure"
	"modspec/engine/kind/linear/prediction"
	"modspec/engine/results"
	"modspec/engine/theory"
)

var shallowDynamics = Study{
	ID:    "shallow-dynamics",
	Paper: Jarvis2023,
	Title: "Learning dynamics of the shallow network",
	Runs: fmt.Sprintf("shallow network, %v, σ 0.01/50, η 0.04, 300 steps, 20 seeds; "+
		"against discrete and continuous theory with a(0) = uᵀW(0)v; the claim of exactness needs a backend that trains in float64",
		paperPoint),
	Source: paperDynamics + ", shallow network",
	Sweeps: []Sweep{shallowSweep},
	Judge: func(_ context.Context, e Evidence) (*Outcome, error) {
		predictions, err := compare(e.Tables[shallowSweep.Name])
		if err != nil {
			return nil, err
		}
		claims, continuous, err := shallowClaims(predictions)
		if err != nil {
			return nil, err
		}
		return &Outcome{Claims: claims, Figures: []figure.Figure{shallowFigure(&predictions[0], continuous)}}, nil
	},
}

// shallowClaims also returns seed 0 in continuous time.
func shallowClaims(predictions []comparison) ([]results.Claim, []prediction.Sample, error) {
	continuous := make([][]prediction.Sample, len(predictions))
	flow := 0.0
	for i := range predictions {
		var err error
		if continuous[i], err = predictions[i].trajectory(predictions[i].means, prediction.Continuous); err != nil {
			return nil, nil, err
		}
		flow = math.Max(flow, predictions[i].modeDeviation(continuous[i]))
	}
	h := predictions[0].eta * predictions[0].theory.Modes[0].InputEigenvalue
	over := fmt.Sprintf("over %d seeds", len(predictions))
	return []results.Claim{
		results.NewClaim("shallow-dynamics/exact",
			"discrete theory of the shallow network is exact",
			largestOf(predictions, func(pr *comparison) float64 { return pr.modeDeviation(pr.byMode) }), results.AtMost, exactTolerance, beyondDiscrete,
			"largest deviation of any mode at any step as a share of its asymptote, "+over),
		results.NewClaim("shallow-dynamics/continuous",
			"continuous time is off by ηδ/(2e) of the asymptote, as its first-order remainder says",
			math.Abs(flow/(h/(2*math.E))-1), results.AtMost, h, beyondDiscrete,
			fmt.Sprintf("continuous theory deviates by %.3g of the asymptote %s, against ηδ/(2e) = %.3g for modes 1 and 2; |ratio − 1| at most ηδ", flow, over, h/(2*math.E))),
		results.NewClaim("shallow-dynamics/times",
			"modes 1 and 2 share their input and are learned at the same time, however different their singular values",
			largestOf(predictions, func(pr *comparison) float64 { return pr.halfStepDistance(0, 1) }), results.AtMost, halfStepTolerance,
			paperDynamics+", t½ = ln 2/(ηδ)",
			fmt.Sprintf("largest distance in steps between their halves of the asymptote, %s; t½ is %.1f steps", over, math.Ln2/h)),
	}, continuous[0], nil
}

// The remainder behind shallow-dynamics/continuous: (1−h)^t = e^{−x(1 + h/2 + h²/3 + …)}
// with h = ηδ and x = ht lies below e^{−x} by (h/2)·x·e^{−x} to first order, which
// is largest, h/(2e), at x = 1. The next order changes that by 0.42·h of itself.

// exactTolerance bounds rounding alone. A step adds to a weight a sum over
// n_in = 27 inputs, rounded to 27·u of it with u = 2⁻⁵³; 300 steps that forgot
// nothing would gather 300·27·u = 9·10⁻¹³. A strength is a projection with up to
// √(n_out·n_in) = 16 times that in the worst case, and the weakest asymptote is
// 0.3: 5·10⁻¹¹ of it. Twice that is allowed.
const exactTolerance = 1e-10

// halfStepTolerance bounds what the starts do to the half steps of modes 1 and 2.
// A start moves the half by (a(0)/a)/(ηδ) steps, where a(0) is normal with
// standard deviation σ for mode 1 (a = 0.90) and σ/√2 for mode 2, the mean of two
// directions (a = 0.30): at four standard deviations 0.016 and 0.034 steps.
// The rest is the linear interpolation between steps, whose error (ηδ)²/16 is
// the same for both.
const halfStepTolerance = 0.05

// halfStepDistance returns how many steps lie between two modes' halves of their
// asymptotes.
func (pr *comparison) halfStepDistance(a, b int) float64 {
	half := func(k int) float64 {
		var steps []int
		for _, m := range pr.measured {
			steps = append(steps, m.Step)
		}
		return theory.HalfStep(steps, values(pr.measured, func(s prediction.Sample) float64 { return s.Modes[k] }), pr.theory.Modes[k].Asymptote())
	}
	return math.Abs(half(a) - half(b))
}

func shallowFigure(pr *comparison, continuous []prediction.Sample) figure.Figure {
	left := modePanel("discrete time", pr, pr.byMode)
	right := modePanel("continuous time", pr, continuous)
	// One range with room for the legend, so that the panels line up.
	left.YRange, right.YRange = &[2]float64{-0.05, 1.5}, &[2]float64{-0.05, 1.5}
	left.Legend, right.Legend = figure.TopRight, figure.NoLegend
	return figure.Figure{
		Name:  "shallow-dynamics",
		Title: "Shallow network: mode strengths, simulation (solid) and theory (dashed)",
		Caption: fmt.Sprintf("Mode strengths of one shallow network (seed 0) on %v. Discrete theory is exact; continuous time lags by at most %.1f %% of the asymptote. "+
			"Modes 1 and 2 rise together: without a hidden layer only the input's δ sets the pace.", pr.point, 100*pr.modeDeviation(continuous)),
		Panels: []figure.Panel{left, right},
	}
}
