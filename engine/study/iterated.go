package study

import (
	"context"
	"fmt"
	"math"

	"modspec/engine/dataset"
	"modspec/engine/figure"
	"modspec/engine/network"
	"modspec/engine/results"
	"modspec/engine/theory"
	"modspec/engine/train"
)

// The seeds of each network: setting (a) trains for 24 times as many steps as
// (b).
const (
	iteratedSeedsA = 2
	iteratedSeedsB = 8
)

var iteratedLearning = Study{
	ID:    "iterated-learning",
	Title: "Iterated learning in linear networks",
	Runs: fmt.Sprintf("dense, split and shallow networks, each generation trained from the same starting weights on the outputs of the one before. "+
		"Setting (a): %v, η 0.008, 1250 steps (shallow 200), 10 generations, and split also with %d steps; "+
		"setting (b): %v, η 0.16 (shallow 0.04), 35 steps, 15 generations; h %d, σ 0.01/50 (split 0.1/50), %d seeds in (a) and %d in (b); "+
		"against discrete theory with a start for every direction",
		iteratedPoint(2), cutSteps, iteratedPoint(1), hidden, iteratedSeedsA, iteratedSeedsB),
	Source: "iterated learning where it can be solved; the question of Vani et al. 2021",
	Run:    runIterated,
}

// iteratedPoint is the dataset of iterated learning with a number of
// compositional outputs.
func iteratedPoint(ny int) dataset.Point { return dataset.NewPoint(3, 3, ny, 3, 1, 2) }

// cutSteps shortens setting (a) for the split network. A mode that labels of
// strength a teach for T steps comes to a/(1 + e^{L−x}) with x = 2ηδaT and
// L = ln(a/a(0)), so each generation takes a share e^{L−x} from it, and as a
// shrinks so does x: the mode lasts for about e^{x−L}/x generations from its
// first x = 2ηλT. With the 1250 steps of (a) and the larger starting weights of
// the split network (a(0) = 10⁻⁴) that is 330 generations for mode 3 and
// 51,000 for mode 2: ten generations purge nothing. At 650 steps mode 2
// (x = 11.6, L = 8.4) lasts for 2, mode 1 of Ω_y's module (x = 16.4, L = 8.8)
// for 140.
const cutSteps = 650

// The networks of the study.
const (
	denseA = iota
	splitA
	shallowA
	denseB
	splitB
	shallowB
	splitCut // split in setting (a) with cutSteps
)

// iteratedNetworks returns the networks in the order of the constants above, with
// so many seeds in settings (a) and (b).
func iteratedNetworks(seedsA, seedsB int) []iterated {
	a, b := &train.Linear{Point: iteratedPoint(2)}, &train.Linear{Point: iteratedPoint(1)}
	slow, fast := eta(a.Point, 0.001), eta(b.Point, 0.02)
	dense, split, shallow := network.Dense(hidden), network.Split(hidden), network.Shallow()
	return []iterated{
		denseA:   {setting{arch: dense, task: a, eta: slow, scale: smallScale, steps: 1250}, 10, seedsA},
		splitA:   {setting{arch: split, task: a, eta: slow, scale: splitScale, steps: 1250}, 10, seedsA},
		shallowA: {setting{arch: shallow, task: a, eta: slow, scale: smallScale, steps: 200}, 10, seedsA},
		denseB:   {setting{arch: dense, task: b, eta: fast, scale: smallScale, steps: 35}, 15, seedsB},
		splitB:   {setting{arch: split, task: b, eta: fast, scale: splitScale, steps: 35}, 15, seedsB},
		shallowB: {setting{arch: shallow, task: b, eta: eta(b.Point, 0.005), scale: smallScale, steps: 35}, 15, seedsB},
		splitCut: {setting{arch: split, task: a, eta: slow, scale: splitScale, steps: cutSteps}, 10, seedsA},
	}
}

func runIterated(ctx context.Context, backend train.Backend) (*Outcome, error) {
	networks := iteratedNetworks(iteratedSeedsA, iteratedSeedsB)
	lineages, err := runLineages(ctx, backend, networks)
	if err != nil {
		return nil, err
	}
	return &Outcome{
		Claims:  iteratedClaims(networks, lineages),
		Figures: []figure.Figure{iteratedFigure(lineages)},
	}, nil
}

// runLineages returns the lineages of networks, by network and seed.
func runLineages(ctx context.Context, backend train.Backend, networks []iterated) ([][]lineage, error) {
	lineages := make([][]lineage, len(networks))
	for k, n := range networks {
		var err error
		if lineages[k], err = n.run(ctx, backend); err != nil {
			return nil, err
		}
	}
	return lineages, nil
}

