package theory

import (
	"fmt"
	"math"

	"modspec/engine/dataset"
)

// Time says in which time a trajectory runs.
type Time int

// The two times.
const (
	// Continuous is gradient flow, the closed forms that the paper plots.
	Continuous Time = iota
	// Discrete is gradient descent step by step: what a simulation does.
	Discrete
)

// A ModuleTheory is what a prediction needs to know of one module.
type ModuleTheory struct {
	View   View
	Hidden int // hidden layers; 0 for a shallow module
	// Starts has a(0) of each mode, in the order of [Modes]: one value for all of
	// the mode's directions, or one for each of them.
	Starts [][]float64
}

// EachMode turns one a(0) a mode into what [ModuleTheory] takes: the same start for
// all directions of a mode.
func EachMode(starts []float64) [][]float64 {
	out := make([][]float64, len(starts))
	for i, a := range starts {
		out[i] = []float64{a}
	}
	return out
}

// A Sample is the predicted state of a network at one step.
type Sample struct {
	Step      int
	Modes     []float64 // mean strengths, module by module, each in the order of [Modes]
	Quadrants dataset.Quadrants
}

// Trajectory predicts a network's modes and quadrants at the given steps, for
// learning rate eta.
//
// It returns an error if two modules write the same output block: they share
// one error, so their modes are no longer separate and there is no closed form.
// It also does for continuous time with two or more hidden layers, which has
// none either; the discrete recursion covers that case. And it does for steps
// that are negative or do not ascend, for an eta that is not a finite number ≥ 0,
// and for a number of hidden layers or a start that no network has.
func Trajectory(p dataset.Point, modules []ModuleTheory, eta float64, steps []int, time Time) ([]Sample, error) {
	if err := checkAxis(eta, steps); err != nil {
		return nil, err
	}
	written := dataset.None
	samples := make([]Sample, len(steps))
	for i, s := range steps {
		samples[i].Step = s
	}
	for n, module := range modules {
		if written&module.View.Writes != dataset.None {
			return nil, fmt.Errorf("module %d writes %s, which another module writes too: their outputs add up and share one error, for which theory has no closed form; train such a network instead", n+1, module.View.Writes)
		}
		written |= module.View.Writes
		modes := Modes(p, module.View)
		if module.Hidden < 0 {
			return nil, fmt.Errorf("module %d has %d hidden layers, but must have 0 or more", n+1, module.Hidden)
		}
		if len(module.Starts) != len(modes) {
			return nil, fmt.Errorf("module %d has %d modes, but %d starting strengths were given", n+1, len(modes), len(module.Starts))
		}
		if time == Continuous && module.Hidden > 1 {
			return nil, fmt.Errorf("module %d has %d hidden layers: continuous time has a closed form for 0 and 1 only; use discrete time", n+1, module.Hidden)
		}
		for i, m := range modes {
			if given := len(module.Starts[i]); given != 1 && given != m.Multiplicity {
				return nil, fmt.Errorf("mode %d of module %d has %d directions, but %d starting strengths were given; give one for all of them or one for each", i+1, n+1, m.Multiplicity, given)
			}
			for _, start := range module.Starts[i] {
				if err := checkStart(start, module.Hidden); err != nil {
					return nil, fmt.Errorf("mode %d of module %d: %w", i+1, n+1, err)
				}
			}
			addMode(samples, m, module.Hidden, eta, module.Starts[i], time)
		}
	}
	return samples, nil
}

func checkAxis(eta float64, steps []int) error {
	if math.IsNaN(eta) || math.IsInf(eta, 0) || eta < 0 {
		return fmt.Errorf("the learning rate is %v, but must be a finite number ≥ 0", eta)
	}
	for i, s := range steps {
		if s < 0 {
			return fmt.Errorf("step %d cannot be predicted: steps count from 0", s)
		}
		if i > 0 && s <= steps[i-1] {
			return fmt.Errorf("step %d follows step %d, but the steps to predict must ascend", s, steps[i-1])
		}
	}
	return nil
}

// checkStart reports what keeps a strength from being the start of a direction: of
// a network with hidden layers it is a square, without them it has either sign.
func checkStart(start float64, hidden int) error {
	if math.IsNaN(start) || math.IsInf(start, 0) {
		return fmt.Errorf("the starting strength is %v, but must be a finite number", start)
	}
	if hidden > 0 && start < 0 {
		return fmt.Errorf("the starting strength is %v, but must be 0 or more in a module with hidden layers", start)
	}
	return nil
}

// MinStart and MaxStart bound the strength that a user may start every mode from,
// unless it is 0: its square, which the quadrants sum, and the quotient of an
// asymptote and it, which the closed form takes, are inside float64.
const (
	MinStart = 1e-100
	MaxStart = 1e100
)

// CheckStart returns an error unless start is 0, or [MinStart] to [MaxStart].
func CheckStart(start float64) error {
	if start != 0 && !(start >= MinStart && start <= MaxStart) {
		return fmt.Errorf("the starting strength is %v, but must be 0 or %g to %g", start, MinStart, MaxStart)
	}
	return nil
}

// addMode adds one mode of one module to the samples: the mean strength of its
// directions, and their quadrants.
func addMode(samples []Sample, m Mode, hidden int, eta float64, starts []float64, time Time) {
	steps := make([]int, len(samples))
	for j, s := range samples {
		steps[j] = s.Step
	}
	curves := make([][]float64, len(starts))
	for d, start := range starts {
		curves[d] = curve(m, hidden, eta, start, steps, time)
	}
	each := m
	each.Multiplicity = m.Multiplicity / len(starts)
	for j := range samples {
		mean := 0.0
		for d := range curves {
			a := curves[d][j]
			mean += a / float64(len(curves))
			samples[j].Quadrants = samples[j].Quadrants.Add(Quadrants([]Mode{each}, []float64{a}))
		}
		samples[j].Modes = append(samples[j].Modes, mean)
	}
}

// curve returns one direction's strength at the given steps.
func curve(m Mode, hidden int, eta, start float64, steps []int, time Time) []float64 {
	out := make([]float64, len(steps))
	if time == Discrete && hidden > 0 {
		recursion, at := NewDeepRecursion(m, eta, start, hidden), 0
		for i, s := range steps {
			for ; at < s; at++ {
				recursion.Step()
			}
			out[i] = recursion.Strength()
		}
		return out
	}
	for i, s := range steps {
		switch {
		case hidden > 0:
			out[i] = Deep(m, eta, start, float64(s))
		case time == Discrete:
			out[i] = ShallowSteps(m, eta, start, s)
		default:
			out[i] = Shallow(m, eta, start, float64(s))
		}
	}
	return out
}

// HalfStep returns the step, between whole ones by linear interpolation, at which
// a curve sampled at ascending steps first reaches half of its asymptote. It is
// NaN if it never does. Values that are NaN are passed over, as if they had not been
// sampled.
func HalfStep(steps []int, values []float64, asymptote float64) float64 {
	half := asymptote / 2
	before := -1 // the last sample below half
	for i, v := range values {
		switch {
		case math.IsNaN(v):
		case !(v >= half): // also where half is NaN, which nothing reaches
			before = i
		case before < 0:
			return float64(steps[i])
		default:
			share := (half - values[before]) / (v - values[before])
			return float64(steps[before]) + share*float64(steps[i]-steps[before])
		}
	}
	return math.NaN()
}
