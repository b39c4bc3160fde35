package prediction

import (
	"math"
	"strings"
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/theory"
)

func TestFollowRefusesWhatHasNoTheory(t *testing.T) {
	whole := func(hidden int) network.Architecture {
		layers := make([]int, hidden)
		for l := range layers {
			layers[l] = 5
		}
		return network.Architecture{Modules: []network.Module{{Reads: dataset.Both, Writes: dataset.Both, Hidden: layers}}}
	}
	overlapping := whole(0)
	overlapping.Modules = append(overlapping.Modules, network.Module{Reads: dataset.Both, Writes: dataset.Gamma})
	for _, c := range []struct {
		name   string
		arch   network.Architecture
		starts Starts
		time   Time
		want   string
	}{
		{"overlapping outputs", overlapping, EachMode(make([]float64, 5)), Discrete, "module 2 writes gamma, which another module writes too"},
		{"too few starts", whole(0), EachMode(make([]float64, 2)), Discrete, "3 modes, but starting strengths of 2"},
		{"too many starts", whole(0), Starts{{0}, {0, 0, 0}, {0}}, Discrete, "mode 2 of the network has 2 directions, but 3 starting strengths"},
		{"no starts", whole(1), nil, Continuous, "3 modes, but starting strengths of 0"},
		{"continuous time, two hidden layers", whole(2), EachMode(make([]float64, 3)), Continuous, "module 1 has 2 hidden layers: continuous time has a closed form for 0 and 1 only"},
		{"NaN start", whole(0), EachMode([]float64{0, math.NaN(), 0}), Discrete, "mode 2 of the network: the starting strength is NaN, but must be a finite number"},
		{"infinite start", whole(1), EachMode([]float64{0, 0, math.Inf(1)}), Continuous, "mode 3 of the network: the starting strength is +Inf"},
		{"negative start", whole(1), EachMode([]float64{-1, 0, 0}), Discrete, "mode 1 of the network: the starting strength is -1, but must be 0 or more in a module with hidden layers"},
	} {
		err := New(paperPoint, c.arch).Follow(new(Curves), c.starts, 0.1, []int{0, 1}, c.time)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, want one with %q", c.name, err, c.want)
		}
	}
}

func TestFollowRefusesABadAxis(t *testing.T) {
	f := New(paperPoint, network.Shallow())
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
		err := f.Follow(new(Curves), EachMode([]float64{-1, 0, 1}), c.eta, c.steps, Discrete)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("η = %v, steps %v: the error is %v, want one with %q", c.eta, c.steps, err, c.want)
		}
	}
}

// strength is a direction of a mode after some steps, by theory's own formula of its
// module's depth.
func strength(m Mode, eta, start float64, step int, time Time) float64 {
	switch {
	case m.Hidden == 0 && time == Discrete:
		return theory.ShallowSteps(m.Mode, eta, start, step)
	case m.Hidden == 0:
		return theory.Shallow(m.Mode, eta, start, float64(step))
	case time == Discrete:
		return theory.DeepSteps(m.Mode, eta, start, m.Hidden, step)[step]
	}
	return theory.Deep(m.Mode, eta, start, float64(step))
}