// iteratedClaims judges the lineages of the study's networks.
func iteratedClaims(networks []iterated, lineages [][]lineage) []results.Claim {
	of := func(networks ...int) (all []lineage) {
		for _, k := range networks {
			all = append(all, lineages[k]...)
		}
		return all
	}
	const source = "iterated learning, after Vani et al. 2021"
	const over = "over seeds"
	return []results.Claim{
		results.NewClaim("iterated-learning/prediction",
			"theory predicts the norms of every generation, through all ten or fifteen, from the first starting weights alone",
			largestOf(of(denseA, splitA, shallowA, denseB, shallowB), (*lineage).deviation), results.AtMost, generationTolerance, source,
			"largest difference of either output norm in any generation, as a share of the true labels' norm, "+over+" of dense and shallow (a, b) and split (a)"),
		results.NewClaim("iterated-learning/prediction-collapse",
			"theory predicts the norms while the split network's non-compositional modes collapse",
			largestOf(of(splitB, splitCut), (*lineage).deviation), results.AtMost, collapseTolerance, source,
			fmt.Sprintf("the same for split in setting (b) and in (a) cut to %d steps", cutSteps)),
		results.NewClaim("iterated-learning/kept",
			"the compositional norm is kept by dense and split networks",
			smallestOf(of(denseA, splitA, denseB, splitB, splitCut), (*lineage).compositionalKept), results.AtLeast, keptThreshold, source,
			"compositional norm of the last generation as a share of the true labels', least "+over+" and all settings"),
		results.NewClaim("iterated-learning/split-purged",
			"in setting (b) the split network ends without its non-compositional part",
			medianOf(of(splitB), (*lineage).nonCompositionalKept), results.AtMost, purgedThreshold, source,
			fmt.Sprintf("non-compositional norm of the last generation as a share of the true labels', median %s (largest %.2g); mode 2 is predicted to last for about %.0f generations, a direction with a large start for twice as many",
				over, largestOf(of(splitB), (*lineage).nonCompositionalKept), lifetime(networks[splitB], theory.LeftOut))),
		results.NewClaim("iterated-learning/split-cut-short",
			fmt.Sprintf("in setting (a) it takes generations of %d steps for the split network to end without its non-compositional part", cutSteps),
			largestOf(of(splitCut), (*lineage).nonCompositionalKept), results.AtMost, purgedThreshold, "this project; lifetime of a mode e^{x−L}/x, x = 2ηλT, L = ln(a/a(0))",
			fmt.Sprintf("the same, largest over seeds; mode 2 is predicted to last for about %.0f generations", lifetime(networks[splitCut], theory.LeftOut))),
		results.NewClaim("iterated-learning/split-not-cut",
			"at the 1250 steps of setting (a) the split network is not cut short and keeps its non-compositional part for all ten generations",
			smallestOf(of(splitA), (*lineage).nonCompositionalKept), results.AtLeast, notCutThreshold, "this project; lifetime of a mode, as above",
			fmt.Sprintf("non-compositional norm of the last generation as a share of the true labels', least %s; its modes are predicted to last for about %.0f and %.0f generations",
				over, lifetime(networks[splitA], theory.LeftOut), lifetime(networks[splitA], theory.Other))),
		results.NewClaim("iterated-learning/dense-floor",
			"the dense network cannot fall below the floor that mode 1 itself carries into Γy",
			smallestOf(of(denseA, denseB), func(l *lineage) float64 { least, _ := l.overFloor(); return least }), results.AtLeast, 1-floorNoise, source,
			"non-compositional norm over √(k_y n_y r²/(k_y r² + P))·a1 with the generation's own a1, least "+over+", generations and both settings"),
		results.NewClaim("iterated-learning/dense-ends-on-floor",
			"in setting (b) the dense network ends on that floor",
			largestOf(of(denseB), func(l *lineage) float64 { _, last := l.overFloor(); return last }), results.AtMost, 1+floorNoise, source,
			"the same in the last generation, largest "+over),
		results.NewClaim("iterated-learning/dense-keeps-mode-2",
			"in setting (a) the dense network loses mode 3 alone and ends at √(floor² + (n_x − n_y)·a2²)",
			largestOf(of(denseA), (*lineage).offModes12), results.AtMost, modes12Tolerance, "this project; lifetime of a mode, as above",
			fmt.Sprintf("|ratio − 1| in the last generation, largest %s; modes 2 and 3 are predicted to last for about %.0f and %.0f generations",
				over, lifetime(networks[denseA], theory.LeftOut), lifetime(networks[denseA], theory.Other))),
		results.NewClaim("iterated-learning/shallow",
			"the shallow network loses both parts",
			largestOf(of(shallowA, shallowB), func(l *lineage) float64 {
				return math.Max(l.compositionalKept(), l.nonCompositionalKept())
			}), results.AtMost, shallowThreshold, source,
			"either norm of the last generation as a share of the true labels', largest "+over+" and both settings"),
	}
}

