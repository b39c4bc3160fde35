package study

import (
	"math"
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear/prediction"
	"modspec/engine/network"
	"modspec/engine/theory"
)

// predicted trains two seeds of a sweep on the reference backend and predicts them.
func predicted(t *testing.T, named Sweep) []comparison {
	t.Helper()
	list, err := compare(trained(t, named, 2))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// ahead plants the fault of the published scripts in a table: every value of some runs
// one step early.
func ahead(t *Table, runs ...int) {
	for _, i := range runs {
		for _, curve := range t.Runs[i].curves {
			copy(curve, curve[1:])
		}
	}
}

// oneStepAhead returns a prediction with every value one step early, the fault of
// the published scripts.
func oneStepAhead(samples []prediction.Sample) []prediction.Sample {
	ahead := append([]prediction.Sample(nil), samples...)
	for i := range ahead[:len(ahead)-1] {
		ahead[i].Modes, ahead[i].Quadrants = samples[i+1].Modes, samples[i+1].Quadrants
	}
	return ahead
}

// A prediction that does not have the run's steps must not be compared at all.
func TestDeviationsNeedSharedSteps(t *testing.T) {
	pr := predicted(t, denseSweep)[0]
	if d := pr.modeDeviation(pr.byMode); math.IsNaN(d) {
		t.Fatal("NaN before anything is planted")
	}
	shifted := append([]prediction.Sample(nil), pr.byMode...)
	shifted[2].Step++
	for name, samples := range map[string][]prediction.Sample{"short": pr.byMode[:4], "none": nil, "shifted": shifted} {
		if d := pr.modeDeviation(samples); !math.IsNaN(d) {
			t.Errorf("%s: mode deviation is %v, want NaN", name, d)
		}
		if d := pr.quadrantDeviation(samples); !math.IsNaN(d) {
			t.Errorf("%s: quadrant deviation is %v, want NaN", name, d)
		}
	}
}

func TestLargestAndSmallestOf(t *testing.T) {
	value := func(v *float64) float64 { return *v }
	list := []float64{2, -3, 1}
	if l, s := largestOf(list, value), smallestOf(list, value); l != 2 || s != -3 {
		t.Errorf("largest %v and smallest %v, want 2 and -3", l, s)
	}
	list[1] = math.NaN()
	if l, s := largestOf(list, value), smallestOf(list, value); !math.IsNaN(l) || !math.IsNaN(s) {
		t.Errorf("with a NaN largest %v and smallest %v, want NaN", l, s)
	}
}

// Where training ends depends on what the modules read: dense and split networks
// have the end of the whole dataset, the partitioned one that of its own blocks.
func TestFinalQuadrants(t *testing.T) {
	finalQuadrants := func(arch network.Architecture, p dataset.Point) dataset.Quadrants {
		_, q := prediction.New(p, arch).End()
		return q
	}
	whole := theory.FinalQuadrants(paperPoint, dataset.Whole)
	for _, arch := range []network.Architecture{network.Dense(hidden), network.Split(hidden)} {
		for _, q := range quadrantNorms {
			// The same products, added up in another order.
			if got, want := q.of(finalQuadrants(arch, paperPoint)), q.of(whole); math.Abs(got-want) > 8*0x1p-53*want {
				t.Errorf("%s, %s: %v, want %v", arch.Name, q.label, got, want)
			}
		}
	}
	partitioned := finalQuadrants(network.Partitioned(hidden), paperPoint)
	if got := partitioned.Systematicity(); got != 1 {
		t.Errorf("the partitioned network ends at S = %v, want 1", got)
	}
	if got := partitioned.Compositional(); math.Abs(got-1) > 8*0x1p-53 { // one bit, answered in full
		t.Errorf("the partitioned network ends at compositional norm %v, want 1", got)
	}
}
