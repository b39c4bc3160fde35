package theory_test

import (
	"math"
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/theory"
)

// TestTrajectoryRefuses: what would silently give wrong curves is an error.
func TestTrajectoryRefuses(t *testing.T) {
	p := dataset.NewPoint(3, 3, 1, 3, 1, 1)
	good := theory.ModuleTheory{View: theory.Whole, Hidden: 1, Starts: theory.EachMode([]float64{1e-6, 1e-6, 1e-6})}
	bad := good
	bad.Hidden = -1
	for name, c := range map[string]struct {
		module theory.ModuleTheory
		eta    float64
		steps  []int
	}{
		"falling steps":          {good, 0.1, []int{0, 5, 3}},
		"a step twice":           {good, 0.1, []int{0, 5, 5}},
		"a negative step":        {good, 0.1, []int{-1, 5}},
		"a NaN rate":             {good, math.NaN(), []int{0}},
		"a negative rate":        {good, -1, []int{0}},
		"negative hidden layers": {bad, 0.1, []int{0}},
	} {
		if _, err := theory.Trajectory(p, []theory.ModuleTheory{c.module}, c.eta, c.steps, theory.Discrete); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestHalfStepOfUndefinedCurves: a curve that begins undefined reaches half where
// it is defined, and one that is never defined never does.
func TestHalfStepOfUndefinedCurves(t *testing.T) {
	nan := math.NaN()
	if got := theory.HalfStep([]int{0, 1, 2}, []float64{nan, nan, nan}, 1); !math.IsNaN(got) {
		t.Errorf("half of nothing is reached at %v", got)
	}
	if got := theory.HalfStep([]int{0, 10, 20}, []float64{0, 0.25, 0.75}, 1); got != 15 {
		t.Errorf("half is reached at %v, want 15", got)
	}
}
