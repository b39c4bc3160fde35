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

// progressSeeds is how many seeds of each network the study is about.
const progressSeeds = 20

var relativeProgress = Study{
	ID:    "relative-progress",
	Paper: Jarvis2023,
	Title: "Compositional against non-compositional progress",
	Runs: fmt.Sprintf("dense, split and shallow networks in their settings of the other studies (%v, 300 steps), %d seeds each; "+
		"against discrete theory with a start for every direction", paperPoint, progressSeeds),
	Source: paperModularity + ", progress of the two output norms",
	Sweeps: progressSweeps,
	Judge: func(_ context.Context, e Evidence) (*Outcome, error) {
		var networks []progressOf
		for _, sweep := range progressSweeps {
			predictions, err := compare(e.Tables[sweep.Name].Seeds(progressSeeds))
			if err != nil {
				return nil, err
			}
			networks = append(networks, newProgress(predictions))
		}
		return &Outcome{
			Claims:  progressClaims(networks),
			Figures: []figure.Figure{progressFigure(networks)},
		}, nil
	},
}

// The networks of the study, in the order of the path's height.
const (
	splitPath = iota
	densePath
	shallowPath
	pathCount
)

var progressSweeps = []Sweep{splitPath: splitSweep, densePath: denseSweep, shallowPath: shallowSweep}

// pathColours are those that the networks have in other studies' figures.
var pathColours = [pathCount]int{densePath: 0, splitPath: 1, shallowPath: 2}

// progressOf is one network's paths, by seed.
type progressOf struct {
	name                string
	point               dataset.Point
	remainder           float64 // that theory leaves
	measured, predicted []path
}

func newProgress(predictions []comparison) progressOf {
	n := progressOf{name: predictions[0].arch.Name, point: predictions[0].point, remainder: remainderTolerance(predictions)}
	for i := range predictions {
		n.measured = append(n.measured, predictions[i].path(predictions[i].measured))
		n.predicted = append(n.predicted, predictions[i].path(predictions[i].directions))
	}
	return n
}

func progressClaims(networks []progressOf) []results.Claim {
	apart, area := 0.0, 0.0
	for _, n := range networks {
		for i := range n.measured {
			apart = math.Max(apart, n.measured[i].distance(n.predicted[i]))
		}
		area = math.Max(area, largestOf(n.measured, (*path).area))
	}
	half := func(p *path) float64 { return p.nonCompositionalAt(0.5) }
	split := largestOf(networks[splitPath].measured, half)
	leastDense, mostDense := smallestOf(networks[densePath].measured, half), largestOf(networks[densePath].measured, half)
	shallow := smallestOf(networks[shallowPath].measured, half)
	slope := carriedSlope(networks[densePath].point)
	off := largestOf(networks[densePath].measured, func(p *path) float64 { return p.offLine(slope) })
	over := fmt.Sprintf("over %d seeds", len(networks[densePath].measured))
	return []results.Claim{
		results.NewClaim("relative-progress/theory",
			"theory predicts the paths of all three networks",
			apart, results.AtMost, networks[splitPath].remainder, beyondDirections,
			"largest distance of measured from predicted progress along either axis at any step, as a share of the final norm, "+over+fmt.Sprintf(" of each network; the threshold is the remainder of the split network, the largest of the three, exceeded with probability %g", chance)),
		results.NewClaim("relative-progress/split",
			"in the split network the non-compositional output waits: it has hardly begun when the compositional is half learned",
			split, results.AtMost, splitHalfTolerance, paperModularity,
			"non-compositional progress when the compositional reaches one half, largest "+over),
		results.NewClaim("relative-progress/dense",
			"in the dense network mode 1 carries the non-compositional output along: the path is its straight line until the compositional output is learned",
			off, results.AtMost, lineTolerance, paperDynamics,
			fmt.Sprintf("largest |y/(s·x) − 1| for compositional progress x from %g to %g, with s = %.4g from theory, %s", lineFrom, lineTo, slope, over)),
		results.NewClaim("relative-progress/order",
			"the two outputs are least apart in the shallow network and most in the split one, with the dense between them",
			math.Min(leastDense-split, shallow-mostDense), results.Above, 0, paperModularity,
			fmt.Sprintf("smallest gap, between any two seeds, of the non-compositional progress at compositional one half: at most %.3g in split, %.3g to %.3g in dense, at least %.3g in shallow", split, leastDense, mostDense, shallow)),
		results.NewClaim("relative-progress/diagonal",
			"in every network the compositional output leads: all paths lie below the diagonal",
			area, results.Below, 0.5, paperModularity,
			"largest area between a path and the compositional axis, "+over+" of each network; the diagonal has ½"),
	}
}

// splitHalfTolerance is a convention, 1 % for "hardly begun", with a margin of
// three over the prediction from mean starts. When mode 1 of Ω_y's module,
// from a(0) = hσ²/2 = 10⁻⁴, reaches half of a = 0.85, mode 2 of Γ_y's module has
// grown to a(0)·(a/a(0))^{λ2/λ1} = 10⁻⁴·8530^{0.354} = 0.0025; times √3
// directions and over the final norm 1.39 that is 0.0031.
const splitHalfTolerance = 0.01

