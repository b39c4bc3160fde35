package study

import (
	"context"
	"math"
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/train/reference"
)

func TestMotivatingExample(t *testing.T) {
	seeds := motivatingSeeds
	if testing.Short() {
		seeds = 5
	}
	o, err := runMotivatingExample(context.Background(), reference.New(0), seeds)
	allHold(t, o, err)
}

// The exact test losses as fractions. XᵀX of the three training examples is
// ΩᵀΩ + k_x r²·I with eigenvalues 4, 4 and 1 for ΩᵀΩ, and the sums over the five
// test examples come out in 125ths. The blocks of the output do not mix, so
// the last dataset has the losses of the second and fourth together.
func TestMotivatingExactLosses(t *testing.T) {
	for i, want := range []float64{2, 289.0 / 125, 0, 54.0 / 125, 343.0 / 125} {
		p := motivatingPoints[i].point
		least, err := newMinimumNorm(p, dataset.Whole, []int{0, 1, 2})
		if err != nil {
			t.Fatal(err)
		}
		// Sums of at most 11 terms for each of 10 outputs, of order 1.
		if got := least.loss(0, p.Outputs()); math.Abs(got-want) > 110*0x1p-52 {
			t.Errorf("%s: exact test loss %v, want %v", motivatingPoints[i].name, got, want)
		}
	}
}

// The spread over seeds that the tolerance rests on, against the spread that is
// measured. A standard deviation from 50 normals has a standard error of 1/√98,
// 10 %; a sum of a few products of normals has less than twice that.
func TestMinimumNormSpread(t *testing.T) {
	if testing.Short() {
		t.Skip("needs 50 seeds")
	}
	for _, i := range []int{0, 1, 3, 4} {
		p := motivatingPoints[i].point
		least, err := newMinimumNorm(p, dataset.Whole, []int{0, 1, 2})
		if err != nil {
			t.Fatal(err)
		}
		runs, err := setting{
			arch: network.Dense(hidden), task: &linear.Task{Point: p, Examples: []int{0, 1, 2}},
			eta: eta(p, 0.02), scale: motivatingScale, steps: 300,
		}.run(context.Background(), reference.New(0), 50)
		if err != nil {
			t.Fatal(err)
		}
		mean, square := 0.0, 0.0
		for _, run := range runs {
			mean += run.Last().Test.Total / 50
		}
		for _, run := range runs {
			square += math.Pow(run.Last().Test.Total-mean, 2) / 49
		}
		ratio := math.Sqrt(square) / least.spread(0, p.Outputs(), hidden, motivatingScale)
		if ratio < 0.5 || ratio > 2 {
			t.Errorf("%s: the measured spread is %.2f of the predicted", motivatingPoints[i].name, ratio)
		}
		t.Logf("%s: %.2f", motivatingPoints[i].name, ratio)
	}
}

func TestMotivatingExampleNoticesFaults(t *testing.T) {
	var all []motivatingResult
	for _, s := range motivatingPoints {
		r, err := runMotivatingSetting(context.Background(), reference.New(0), s.name, s.point, 3)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	with := func(i int, change func(*motivatingResult)) []motivatingResult {
		damaged := append([]motivatingResult(nil), all...)
		change(&damaged[i])
		return damaged
	}
	for _, c := range motivatingClaims(all) {
		if !c.Pass {
			t.Errorf("%s does not hold before anything is planted", c.ID)
		}
	}
	mustFail(t, motivatingClaims(with(1, func(r *motivatingResult) { r.train = all[0].test })),
		"motivating-example/trained", "a dataset that is not learned")
	mustFail(t, motivatingClaims(with(2, func(r *motivatingResult) { r.test = all[3].test })),
		"motivating-example/compositional", "a wrong answer to an unseen combination")
	mustFail(t, motivatingClaims(with(3, func(r *motivatingResult) { r.test = all[2].test })),
		"motivating-example/others", "a non-compositional dataset that generalises")
	mustFail(t, motivatingClaims(with(4, func(r *motivatingResult) { r.exact *= 1.01 })),
		"motivating-example/minimum-norm", "an exact loss off by 1 %")
	mustFail(t, motivatingClaims(with(0, func(r *motivatingResult) {
		r.train.low, r.train.high = r.train.mean, r.train.mean
	})), "motivating-example/spread", "one seed for all runs")
}

// The published script's fault, as the study would see it.
func TestSeedBandOfOneSeedHasNoWidth(t *testing.T) {
	p := motivatingPoints[2].point
	run := func(seeds int) []linear.Run {
		runs, err := setting{arch: network.Dense(hidden), task: &linear.Task{Point: p}, eta: 0.16, scale: 0.001, steps: 40, every: 10}.
			run(context.Background(), reference.New(0), seeds)
		if err != nil {
			t.Fatal(err)
		}
		return runs
	}
	of := func(o linear.Observation) float64 { return o.Train.Total }
	one := run(1)[0]
	if w := newSeedBand([]linear.Run{one, one, one}, of).widest(); w != 0 {
		t.Errorf("three times one seed has a width of %v, want 0", w)
	}
	band := newSeedBand(run(3), of)
	if band.widest() <= 0 || band.seeds != 3 {
		t.Errorf("three seeds: width %v, seeds %d", band.widest(), band.seeds)
	}
	cut := run(3)
	cut[0].Trajectory = cut[0].Trajectory[:2]
	if damaged := newSeedBand(cut, of); len(damaged.mean) != len(band.mean) || !math.IsNaN(damaged.last()) {
		t.Errorf("a run that stopped early leaves %d steps ending in %v, want %d and NaN", len(damaged.mean), damaged.last(), len(band.mean))
	}
	for i := range band.mean {
		if band.low[i] > band.mean[i] || band.mean[i] > band.high[i] {
			t.Errorf("step %v: mean %v outside [%v, %v]", band.steps[i], band.mean[i], band.low[i], band.high[i])
		}
	}
}
