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

var denseDynamics = Study{
	ID:    "dense-dynamics",
	Paper: Jarvis2023,
	Title: "Learning dynamics of the dense network",
	Runs: fmt.Sprintf("dense network, %v, h 50, σ 0.01/50, η 0.16, 300 steps, 50 seeds; "+
		"against continuous theory with a fitted a(0), and against discrete theory with a(0) computed from the initial weights",
		paperPoint),
	Source: paperDynamics + ", deep network",
	Sweeps: []Sweep{denseSweep},
	Judge: func(_ context.Context, e Evidence) (*Outcome, error) {
		predictions, err := compare(e.Tables[denseSweep.Name])
		if err != nil {
			return nil, err
		}
		fits := make([]fit, len(predictions))
		for i := range predictions {
			if fits[i], err = predictions[i].fit(); err != nil {
				return nil, err
			}
		}
		return &Outcome{
			Claims:  denseClaims(predictions, fits),
			Figures: []figure.Figure{denseFigure(&predictions[0], fits[0])},
		}, nil
	},
}

func denseClaims(predictions []comparison, fits []fit) []results.Claim {
	closer, mean := 0, 0.0
	seeds := float64(len(predictions))
	for i := range predictions {
		deviation := predictions[i].modeDeviation(predictions[i].byMode)
		if deviation < fits[i].deviation {
			closer++
		}
		mean += deviation / seeds
	}
	return []results.Claim{
		results.NewClaim("dense-dynamics/closer",
			"discrete, parameter-free theory is closer to the simulation than continuous theory with a fitted a(0)",
			float64(closer)/seeds, results.AtLeast, closerShare, beyondDiscrete,
			fmt.Sprintf("share of %d seeds; the a(0) of continuous theory fitted to each seed's own curves so that its largest deviation is least", len(predictions))),
		results.NewClaim("dense-dynamics/deviation",
			"discrete, parameter-free theory follows every mode through the whole of training",
			mean, results.AtMost, byModeTolerance, beyondDiscrete,
			fmt.Sprintf("largest deviation of any mode at any step as a share of its asymptote, mean over %d seeds; one a(0) a mode", len(predictions))),
		results.NewClaim("dense-dynamics/directions",
			"a start of its own for every direction makes the theory of the modes exact to its known remainder",
			largestOf(predictions, func(pr *comparison) float64 { return pr.modeDeviation(pr.directions) }),
			results.AtMost, remainderTolerance(predictions), beyondDirections,
			fmt.Sprintf("the same with an a(0) for each direction of each mode, largest over %d seeds; the threshold is the remainder that theory names, exceeded with probability %g", len(predictions), chance)),
	}
}

// closerShare is a convention: theory without a free parameter must win in nearly
// every seed, where the fit may choose a(0) for each seed anew.
const closerShare = 0.9

// A fit is continuous theory with the one a(0) for all modes that follows a
// simulation best.
type fit struct {
	start     float64
	deviation float64
	samples   []prediction.Sample
}

// fit returns the a(0) between 10⁻⁹ and 10⁻³ that makes the largest deviation of
// any mode at any step least: the best of a grid of a hundredth of a decade. A
// grid step moves a mode by ln(10)/100/(2ηλ) steps of time, under 0.6 % of the
// asymptote at the curve's steepest, where its slope is ηλ/2 a step.
func (pr *comparison) fit() (fit, error) {
	best := fit{deviation: math.Inf(1)}
	for e := -900; e <= -300; e++ {
		start := math.Pow(10, float64(e)/100)
		starts := make([]float64, len(pr.theory.Modes))
		for i := range starts {
			starts[i] = start
		}
		samples, err := pr.trajectory(prediction.EachMode(starts), prediction.Continuous)
		if err != nil {
			return best, err
		}
		if d := pr.modeDeviation(samples); d < best.deviation {
			best = fit{start, d, samples}
		}
	}
	return best, nil
}

func denseFigure(pr *comparison, f fit) figure.Figure {
	fitted := modePanel("continuous time, a(0) fitted", pr, f.samples)
	discrete := modePanel("discrete time, no free parameter", pr, pr.byMode)
	directions := modePanel("the same, a start for each direction", pr, pr.directions)
	discrete.Legend, directions.Legend = figure.NoLegend, figure.NoLegend
	return figure.Figure{
		Name:  "dense-dynamics",
		Title: "Dense network: mode strengths, simulation (solid) and theory (dashed)",
		Caption: fmt.Sprintf("Mode strengths of one dense network (seed 0) on %v. Left: continuous theory with one a(0) = %.2g fitted to these curves; its largest deviation is %.1f %% of the asymptote. "+
			"Middle: discrete theory with a(0) computed from the initial weights, nothing fitted (%.1f %%). Right: the same with a(0) for each direction of each mode (%.3f %%).",
			pr.point, f.start, 100*f.deviation, 100*pr.modeDeviation(pr.byMode), 100*pr.modeDeviation(pr.directions)),
		Panels: []figure.Panel{fitted, discrete, directions},
	}
}

// modeLabel names a mode in a legend.
func modeLabel(m theory.Mode) string {
	switch m.Kind {
	case theory.Asked:
		return "mode 1"
	case theory.LeftOut:
		return "mode 2"
	case theory.Other:
		return "mode 3"
	}
	return m.Kind.String()
}