// carriedSlope returns the slope s = (‖→Γ_y‖/‖→Ω_y‖ of mode 1) over (‖→Γ_y‖/‖→Ω_y‖
// of the whole final map): the path y = s·x of a network that has learned mode 1
// alone. Mode 1's own ratio is √((1−c_y)/c_y) = √(k_y r²/P).
func carriedSlope(p dataset.Point) float64 {
	final := theory.FinalQuadrants(p, dataset.Whole)
	ratio := math.Sqrt(float64(p.KY) * p.R * p.R / float64(p.Examples()))
	return ratio * final.Compositional() / final.NonCompositional()
}

// The dense network's line is measured between these shares of compositional
// progress. Below, the map is noise of the initial weights: the part of W2
// across u (in the plane of a bit's Ω_y and Γ_y parts) gives the map √a·σ·N(0,1)
// there, a share √(c_y/(1−c_y))·σ/√a of what mode 1 puts into Γ_y; at x = 0.05,
// a = 0.045, that is 0.0027. lineTolerance is four standard deviations of it,
// and once more for the like from W1. At x = 0.99 modes 2 and 3 have still not
// passed 10⁻³.
const (
	lineFrom, lineTo = 0.05, 0.99
	lineTolerance    = 0.02
)

// offLine returns the largest distance of y/(s·x) from 1 between lineFrom and
// lineTo.
func (p path) offLine(slope float64) float64 {
	largest := 0.0
	for i, x := range p.compositional {
		if x >= lineFrom && x <= lineTo {
			largest = math.Max(largest, math.Abs(p.nonCompositional[i]/(slope*x)-1))
		}
	}
	return largest
}

func progressFigure(networks []progressOf) figure.Figure {
	panel := figure.Panel{
		XLabel: "compositional progress", YLabel: "non-compositional progress",
		Series: []figure.Series{{Label: "diagonal", X: []float64{0, 1}, Y: []float64{0, 1}, Style: figure.Dotted, Color: pathCount}},
	}
	for k, n := range networks {
		panel.Series = append(panel.Series,
			figure.Series{Label: n.name, X: n.measured[0].compositional, Y: n.measured[0].nonCompositional, Color: pathColours[k]},
			figure.Series{X: n.predicted[0].compositional, Y: n.predicted[0].nonCompositional, Style: figure.Dashed, Color: pathColours[k]})
	}
	return figure.Figure{
		Name:  "relative-progress",
		Title: "Relative progress: simulation (solid), theory (dashed)",
		Caption: fmt.Sprintf("Norm of the map onto Γy against the norm of the map onto Ωy, each as a share of its final value, for seed 0 on %v. "+
			"The split network learns the two one after the other; in the dense network mode 1 carries a part of Γy along with Ωy, a straight line of slope %.2f; the shallow network learns them most nearly together.",
			networks[densePath].point, carriedSlope(networks[densePath].point)),
		Panels: []figure.Panel{panel},
	}
}

// A path is how far a network has come at each step, as shares of its final
// norms: 0 is the start, 1 the end of learning.
type path struct {
	compositional    []float64 // norm of the map onto Ω_y
	nonCompositional []float64 // norm of the map onto Γ_y
}

// path returns the path of the simulation or of a prediction. Final norms are those of
// theory, so that measured and predicted paths have one unit.
func (pr *comparison) path(samples []prediction.Sample) path {
	var p path
	for _, s := range samples {
		p.compositional = append(p.compositional, s.Quadrants.Compositional()/pr.final.Compositional())
		p.nonCompositional = append(p.nonCompositional, s.Quadrants.NonCompositional()/pr.final.NonCompositional())
	}
	return p
}

// nonCompositionalAt returns the non-compositional progress at the moment when the
// compositional first reaches a level, between steps by linear interpolation.
func (p path) nonCompositionalAt(level float64) float64 {
	for i, x := range p.compositional {
		if x < level {
			continue
		}
		if i == 0 {
			return p.nonCompositional[0]
		}
		share := (level - p.compositional[i-1]) / (x - p.compositional[i-1])
		return p.nonCompositional[i-1] + share*(p.nonCompositional[i]-p.nonCompositional[i-1])
	}
	return math.NaN()
}

// area returns the area between the path and the compositional axis: ½ where
// both progress together, less where the compositional leads.
func (p path) area() float64 {
	sum := 0.0
	for i := 1; i < len(p.compositional); i++ {
		sum += (p.compositional[i] - p.compositional[i-1]) * (p.nonCompositional[i] + p.nonCompositional[i-1]) / 2
	}
	return sum
}

// distance returns the largest distance between two paths of the same steps,
// along either axis.
func (p path) distance(o path) float64 {
	if len(p.compositional) != len(o.compositional) {
		return math.NaN()
	}
	largest := 0.0
	for i := range p.compositional {
		largest = math.Max(largest, math.Abs(p.compositional[i]-o.compositional[i]))
		largest = math.Max(largest, math.Abs(p.nonCompositional[i]-o.nonCompositional[i]))
	}
	return largest
}
