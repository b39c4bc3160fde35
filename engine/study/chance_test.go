package study

import (
	"math"
	"slices"
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/prediction"
	"modspec/engine/network"
	"modspec/engine/theory"
)

// The quantiles against closed forms: a χ² of two degrees of freedom is
// exponential, P(χ² > x) = e^{−x/2}, and a count of draws that always succeed, or
// of few, is known by hand.
func TestChance(t *testing.T) {
	// The quantile's iteration ends within a few units of the last place of the
	// probability, which 1 − 10⁻⁵ keeps to 10⁻¹¹ of its distance from 1.
	const tolerance = 1e-10
	if got, want := highestMean(2, 100), -math.Log(1e-5); math.Abs(got/want-1) > tolerance {
		t.Errorf("highest of 100 means of two squares is %v, want %v", got, want)
	}
	if got, want := lowestMean(2, 100), -math.Log1p(-1e-5); math.Abs(got/want-1) > tolerance {
		t.Errorf("lowest of 100 means of two squares is %v, want %v", got, want)
	}
	for _, c := range []struct {
		probability float64
		draws, want int
	}{
		{1, 8, 8},
		{0, 8, 0},
		{0.9, 1, 0},    // it fails once in ten
		{0.9001, 3, 1}, // P(0 of 3) just below 0.001, P(fewer than 2) = 0.03
		{0.99, 2, 1},   // P(0 of 2) = 10⁻⁴, P(fewer than 2) = 0.02
		{0.9999, 1, 1}, // 10⁻⁴ of missing the one
	} {
		if got := fewest(c.probability, c.draws); got != c.want {
			t.Errorf("%d draws of probability %g: fewest %d, want %d", c.draws, c.probability, got, c.want)
		}
	}
}

// leastStart against starts as they are drawn. The mean of 1/a(0) over a mode's
// directions never passes it in 200 seeds, and comes within a factor of three:
// for m directions it bounds a mean by the largest of m terms.
func TestLeastStart(t *testing.T) {
	const seeds = 200
	s := iterated{arch: network.Dense(hidden), task: &linear.Task{Point: paperPoint}, scale: smallScale}
	job := s.job(seeds)
	worst := map[theory.Kind]float64{}
	for i := range seeds {
		arch, weights, err := job.Start(i)
		if err != nil {
			t.Fatal(err)
		}
		sets, err := directionSets(prediction.New(paperPoint, arch), weights)
		if err != nil {
			t.Fatal(err)
		}
		for _, set := range sets {
			mean := 0.0
			for _, a := range set.starts {
				mean += 1 / a / float64(len(set.starts))
			}
			worst[set.mode.Kind] = math.Max(worst[set.mode.Kind], mean)
		}
	}
	stronger := 0
	for _, m := range theory.Modes(paperPoint, dataset.Whole) {
		least := leastStart(hidden, stronger, m.Multiplicity, s.scale, seeds)
		if ratio := worst[m.Kind] * least; ratio > 1 || ratio < 1.0/3 {
			t.Errorf("%v: the worst mean of 1/a(0) is %.3g of what leastStart allows", m.Kind, ratio)
		}
		stronger += m.Multiplicity
	}
}

// The remainder by hand for the paper's dense network: mode 3 (m = 5) beside
// mode 2, a(0) = 10⁻⁶, a' = 0.3015, λ/λ' = 0.5222.
func TestRemainderTolerance(t *testing.T) {
	runs := slices.Repeat([]comparison{{arch: network.Dense(hidden), point: paperPoint, scale: smallScale}}, 50)
	mean := remainderTolerance(runs) / highestMean(5, 100)
	want := 5.0 / 50 * math.Pow(1e-6/0.3015, 1-0.5222)
	if math.Abs(mean/want-1) > 0.002 { // four digits in an exponent that multiplies ln 3·10⁻⁶ = −12.6
		t.Errorf("mean remainder %v, want %v", mean, want)
	}
}
