package study

import (
	"context"
	"fmt"
	"math"

	"modspec/engine/dataset"
	"modspec/engine/figure"
	"modspec/engine/kind/linear/prediction"
	"modspec/engine/results"
	"modspec/engine/theory"
)

var splitDynamics = Study{
	ID:    "split-dynamics",
	Paper: Jarvis2023,
	Title: "Learning dynamics and quadrant norms of the split network",
	Runs: fmt.Sprintf("split network, %v, h 50 in each of two modules, σ 0.1/50, η 0.16, 300 steps, 20 seeds; "+
		"against discrete theory with a(0) computed from the initial weights; one dense network (σ 0.01/50) beside it for its systematicity",
		paperPoint),
	Source: paperModularity + ", outputs partitioned",
	Sweeps: []Sweep{splitSweep, denseSweep},
	Judge: func(_ context.Context, e Evidence) (*Outcome, error) {
		predictions, err := compare(e.Tables[splitSweep.Name])
		if err != nil {
			return nil, err
		}
		dense, err := compare(e.Tables[denseSweep.Name].Seeds(1))
		if err != nil {
			return nil, err
		}
		return &Outcome{
			Claims:  splitClaims(predictions, theory.Systematicity(predictions[0].point, dataset.Whole)),
			Figures: []figure.Figure{splitFigure(&predictions[0], &dense[0])},
		}, nil
	},
}

// splitClaims judges the predictions; exact is the systematicity of the dense
// network.
func splitClaims(predictions []comparison, exact float64) []results.Claim {
	mean := 0.0
	for i := range predictions {
		mean += predictions[i].modeDeviation(predictions[i].byMode) / float64(len(predictions))
	}
	mode1, scale := predictions[0].theory.Modes[0].Mode, predictions[0].scale
	over := fmt.Sprintf("over %d seeds", len(predictions))
	return []results.Claim{
		results.NewClaim("split-dynamics/deviation",
			"discrete, parameter-free theory follows every mode of both modules through the whole of training",
			mean, results.AtMost, byModeTolerance, paperModularity,
			"largest deviation of any mode at any step as a share of its asymptote, mean "+over+"; one a(0) a mode"),
		results.NewClaim("split-dynamics/directions",
			"a start of its own for every direction makes the theory of the modes exact to its known remainder",
			largestOf(predictions, func(pr *comparison) float64 { return pr.modeDeviation(pr.directions) }),
			results.AtMost, remainderTolerance(predictions), beyondDirections,
			"the same with an a(0) for each direction of each mode, largest "+over+fmt.Sprintf("; the threshold is the remainder that theory names, exceeded with probability %g", chance)),
		results.NewClaim("split-dynamics/quadrants",
			"theory follows all four quadrant norms to the noise of the initial weights",
			largestOf(predictions, directionQuadrants), results.AtMost, startNoise(mode1, scale),
			paperModularity,
			"largest deviation of any quadrant norm at any step as a share of its final value, "+over),
		results.NewClaim("split-dynamics/times",
			"the modules learn one after the other: when the map onto Ωy has 99 % of its norm, the map onto Γy has hardly begun",
			largestOf(predictions, func(pr *comparison) float64 { return pr.path(pr.measured).nonCompositionalAt(0.99) }),
			results.AtMost, splitTimesTolerance, paperModularity,
			"norm of the map onto Γy as a share of its final value at that moment, largest "+over),
		results.NewClaim("split-dynamics/systematicity",
			"splitting leaves systematicity where the dense network has it, at P/(P + k_x r²), from a tenth of the answer's norm on",
			largestOf(predictions, func(pr *comparison) float64 { return pr.systematicityDeviation(exact) }),
			results.AtMost, systematicityNoise(mode1, predictions[0].point, scale, measuredFrom), paperModularity,
			fmt.Sprintf("largest distance of S from %.4g after the map onto Ωy has a tenth of its final norm, %s", exact, over)),
	}
}