// TestCurvesAreTheorys: curves are each direction by its own formula. The same memory
// holds one prediction after the other.
//
// Means of directions with a hidden layer add up the same numbers in the same order, and
// are equal. A shallow mode's mean is taken of the starts, here of the strengths, and
// quadrants are added up in another order: some tens of roundings of positive terms.
func TestCurvesAreTheorys(t *testing.T) {
	const eta, few = 0.1, 64 * 0x1p-53
	steps := []int{0, 1, 7, 8, 100, 1001}
	var c Curves
	for name, p := range points {
		for _, arch := range append(architectures, network.Dense(5, 4), network.Dense(3, 3, 3)) {
			here, err := arch.At(p)
			if err != nil {
				continue
			}
			f := New(p, here)
			starts := EachMode(make([]float64, len(f.Modes)))
			for k := range starts {
				starts[k][0] = 0.01 * float64(k+1)
			}
			lists := []Starts{starts}
			if !f.Deep() {
				w := initial(t, here, p, random.Stream{Seed: 5}, 0.05)
				own, err := f.Starts(nil, w)
				if err != nil {
					t.Fatal(err)
				}
				lists = append(lists, own)
			}
			for _, starts := range lists {
				for _, time := range []Time{Continuous, Discrete} {
					if time == Continuous && f.Deep() {
						continue
					}
					if err := f.Follow(&c, starts, eta, steps, time); err != nil {
						t.Fatal(err)
					}
					for i, s := range c.Samples() {
						var q dataset.Quadrants
						for k, mode := range f.Modes {
							mean, n := 0.0, float64(len(starts[k]))
							each := mode.Mode
							each.Multiplicity /= len(starts[k])
							for _, start := range starts[k] {
								a := strength(mode, eta, start, steps[i], time)
								mean += a / n
								q = q.Add(theory.Quadrants([]theory.Mode{each}, []float64{a}))
							}
							off := 0.0
							if mode.Hidden == 0 {
								off = few * mode.Asymptote()
							}
							same(t, name+" "+arch.Name+" mode", s.Modes[k], mean, off)
						}
						same(t, name+" "+arch.Name+" ΩΩ", s.Quadrants.OmegaOmega, q.OmegaOmega, few*q.OmegaOmega)
						same(t, name+" "+arch.Name+" ΓΩ", s.Quadrants.GammaOmega, q.GammaOmega, few*q.GammaOmega)
						same(t, name+" "+arch.Name+" ΩΓ", s.Quadrants.OmegaGamma, q.OmegaGamma, few*q.OmegaGamma)
						same(t, name+" "+arch.Name+" ΓΓ", s.Quadrants.GammaGamma, q.GammaGamma, few*q.GammaGamma)
					}
				}
			}
		}
	}
}

// TestLargeShallowStart: what is left of a start is not lost in the asymptote's
// roundings.
func TestLargeShallowStart(t *testing.T) {
	f := New(paperPoint, network.Shallow())
	var c Curves
	if err := f.Follow(&c, EachMode([]float64{1e100, 1e100, 1e100}), 0.5, []int{400}, Discrete); err != nil {
		t.Fatal(err)
	}
	for k, mode := range f.Modes {
		if want := theory.ShallowSteps(mode.Mode, 0.5, 1e100, 400); c.Modes[k][0] != want {
			t.Errorf("mode %d is %v, want %v", k+1, c.Modes[k][0], want)
		}
	}
}

// TestStrengthsThatComeBack: at a large learning rate a strength alternates between two
// values. It is the same at recorded steps an even number apart, and yet moves on.
func TestStrengthsThatComeBack(t *testing.T) {
	f := New(paperPoint, network.Dense(50))
	mode := f.Modes[0]
	// In c/√(λ/δ) a step is x + ηλ(1 − x²)x, whose orbit of period 2 is stable for ηλ just
	// above 1.
	eta := 1.1 / mode.SingularValue
	steps := []int{0, 10000, 10002, 10005}
	var c Curves
	if err := f.Follow(&c, EachMode([]float64{0.1, 0, 0}), eta, steps, Discrete); err != nil {
		t.Fatal(err)
	}
	want := theory.DeepSteps(mode.Mode, eta, 0.1, 1, 10005)
	if want[10000] != want[10002] || want[10000] == want[10005] {
		t.Fatalf("the strengths do not alternate: %v, %v, %v", want[10000], want[10002], want[10005])
	}
	for i, step := range steps {
		if c.Modes[0][i] != want[step] {
			t.Errorf("at step %d the strength is %v, want %v", step, c.Modes[0][i], want[step])
		}
	}
}
