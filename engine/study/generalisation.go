package study

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"modspec/engine/dataset"
	"modspec/engine/figure"
	"modspec/engine/network"
	"modspec/engine/results"
	"modspec/engine/theory/rank"
)

// generalisationBound is the test loss below which a network counts as
// generalising, against losses of order 1. Theory leaves far less: the slowest
// mode of the partitioned network's training sets of full rank has λ = δ = 0.234
// (the least eigenvalue of Ω_xΩ_xᵀ/5 over the first 5 of 16 columns) and after
// 500 steps is within 10⁻¹¹ of its asymptote.
const generalisationBound = 1e-6

var generalisation = Study{
	ID:    "generalisation",
	Paper: Jarvis2023,
	Title: "Only a network with partitioned inputs answers unseen combinations",
	Runs: "dense, split and partitioned networks, h 50, σ 0.001, η 0.16, 500 steps, 20 seeds, k_x 3, k_y 1, r 1, all bits asked for; " +
		"trained on 4 of 8 examples (rank 3 of 3), on 2 of 8 (rank 2), on 5 of 16 (rank 4 of 4) and on 4 of 16 (rank 3); against the minimum-norm map",
	Source: paperModularity + ", inputs partitioned",
	Sweeps: []Sweep{file("generalisation")},
	Judge: func(_ context.Context, e Evidence) (*Outcome, error) {
		all, err := generalisationResults(e.Tables["generalisation"])
		if err != nil {
			return nil, err
		}
		return &Outcome{Claims: generalisationClaims(all), Figures: []figure.Figure{generalisationFigure(all)}}, nil
	},
}

// A trainingSet is a dataset and the examples of it that are trained on.
type trainingSet struct {
	point    dataset.Point
	examples []int
}

// rank returns the rank of Ω_x over the training examples.
func (s trainingSet) rank() (int, error) {
	columns := make([][]int8, len(s.examples))
	for i, e := range s.examples {
		for _, bit := range s.point.InputBits {
			columns[i] = append(columns[i], int8(s.point.Omega(bit, e)))
		}
	}
	return rank.Of(columns)
}

func (s trainingSet) String() string {
	return fmt.Sprintf("%d of %d examples", len(s.examples), s.point.Examples())
}

// generalisationResult is what one architecture does on one training set.
type generalisationResult struct {
	arch string
	set  trainingSet
	rank int      // of the training examples' Ω_x
	test seedBand // compositional test loss
	// exact is the compositional test loss of the minimum-norm map of the module
	// that writes Ω_y.
	exact float64
	// tolerance is how far from it the random start may take the mean over the
	// seeds, seedTolerance how far any one seed.
	tolerance, seedTolerance float64
}

// full reports whether the training examples' Ω_x has full rank.
func (r generalisationResult) full() bool { return r.rank == r.set.point.NX() }

// learnsMap reports whether theory has the network generalise: its Ω_y module
// does not read Γ_x, and the training examples determine its map.
func (r generalisationResult) learnsMap() bool {
	return r.full() && r.arch == network.Partitioned().Name
}

// generalisationResults returns the result of each training set and architecture.
func generalisationResults(t *Table) ([]generalisationResult, error) {
	var all []generalisationResult
	for _, runs := range t.Settings() {
		r, err := newGeneralisationResult(runs)
		if err != nil {
			return nil, fmt.Errorf("%s, %v: %w", r.arch, r.set, err)
		}
		all = append(all, r)
	}
	return all, nil
}

func newGeneralisationResult(runs []Run) (generalisationResult, error) {
	c, arch, _, err := startOf(&runs[0])
	if err != nil {
		return generalisationResult{}, err
	}
	r := generalisationResult{arch: arch.Name, set: trainingSet{c.Task.Point, c.Task.Examples}, test: newSeedBand(runs, metric("test_loss_omega"))}
	if r.rank, err = r.set.rank(); err != nil {
		return r, err
	}
	// The module that writes Ω_y is the first in all three architectures.
	least, err := newMinimumNorm(r.set.point, arch.Modules[0].View(), r.set.examples)
	if err != nil {
		return r, err
	}
	ny, width := r.set.point.NY(), int(runs[0].Number("hidden"))
	r.exact = least.loss(0, ny)
	r.tolerance = least.tolerance(0, ny, width, c.InitScale, len(runs))
	r.seedTolerance = least.tolerance(0, ny, width, c.InitScale, 1)
	return r, nil
}

