package study

import (
	"context"
	"fmt"

	"modspec/engine/dataset"
	"modspec/engine/figure"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
)

// The seeds of each network: setting (a) trains for 24 times as many steps as
// (b).
const (
	iteratedSeedsA = 2
	iteratedSeedsB = 20
)

var iteratedLearning = Study{
	ID:    "iterated-learning",
	Paper: Jarvis2023,
	Title: "Iterated learning in linear networks",
	Runs: fmt.Sprintf("dense, split and shallow networks, each generation trained from the same initial weights on the outputs of the one before. "+
		"Setting (a): %v, η 0.008, 1250 steps (shallow 200), 10 generations, and split also with %d steps; "+
		"setting (b): %v, η 0.16 (shallow 0.04), 35 steps, 15 generations; h %d, σ 0.01/50 (split 0.1/50), %d seeds in (a) and %d in (b); "+
		"against discrete theory with a start for every direction",
		iteratedPoint(2), cutSteps, iteratedPoint(1), hidden, iteratedSeedsA, iteratedSeedsB),
	Source: beyondIterated,
	Judge: func(ctx context.Context, e Evidence) (*Outcome, error) {
		return judgeIterated(ctx, e.Linear)
	},
}

// iteratedPoint is the dataset of iterated learning with a number of
// compositional outputs.
func iteratedPoint(ny int) dataset.Point { return dataset.NewPoint(3, 3, ny, 3, 1, 2) }

// cutSteps shortens setting (a) for the split network. A mode that labels of
// strength a teach for T steps comes to a/(1 + e^{L−x}) with x = 2ηδaT and
// L = ln(a/a(0)), so each generation takes a share e^{L−x} from it, and as a
// shrinks so does x: the mode lasts for about e^{x−L}/x generations from its
// first x = 2ηλT. With the 1250 steps of (a) and the larger initial weights of
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
	a, b := &linear.Task{Point: iteratedPoint(2)}, &linear.Task{Point: iteratedPoint(1)}
	slow, fast := eta(a.Point, 0.001), eta(b.Point, 0.02)
	dense, split, shallow := network.Dense(hidden), network.Split(hidden), network.Shallow()
	return []iterated{
		denseA:   {arch: dense, task: a, eta: slow, scale: smallScale, steps: 1250, generations: 10, seeds: seedsA},
		splitA:   {arch: split, task: a, eta: slow, scale: splitScale, steps: 1250, generations: 10, seeds: seedsA},
		shallowA: {arch: shallow, task: a, eta: slow, scale: smallScale, steps: 200, generations: 10, seeds: seedsA},
		denseB:   {arch: dense, task: b, eta: fast, scale: smallScale, steps: 35, generations: 15, seeds: seedsB},
		splitB:   {arch: split, task: b, eta: fast, scale: splitScale, steps: 35, generations: 15, seeds: seedsB},
		shallowB: {arch: shallow, task: b, eta: eta(b.Point, 0.005), scale: smallScale, steps: 35, generations: 15, seeds: seedsB},
		splitCut: {arch: split, task: a, eta: slow, scale: splitScale, steps: cutSteps, generations: 10, seeds: seedsA},
	}
}

func judgeIterated(ctx context.Context, backend linear.Backend) (*Outcome, error) {
	networks := iteratedNetworks(iteratedSeedsA, iteratedSeedsB)
	lineages, err := runLineages(ctx, backend, networks)
	if err != nil {
		return nil, err
	}
	purged, err := networks[splitB].predictPurge(purgeStarts)
	if err != nil {
		return nil, err
	}
	return &Outcome{
		Claims:  iteratedClaims(networks, lineages, purged),
		Figures: []figure.Figure{iteratedFigure(lineages)},
	}, nil
}

// runLineages returns the lineages of networks, by network and seed.
func runLineages(ctx context.Context, backend linear.Backend, networks []iterated) ([][]lineage, error) {
	lineages := make([][]lineage, len(networks))
	for k, n := range networks {
		var err error
		if lineages[k], err = n.run(ctx, backend); err != nil {
			return nil, err
		}
	}
	return lineages, nil
}