// lifetime returns e^{x−L}/x for the first mode of a kind in a network: about the
// number of generations that it lasts (see cutSteps).
func lifetime(n iterated, kind theory.Kind) float64 {
	for _, module := range n.arch.Modules {
		for _, m := range theory.Modes(n.task.Point, module.View()) {
			if m.Kind == kind {
				x := 2 * n.eta * m.SingularValue * float64(n.steps)
				return math.Exp(x) * theory.MeanDeepStart(hidden, n.scale) / m.Asymptote() / x
			}
		}
	}
	return math.NaN()
}

const (
	// generationTolerance bounds two things. Deep networks: the remainder that
	// directionStarts names, (m/h)(a(0)/a')^{1−λ/λ'}, for mode 3 beside mode 2 of the
	// dense network (m = 5, a(0) = 10⁻⁶, a' = 0.45, λ/λ' = 0.77) 5·10⁻³; by the end of
	// a generation most of it has gone. Shallow networks: the starting weights that
	// are in no mode, whose block norm σ√(8·27) is 2·10⁻³ of the smallest final norm.
	generationTolerance = 0.01

	// collapseTolerance is the same remainder for the split network's a(0) = 10⁻⁴,
	// where it is 0.015, grown while a mode collapses: an error in ln a grows by
	// (1 + s·x)/(1 + s) in a generation that takes the share s/(1 + s) from the
	// mode, so by up to (1 + x)/2 = 6.8 as the mode halves (x = 12.5 in (b)).
	collapseTolerance = 0.1

	// keptThreshold leaves out what mode 1 loses in all generations together,
	// G·e^{L−x}: 0.005 for dense (b) (x = 21.7, L = 13.6, G = 15) and for split cut
	// short (x = 16.4, L = 8.8, G = 10), a few times that with a small start.
	keptThreshold = 0.98

	// purgedThreshold is well above what the starting weights alone give, mode
	// strengths a(0) = 10⁻⁴ and weights in no mode σ²√h·√(8·27) = 4·10⁻⁴, over the
	// norm 1.5. In setting (b) it is held against the median: mode 2 halves within
	// 8 generations from the mean start, but the last of its directions lasts in
	// proportion to its own start, and in about one seed of forty (10 of 400) it is
	// still there after the fifteenth.
	purgedThreshold = 0.001

	// notCutThreshold leaves out 10·e^{L−x} = 0.002 of mode 3, and as much again for
	// directions whose start is below half the mean.
	notCutThreshold = 0.99

	// floorNoise bounds what the starting weights do to the norm of mode 1 in Γ_y:
	// across u, in the plane of a bit's Ω_y and Γ_y parts, they put √a·σ·N(0,1), a
	// share σ√(P/(k_y r²))/√a1 = 3.2·10⁻⁴; four standard deviations and, in (b),
	// what modes 2 and 3 keep.
	floorNoise = 0.002

	// modes12Tolerance is floorNoise and ten generations' loss of mode 2,
	// 10·e^{L−x} = 8·10⁻⁴, up to three times that with a small start.
	modes12Tolerance = 0.005

	// shallowThreshold: T steps leave a shallow mode at q = 1 − (1−ηδ)^T of its
	// labels, so G generations at q^G. The strongest input, δ = 2.5, has q^G = 0.84 in
	// (a) and 0.68 in (b); all else loses more.
	shallowThreshold = 0.9
)

func (l lineage) last() theory.Sample { return l.measured[len(l.measured)-1] }

// compositionalKept returns the compositional norm of the last generation as a
// share of that of the true labels, and nonCompositionalKept the other.
func (l lineage) compositionalKept() float64 {
	return l.last().Quadrants.Compositional() / l.final.Compositional()
}

func (l lineage) nonCompositionalKept() float64 {
	return l.last().Quadrants.NonCompositional() / l.final.NonCompositional()
}

// floor returns √(k_y n_y r²/(k_y r² + P))·a1, what mode 1 of strength a1 puts
// into Γ_y of the dense network.
func floor(p dataset.Point, a1 float64) float64 {
	gamma := float64(p.KY) * p.R * p.R
	return math.Sqrt(gamma*float64(p.NY())/(gamma+float64(p.Examples()))) * a1
}

// overFloor returns the dense network's non-compositional norm over its floor:
// the least of all generations, and the last.
func (l lineage) overFloor() (least, last float64) {
	least = math.Inf(1)
	for _, g := range l.measured {
		last = g.Quadrants.NonCompositional() / floor(l.point, g.Modes[0])
		least = math.Min(least, last)
	}
	return least, last
}

// offModes12 returns how far, as a share, the dense network's last
// non-compositional norm is from that of modes 1 and 2 at their asymptotes.
func (l lineage) offModes12() float64 {
	modes := theory.Modes(l.point, theory.Whole)
	ends := make([]float64, len(modes))
	for k, m := range modes {
		if m.Kind != theory.Other {
			ends[k] = m.Asymptote()
		}
	}
	return math.Abs(l.last().Quadrants.NonCompositional()/theory.Quadrants(modes, ends).NonCompositional() - 1)
}
