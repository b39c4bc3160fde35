package study

import (
	"context"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/network"
	"modspec/engine/theory"
	"modspec/engine/train/reference"
)

func TestGeneralisation(t *testing.T) {
	seeds := generalisationSeeds
	if testing.Short() {
		seeds = 4
	}
	o, err := runGeneralisation(context.Background(), reference.New(0), seeds)
	allHold(t, o, err)
}

// The ranks that the study speaks of, against singular values.
func TestTrainingSetRanks(t *testing.T) {
	for i, want := range []int{3, 2, 4, 3} {
		set := generalisationSets()[i]
		rank, err := set.rank()
		if err != nil || rank != want {
			t.Errorf("%v: rank %d, %v, want %d", set, rank, err, want)
		}
		x, err := set.point.X()
		if err != nil {
			t.Fatal(err)
		}
		values, err := singularValues(columnsOf(x, 0, set.point.NX(), set.examples))
		if err != nil {
			t.Fatal(err)
		}
		numerical := 0
		for _, v := range values {
			if v > 1e-8 { // the smallest that is not 0 is √(5·0.234) > 1
				numerical++
			}
		}
		if numerical != want {
			t.Errorf("%v: %d singular values above 0, want %d", set, numerical, want)
		}
	}
}

// The bound of the study: with every bit asked for, the partitioned network's
// Ω_y module learns the identity, so its modes are the eigenvectors of
// Ω_xΩ_xᵀ/m with λ = δ, and the slowest is learned to 10⁻¹¹ even from a tenth of
// the mean start.
func TestGeneralisationTrainsLongEnough(t *testing.T) {
	set := generalisationSets()[2]
	x, err := set.point.X()
	if err != nil {
		t.Fatal(err)
	}
	values, err := singularValues(columnsOf(x, 0, set.point.NX(), set.examples))
	if err != nil {
		t.Fatal(err)
	}
	least := values[len(values)-1]
	lambda := least * least / float64(len(set.examples))
	if math.Abs(lambda-0.234) > 0.0005 {
		t.Errorf("the least eigenvalue is %.4f, but the study's comment says 0.234", lambda)
	}
	start := theory.MeanDeepStart(hidden, generalisationScale) / 10
	strengths := theory.DeepSteps(theory.Mode{SingularValue: lambda, InputEigenvalue: lambda}, 0.16, start, 1, generalisationSteps)
	if left := 1 - strengths[generalisationSteps]; left > 1.1e-11 {
		t.Errorf("the slowest mode is %.3g short of its asymptote, want at most 1.1·10⁻¹¹", left)
	}
}

func TestGeneralisationNoticesFaults(t *testing.T) {
	var all []generalisationResult
	for _, set := range generalisationSets()[:2] {
		for _, arch := range []network.Architecture{network.Dense(hidden), network.Partitioned(hidden)} {
			r, err := newGeneralisationResult(context.Background(), reference.New(0), arch, set, 4)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, r)
		}
	}
	with := func(i int, change func(*generalisationResult)) []generalisationResult {
		damaged := append([]generalisationResult(nil), all...)
		change(&damaged[i])
		return damaged
	}
	for _, c := range generalisationClaims(all) {
		if !c.Pass {
			t.Errorf("%s does not hold before anything is planted", c.ID)
		}
	}
	mustFail(t, generalisationClaims(with(3, func(r *generalisationResult) { r.rank = 3 })),
		"generalisation/partitioned", "a rank test that calls rank 2 full")
	mustFail(t, generalisationClaims(with(0, func(r *generalisationResult) { r.arch = "partitioned" })),
		"generalisation/partitioned", "a partitioned network that reads Γ_x")
	mustFail(t, generalisationClaims(with(0, func(r *generalisationResult) { r.test = all[1].test })),
		"generalisation/reading", "a dense network that generalises")
	mustFail(t, generalisationClaims(with(3, func(r *generalisationResult) { r.test = all[1].test })),
		"generalisation/rank", "a network that generalises without full rank")
	mustFail(t, generalisationClaims(with(0, func(r *generalisationResult) { r.exact *= 1.02 })),
		"generalisation/minimum-norm", "an exact loss off by 2 %")
}

// The map by another route: for training inputs of full column rank,
// X⁺ = (XᵀX)⁻¹Xᵀ.
func TestMinimumNormAgainstNormalEquations(t *testing.T) {
	set := generalisationSets()[0]
	p := set.point
	least, err := newMinimumNorm(p, dataset.Whole, set.examples)
	if err != nil {
		t.Fatal(err)
	}
	x, err := p.X()
	if err != nil {
		t.Fatal(err)
	}
	y, err := p.Y()
	if err != nil {
		t.Fatal(err)
	}
	trainX, trainY := columnsOf(x, 0, p.Inputs(), set.examples), columnsOf(y, 0, p.Outputs(), set.examples)
	var gram, inverse, fit, m mat.Dense
	gram.Mul(trainX.T(), trainX)
	if err := inverse.Inverse(&gram); err != nil {
		t.Fatal(err)
	}
	fit.Mul(trainY, &inverse)
	m.Mul(&fit, trainX.T())
	// Condition of XᵀX: (4 + 3)/3 < 3; sums of 27 terms of order 1.
	if !mat.EqualApprox(&m, least.mapping, 3*27*0x1p-52) {
		t.Error("Y(XᵀX)⁻¹Xᵀ is not the minimum-norm map")
	}
	// What the training examples do not span is orthogonal to all of them.
	var overlap mat.Dense
	overlap.Mul(trainX.T(), least.unseen)
	if largest := mat.Norm(&overlap, math.Inf(1)); largest > 3*27*0x1p-52 {
		t.Errorf("unseen inputs overlap the training inputs by %g", largest)
	}
	// The four training columns of Ω are orthogonal up to rows of length 4, so
	// Ω_x carries m/(m + k_x r²) = 4/7 of each bit and 3/7 is missing from all.
	if want := 3 * (3.0 / 7) * (3.0 / 7) / 2; math.Abs(least.loss(0, 3)-want) > 3*27*0x1p-52 {
		t.Errorf("compositional test loss %v, want %v", least.loss(0, 3), want)
	}
	var square mat.Dense
	square.Mul(least.balanced, least.balanced)
	var outer mat.Dense
	outer.Mul(least.mapping, least.mapping.T())
	if !mat.EqualApprox(&square, &outer, 3*27*0x1p-52) {
		t.Error("balanced² is not MMᵀ")
	}
}

func TestMinimumNormRefusesExamplesThatDoNotExist(t *testing.T) {
	for _, examples := range [][]int{{8}, {-1}, {0, 0}, {}} {
		if _, err := newMinimumNorm(paperPoint, dataset.Whole, examples); err == nil {
			t.Errorf("examples %v: no error", examples)
		}
	}
}
