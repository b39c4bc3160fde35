package theory_test

import (
	"math"
	"strings"
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/theory"
)

var (
	toOmega = theory.View{Reads: dataset.Both, Writes: dataset.Omega}
	toGamma = theory.View{Reads: dataset.Both, Writes: dataset.Gamma}
)

func TestTrajectoryRefusesWhatHasNoTheory(t *testing.T) {
	p := dataset.NewPoint(3, 3, 1, 3, 1, 1)
	for _, c := range []struct {
		name    string
		modules []theory.ModuleTheory
		time    theory.Time
		want    string
	}{
		{"overlapping outputs", []theory.ModuleTheory{
			{View: theory.Whole, Starts: theory.EachMode(make([]float64, 3))}, {View: toGamma, Starts: theory.EachMode(make([]float64, 2))},
		}, theory.Discrete, "module 2 writes gamma, which another module writes too"},
		{"too few starts", []theory.ModuleTheory{{View: theory.Whole, Starts: theory.EachMode(make([]float64, 2))}}, theory.Discrete,
			"module 1 has 3 modes, but 2 starting strengths were given"},
		{"no starts", []theory.ModuleTheory{{View: toOmega, Starts: theory.EachMode([]float64{1})}, {View: toGamma}}, theory.Continuous,
			"module 2 has 2 modes, but 0 starting strengths were given"},
		{"continuous time, two hidden layers", []theory.ModuleTheory{{View: theory.Whole, Hidden: 2, Starts: theory.EachMode(make([]float64, 3))}}, theory.Continuous,
			"module 1 has 2 hidden layers: continuous time has a closed form for 0 and 1 only"},
		{"negative depth", []theory.ModuleTheory{{View: theory.Whole, Hidden: -1, Starts: theory.EachMode(make([]float64, 3))}}, theory.Discrete,
			"module 1 has -1 hidden layers, but must have 0 or more"},
		{"NaN start", []theory.ModuleTheory{{View: theory.Whole, Starts: theory.EachMode([]float64{0, math.NaN(), 0})}}, theory.Discrete,
			"mode 2 of module 1: the starting strength is NaN, but must be a finite number"},
		{"infinite start", []theory.ModuleTheory{{View: theory.Whole, Hidden: 1, Starts: theory.EachMode([]float64{0, 0, math.Inf(1)})}}, theory.Continuous,
			"mode 3 of module 1: the starting strength is +Inf"},
		{"negative start", []theory.ModuleTheory{{View: theory.Whole, Hidden: 1, Starts: theory.EachMode([]float64{-1, 0, 0})}}, theory.Discrete,
			"mode 1 of module 1: the starting strength is -1, but must be 0 or more in a module with hidden layers"},
	} {
		if _, err := theory.Trajectory(p, c.modules, 0.1, []int{0, 1}, c.time); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, want one with %q", c.name, err, c.want)
		}
	}
}

func TestTrajectoryRefusesABadAxis(t *testing.T) {
	p := dataset.NewPoint(3, 3, 1, 3, 1, 1)
	modules := []theory.ModuleTheory{{View: theory.Whole, Starts: theory.EachMode([]float64{-1, 0, 1})}}
	for _, c := range []struct {
		eta   float64
		steps []int
		want  string // empty: no error
	}{
		{0.1, []int{0, 1, 5}, ""},
		{0, []int{7}, ""},
		{0.1, nil, ""},
		{0.1, []int{-1, 2}, "step -1 cannot be predicted: steps count from 0"},
		{0.1, []int{0, 2, 2}, "step 2 follows step 2, but the steps to predict must ascend"},
		{0.1, []int{5, 2}, "step 2 follows step 5"},
		{-0.1, []int{0}, "the learning rate is -0.1, but must be a finite number ≥ 0"},
		{math.NaN(), []int{0}, "the learning rate is NaN"},
		{math.Inf(1), []int{0}, "the learning rate is +Inf"},
	} {
		_, err := theory.Trajectory(p, modules, c.eta, c.steps, theory.Discrete)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("η = %v, steps %v: the error is %v, want one with %q", c.eta, c.steps, err, c.want)
		}
	}
}