// splitTimesTolerance is a convention, 3 % for "hardly begun", with a margin of two
// over the prediction from mean starts. When mode 1 of Ω_y's module has
// come to 99 %, ln(99·a/a(0)) = 13.6 of its e-folding times have passed; mode 2
// of Γ_y's module has grown for 0.354 (its share of λ) of that and is near 0.012.
// Times √3 directions and over the final norm 1.39 that is 0.015. Seeds
// spread around it: by 12 % for the start of mode 2 (150 squares) and by
// 0.354 · 20 % for that of mode 1 (50 squares), 14 % together.
const splitTimesTolerance = 0.03

// measuredFrom is the share of the final norm of the map onto Ω_y from which on
// systematicity is measured; before, the map is noise of the initial weights.
const measuredFrom = 0.1

// systematicityNoise bounds what the initial weights do to systematicity while
// a mode's strength a is at least the given share of its asymptote. The
// untrained direction of startNoise, b = √a·σ·N(0,1), turns c·a² into
// c·a² ± 2ab√(c(1−c)), so S by 2√(c(1−c))·σ/√a times a normal, here taken at four
// standard deviations; the other n_in directions add σ²·n_in/a in second order.
func systematicityNoise(m theory.Mode, p dataset.Point, sigma, share float64) float64 {
	c, a := m.InputShare, share*m.Asymptote()
	return 4*2*math.Sqrt(c*(1-c)/a)*sigma + sigma*sigma*float64(p.Inputs())/a
}

// systematicityDeviation returns the largest distance of S from its exact value
// at any step from measuredFrom on.
func (pr *comparison) systematicityDeviation(exact float64) float64 {
	largest, progress := 0.0, pr.path(pr.measured).compositional
	for i, m := range pr.measured {
		if progress[i] >= measuredFrom {
			largest = math.Max(largest, math.Abs(m.Quadrants.Systematicity()-exact))
		}
	}
	return largest
}

func splitFigure(split, dense *comparison) figure.Figure {
	exact := theory.Systematicity(split.point, dataset.Whole)
	modes := modePanel("mode strengths", split, split.directions)
	for k, label := range []string{"mode 1 (Ωy)", "mode 2 (Γy)", "mode 3 (Γy)"} {
		modes.Series[2*k].Label = label // every mode has two series, the first labelled
	}
	modes.YRange, modes.Legend = &[2]float64{-0.05, 1.5}, figure.TopRight // above the curves
	norms := quadrantPanel("quadrant norms", split, split.directions)
	norms.Legend = figure.TopLeft // between two reference levels
	systematicity := figure.Panel{Title: "systematicity", XLabel: "step", YLabel: "S",
		XRange: &[2]float64{0, 60}, YRange: &[2]float64{0, 1}} // it does not move after step 30
	steps := values(split.measured, stepOf)
	systematicity.Series = append(systematicity.Series, figure.Series{
		Label: "P/(P + k_x r²)", X: []float64{0, steps[len(steps)-1]}, Y: []float64{exact, exact}, Style: figure.Dotted, Color: 2})
	for k, pr := range []*comparison{dense, split} {
		systematicity.Series = append(systematicity.Series, figure.Series{
			Label: []string{"dense", "split"}[k], X: steps, Color: k,
			Y: values(pr.measured, func(s prediction.Sample) float64 { return s.Quadrants.Systematicity() })})
	}
	return figure.Figure{
		Name:  "split-dynamics",
		Title: "Split network: simulation (solid) and theory (dashed)",
		Caption: fmt.Sprintf("One split network (seed 0) on %v, with nothing fitted. The module of Ωy is done before the module of Γy sets out, "+
			"but both read all of x. Once the map onto Ωy has grown out of its starting noise, its systematicity is that of the dense network.", split.point),
		Panels: []figure.Panel{modes, norms, systematicity},
	}
}