// disagreement is the distance of the mean final loss from the exact one, as a
// multiple of its tolerance and of what the bound allows to be left unlearned.
func (r generalisationResult) disagreement() float64 {
	_, mean, _ := r.test.final()
	return math.Abs(mean-r.exact) / (r.tolerance + generalisationBound)
}

func generalisationClaims(all []generalisationResult) []results.Claim {
	seeds := all[0].test.seeds
	const source = paperModularity + "; " + beyondLeastNorm
	learned := 0.0
	reading, readingExact := math.Inf(1), math.Inf(1)
	deficient, deficientExact := math.Inf(1), math.Inf(1)
	worst := 0.0
	var detail []string
	for _, r := range all {
		low, mean, high := r.test.final()
		switch {
		case r.learnsMap():
			learned = math.Max(learned, high)
		case r.arch == network.Partitioned().Name:
			deficient = math.Min(deficient, mean)
			deficientExact = math.Min(deficientExact, r.exact-r.tolerance)
		case r.full():
			reading = math.Min(reading, low)
			readingExact = math.Min(readingExact, r.exact-r.seedTolerance)
		}
		worst = math.Max(worst, r.disagreement())
		detail = append(detail, fmt.Sprintf("%s, %v %.4g (exact %.4g ± %.1g)", r.arch, r.set, mean, r.exact, r.tolerance))
	}
	return []results.Claim{
		results.NewClaim("generalisation/partitioned", "trained on examples whose Ω_x has full rank, the partitioned network answers every combination",
			learned, results.Below, generalisationBound, source,
			fmt.Sprintf("largest final compositional test loss over %d seeds and the training sets of full rank", seeds)),
		results.NewClaim("generalisation/reading", "on the same examples dense and split networks, which read Γ_x for it, do not",
			reading, results.AtLeast, readingExact, source,
			fmt.Sprintf("smallest final compositional test loss of either over %d seeds and the training sets of full rank; "+
				"the threshold is the smallest exact loss less its tolerance, %.2g times the bound %g that the partitioned network stays below", seeds, readingExact/generalisationBound, generalisationBound)),
		results.NewClaim("generalisation/rank", "on examples whose Ω_x lacks rank the partitioned network does not generalise either",
			deficient, results.AtLeast, deficientExact, source,
			fmt.Sprintf("smallest mean final compositional test loss over %d seeds among the training sets that lack rank; the threshold is the exact loss less its tolerance", seeds)),
		results.NewClaim("generalisation/minimum-norm", "every network's compositional test loss is that of the minimum-norm map of its Ω_y module",
			worst, results.AtMost, 1, source,
			fmt.Sprintf("largest distance of a mean over %d seeds from the exact loss, as a share of its tolerance (five standard errors and the mean shift of the random start): %s",
				seeds, strings.Join(detail, "; "))),
	}
}

func generalisationFigure(all []generalisationResult) figure.Figure {
	f := figure.Figure{
		Name:    "generalisation",
		Title:   "Compositional loss on examples never seen",
		Columns: 2,
		Caption: fmt.Sprintf("Compositional test loss over training, mean and range over %d seeds; dashed: exact loss of the minimum-norm map. "+
			"The partitioned network learns the whole map as soon as the training examples' Ω_x has full rank, however few they are; "+
			"dense and split networks, whose curves nearly coincide, never do, and without full rank no network does.", all[0].test.seeds),
	}
	for _, r := range all {
		title := fmt.Sprintf("%v, rank %d of %d", r.set, r.rank, r.set.point.NX())
		k := slices.IndexFunc(f.Panels, func(p figure.Panel) bool { return p.Title == title })
		if k < 0 {
			k = len(f.Panels)
			f.Panels = append(f.Panels, figure.Panel{
				Title:  title,
				XLabel: "step", YLabel: "compositional test loss", XRange: &[2]float64{0, 300}, YLog: true, YRange: &[2]float64{1e-8, 10},
				Legend: figure.NoLegend,
			})
		}
		p := &f.Panels[k]
		colour := slices.Index([]string{"dense", "split", "partitioned"}, r.arch)
		p.Series = append(p.Series, r.test.series(r.arch, colour))
		if !r.learnsMap() {
			p.Series = append(p.Series, r.test.level("", r.exact, figure.Dashed, colour))
		}
	}
	f.Panels[0].Legend = figure.EmptiestCorner
	return f
}