// A trajectory is each module's modes by their own formula, one after the other,
// and the sum of the modules' quadrants; so the comparison is exact.
func TestTrajectoryFollowsEveryModule(t *testing.T) {
	const eta = 0.05
	steps := []int{0, 1, 7, 8, 100}
	omega := theory.Modes(dataset.NewPoint(3, 3, 2, 1, 1, 2), toOmega)
	gamma := theory.Modes(dataset.NewPoint(3, 3, 2, 1, 1, 2), toGamma)
	starts := func(modes []theory.Mode) (list []float64) {
		for i := range modes {
			list = append(list, 0.01*float64(i+1))
		}
		return list
	}
	for _, c := range []struct {
		hidden int
		time   theory.Time
		curve  func(m theory.Mode, start float64, step int) float64
	}{
		{0, theory.Continuous, func(m theory.Mode, s float64, step int) float64 { return theory.Shallow(m, eta, s, float64(step)) }},
		{0, theory.Discrete, func(m theory.Mode, s float64, step int) float64 { return theory.ShallowSteps(m, eta, s, step) }},
		{1, theory.Continuous, func(m theory.Mode, s float64, step int) float64 { return theory.Deep(m, eta, s, float64(step)) }},
		{1, theory.Discrete, func(m theory.Mode, s float64, step int) float64 { return theory.DeepSteps(m, eta, s, 1, step)[step] }},
		{3, theory.Discrete, func(m theory.Mode, s float64, step int) float64 { return theory.DeepSteps(m, eta, s, 3, step)[step] }},
	} {
		samples, err := theory.Trajectory(dataset.NewPoint(3, 3, 2, 1, 1, 2), []theory.ModuleTheory{
			{View: toOmega, Hidden: c.hidden, Starts: theory.EachMode(starts(omega))},
			{View: toGamma, Hidden: c.hidden, Starts: theory.EachMode(starts(gamma))},
		}, eta, steps, c.time)
		if err != nil {
			t.Fatal(err)
		}
		if len(samples) != len(steps) {
			t.Fatalf("there are %d samples, want %d", len(samples), len(steps))
		}
		for i, sample := range samples {
			var a, b []float64
			for k, m := range omega {
				a = append(a, c.curve(m, starts(omega)[k], steps[i]))
			}
			for k, m := range gamma {
				b = append(b, c.curve(m, starts(gamma)[k], steps[i]))
			}
			want := append(append([]float64{}, a...), b...)
			if sample.Step != steps[i] || len(sample.Modes) != len(want) {
				t.Fatalf("sample %d is of step %d with %d modes, want step %d with %d", i, sample.Step, len(sample.Modes), steps[i], len(want))
			}
			for k := range want {
				if sample.Modes[k] != want[k] {
					t.Errorf("hidden %d, step %d: mode %d is %v, want %v", c.hidden, steps[i], k, sample.Modes[k], want[k])
				}
			}
			if q := theory.Quadrants(omega, a).Add(theory.Quadrants(gamma, b)); sample.Quadrants != q {
				t.Errorf("hidden %d, step %d: quadrants are %v, want %v", c.hidden, steps[i], sample.Quadrants, q)
			}
		}
	}
}

func TestHalfStepInterpolates(t *testing.T) {
	steps := []int{0, 10, 20, 40}
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{0, 1, 3, 4}, 15},             // 2 lies half way between 1 and 3
		{[]float64{0, 2, 3, 4}, 10},             // exactly on a sample
		{[]float64{3, 3.5, 4, 4}, 0},            // reached before the first
		{[]float64{0, 0, 1, 5}, 25},             // a quarter of the way from 20 to 40
		{[]float64{0, 3, 1, 4}, 20. / 3},        // the first crossing counts
		{[]float64{0, 1, 1.5, 1.9}, math.NaN()}, // never
		{[]float64{math.NaN(), 1, 3, 4}, 15},    // what is not a number is passed over
		{[]float64{1, math.NaN(), 3, 4}, 10},    // half way from 0 to 20
		{[]float64{math.NaN(), 3, 4, 4}, 10},    // reached before the first number
		{[]float64{0, 1, math.NaN(), math.NaN()}, math.NaN()},
	} {
		got := theory.HalfStep(steps, c.values, 4)
		// One quotient, one product, one sum.
		if math.IsNaN(got) != math.IsNaN(c.want) || math.Abs(got-c.want) > gamma(4)*c.want {
			t.Errorf("half of 4 in %v is reached at %v, want %v", c.values, got, c.want)
		}
	}
	if s := theory.HalfStep(steps, []float64{0, 1, 2, 3}, math.NaN()); !math.IsNaN(s) {
		t.Errorf("half of an asymptote that is NaN is reached at %v, want NaN", s)
	}
	if s := theory.HalfStep(nil, nil, 1); !math.IsNaN(s) {
		t.Errorf("half step of no samples is %v, want NaN", s)
	}
}
