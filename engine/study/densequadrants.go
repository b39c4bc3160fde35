package study

import (
	"context"
	"fmt"
	"math"

	"modspec/engine/dataset"
	"modspec/engine/figure"
	"modspec/engine/results"
	"modspec/engine/theory"
)

// quadrantSeeds is how many of the dense network's seeds the study is about.
const quadrantSeeds = 20

var denseQuadrants = Study{
	ID:    "dense-quadrants",
	Paper: Jarvis2023,
	Title: "Quadrant norms of the dense network",
	Runs: fmt.Sprintf("dense network, %v, h 50, σ 0.01/50, η 0.16, 300 steps, %d seeds; "+
		"against discrete theory with a(0) computed from the initial weights, one a mode and one a direction",
		paperPoint, quadrantSeeds),
	Source: paperDynamics + ", norms of the four quadrants",
	Sweeps: []Sweep{denseSweep},
	Judge: func(_ context.Context, e Evidence) (*Outcome, error) {
		predictions, err := compare(e.Tables[denseSweep.Name].Seeds(quadrantSeeds))
		if err != nil {
			return nil, err
		}
		return &Outcome{
			Claims:  denseQuadrantClaims(predictions),
			Figures: []figure.Figure{denseQuadrantsFigure(predictions)},
		}, nil
	},
}

func denseQuadrantClaims(predictions []comparison) []results.Claim {
	over := fmt.Sprintf("over %d seeds", len(predictions))
	return []results.Claim{
		results.NewClaim("dense-quadrants/deviation",
			"discrete, parameter-free theory follows all four quadrant norms through the whole of training",
			largestOf(predictions, byModeQuadrants), results.AtMost, byModeTolerance, paperDynamics+"; "+beyondDiscrete,
			"largest deviation of any quadrant norm at any step as a share of its final value, "+over+"; one a(0) a mode"),
		results.NewClaim("dense-quadrants/directions",
			"a start of its own for every direction makes the theory of the quadrant norms exact to the noise of the initial weights",
			largestOf(predictions, directionQuadrants), results.AtMost, startNoise(predictions[0].theory.Modes[0].Mode, predictions[0].scale), beyondDirections,
			"the same with an a(0) for each direction of each mode, "+over),
		results.NewClaim("dense-quadrants/final",
			"training ends at the asymptotic formulas of the quadrant norms",
			largestOf(predictions, (*comparison).finalDeviation), results.AtMost, finalTolerance(predictions), paperDynamics,
			"largest deviation of any quadrant norm at the last step as a share of its formula, "+over),
	}
}

// byModeTolerance bounds what one start a mode leaves out (see
// prediction.Predictor.Starts) in the paper's dense and split settings. A start that is too large by a
// factor e^ε is early by ε/(2ηλ) steps, and a logistic curve's steepest slope is
// a·ηλ/2 a step: an error of ε/4. For mode 3 (m = 5, h = 50) ε has two parts: what
// it shares with the m' = 3 stronger directions, m'/h = 0.06 ± √(2m'/m)/h = 0.022
// over seeds; and the logarithm of the mean of its own spread starts over the
// mean of their logarithms, m/(2h) = 0.05. At three standard deviations that is
// ε = 0.18, an error of 0.045. That is the derivation for one seed; the bound
// itself is a convention, the 6 % that the mean over seeds is required to keep
// and that the quadrants are held to seed by seed. What it leaves over, a third
// of the 0.045, covers the spread's own variation and curvature.
const byModeTolerance = 0.06

// startNoise is how far quadrant norms may lie from theory because of parts of the
// initial weights that are in no mode. The first-order one stays in the map for
// good: in the plane of a bit's Ω_x and Γ_x parts, the direction orthogonal to v
// is never trained, and the hidden direction of a mode of strength a gives it
// the weight b = √a·σ·N(0,1). The parts of the mode in Ω_x and Γ_x are a√c and
// a√(1−c); b adds ∓b√(1−c) and ±b√c to them, which is largest for Γ_x, a share
// σ√(c/(1−c))/√a of it. The bound is at four standard deviations: over 20 seeds
// no draw beyond is to be expected (20 · 6·10⁻⁵).
func startNoise(m theory.Mode, sigma float64) float64 {
	c := m.InputShare
	return 4 * sigma * math.Sqrt(c/(1-c)/m.Asymptote())
}

// finalTolerance is startNoise, 0.0014, and what mode 3, the slowest, still lacks at
// the last step from the least of its starts: 5·10⁻⁴ from the mean start, about
// four times that from the least of 20 seeds.
func finalTolerance(predictions []comparison) float64 {
	pr := &predictions[0]
	modes, stronger := theory.Modes(pr.point, dataset.Whole), 0
	last := len(modes) - 1
	for _, m := range modes[:last] {
		stronger += m.Multiplicity
	}
	start := leastStart(pr.arch.Modules[0].Hidden[0], stronger, modes[last].Multiplicity, pr.scale, len(predictions))
	steps := pr.steps()
	end := theory.DeepSteps(modes[last], pr.eta, start, 1, steps)[steps]
	return startNoise(modes[0], pr.scale) + 1 - end/modes[last].Asymptote()
}

// denseQuadrantsFigure draws one seed's quadrant norms under both theories.
func denseQuadrantsFigure(predictions []comparison) figure.Figure {
	pr := &predictions[0]
	left := quadrantPanel("one start for each mode", pr, pr.byMode)
	right := quadrantPanel("one start for each direction", pr, pr.directions)
	left.Legend, right.Legend = figure.TopLeft, figure.NoLegend
	return figure.Figure{
		Name:  "dense-quadrants",
		Title: "Dense network: quadrant norms, simulation (solid) and theory (dashed)",
		Caption: fmt.Sprintf("Frobenius norms of the four quadrants of the map of one dense network (seed 0) on %v, with asymptotic formulas dotted; nothing is fitted. "+
			"Left: discrete theory with the mean start of each mode (within %.1f %% of the final norm over %d seeds). Right: with a start for each direction of a mode (%.2f %%).",
			pr.point, 100*largestOf(predictions, byModeQuadrants), len(predictions), 100*largestOf(predictions, directionQuadrants)),
		Panels: []figure.Panel{left, right},
	}
}
