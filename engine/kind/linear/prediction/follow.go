package prediction

import (
	"fmt"
	"math"

	"modspec/engine/dataset"
	"modspec/engine/theory"
)

// Time says in which time a prediction runs.
type Time int

// The two times.
const (
	// Continuous is gradient flow, the closed forms that the paper plots.
	Continuous Time = iota
	// Discrete is gradient descent step by step: what a simulation does.
	Discrete
)

// Starts are a(0) of each mode of [Predictor.Modes]: one value for all of the mode's
// directions, or one for each of them.
type Starts [][]float64

// EachMode turns one a(0) a mode into Starts: the same for all directions of a mode.
func EachMode(strengths []float64) Starts {
	out := make(Starts, len(strengths))
	for k, a := range strengths {
		out[k] = []float64{a}
	}
	return out
}

// Curves are a predicted network at some steps. Their memory is used again by the next
// prediction into them.
type Curves struct {
	Steps     []int
	Modes     [][]float64         // mean strength of a mode's directions, by mode and step
	Quadrants []dataset.Quadrants // by step

	directions []theory.DeepRecursion
	last       []float64 // their strengths at the recorded step before
}

// A Sample is the predicted state of a network at one step.
type Sample struct {
	Step      int
	Modes     []float64 // mean strengths, in the order of Predictor.Modes
	Quadrants dataset.Quadrants
}

// Samples returns the curves by step.
func (c *Curves) Samples() []Sample {
	samples, modes := make([]Sample, len(c.Steps)), make([]float64, len(c.Steps)*len(c.Modes))
	for i := range samples {
		own := modes[i*len(c.Modes) : (i+1)*len(c.Modes) : (i+1)*len(c.Modes)]
		for k, curve := range c.Modes {
			own[k] = curve[i]
		}
		samples[i] = Sample{Step: c.Steps[i], Modes: own, Quadrants: c.Quadrants[i]}
	}
	return samples
}

// Follow predicts modes and quadrants at the given steps, for learning rate eta, and
// writes them into c, which keeps the list of steps.
//
// It returns an error if two modules write the same output block: they share one error,
// so their modes are no longer separate and there is no closed form. It also does for
// continuous time with two or more hidden layers, which has none either; the discrete
// recursion covers that case. And it does for steps that are negative or do not ascend,
// for an eta that is not a finite number ≥ 0, and for a start that no network has.
func (f *Predictor) Follow(c *Curves, starts Starts, eta float64, steps []int, time Time) error {
	if err := checkAxis(eta, steps); err != nil {
		return err
	}
	if err := f.check(starts, time); err != nil {
		return err
	}
	c.Steps = steps
	c.Modes = grow(c.Modes, len(f.Modes))
	for k := range c.Modes {
		c.Modes[k] = grow(c.Modes[k], len(steps))
	}
	c.Quadrants = grow(c.Quadrants, len(steps))
	clear(c.Quadrants)
	first := 0
	for i := range f.modules {
		modes := f.modules[i].modes
		own := starts[first : first+len(modes)]
		switch hidden := len(f.arch.Modules[i].Hidden); {
		case hidden == 0:
			f.followShallow(c, first, modes, own, eta, time)
		case time == Discrete:
			f.followSteps(c, first, modes, own, eta)
		default:
			f.followFlow(c, first, modes, own, eta)
		}
		first += len(modes)
	}
	return nil
}

// followShallow follows a module without hidden layer. A strength is linear in its
// start, a = b + s·a(0), so a mode's mean and the mean of its squares follow from those
// of its starts.
func (f *Predictor) followShallow(c *Curves, first int, modes []Mode, starts Starts, eta float64, time Time) {
	strength := func(m theory.Mode, start float64, step int) float64 {
		if time == Discrete {
			return theory.ShallowSteps(m, eta, start, step)
		}
		return theory.Shallow(m, eta, start, float64(step))
	}
	for k, mode := range modes {
		mean, spread := 0.0, 0.0
		for _, a := range starts[k] {
			mean += a / float64(len(starts[k]))
		}
		for _, a := range starts[k] {
			spread += (a - mean) * (a - mean) / float64(len(starts[k]))
		}
		// Without a signal what is left of the start alone remains.
		unasked := mode.Mode
		unasked.SingularValue = 0
		for i, step := range c.Steps {
			slope := strength(unasked, 1, step)
			a := strength(mode.Mode, 0, step) + slope*mean
			f.add(c, first+k, i, a, a*a+slope*slope*spread)
		}
	}
}

// followFlow follows a module with one hidden layer in continuous time.
func (f *Predictor) followFlow(c *Curves, first int, modes []Mode, starts Starts, eta float64) {
	for k, mode := range modes {
		for i, step := range c.Steps {
			mean, square := 0.0, 0.0
			for _, start := range starts[k] {
				a := theory.Deep(mode.Mode, eta, start, float64(step))
				mean += a / float64(len(starts[k]))
				square += a * a / float64(len(starts[k]))
			}
			f.add(c, first+k, i, mean, square)
		}
	}
}

// followSteps makes the steps of all directions of a module with hidden layers side by
// side, so that the processor works on one while it waits for another. It ends when no
// strength moves any more.
func (f *Predictor) followSteps(c *Curves, first int, modes []Mode, starts Starts, eta float64) {
	c.directions = c.directions[:0]
	for k, mode := range modes {
		for _, start := range starts[k] {
			c.directions = append(c.directions, *theory.NewDeepRecursion(mode.Mode, eta, start, mode.Hidden))
		}
	}
	c.last = grow(c.last, len(c.directions))
	at, moving := 0, true
	for i, step := range c.Steps {
		for ; at < step && moving; at++ {
			for d := range c.directions {
				c.directions[d].Step()
			}
		}
		d, moved := 0, i == 0
		for k := range modes {
			mean, square := 0.0, 0.0
			for range starts[k] {
				a := c.directions[d].Strength()
				moved = moved || a != c.last[d]
				c.last[d] = a
				mean += a / float64(len(starts[k]))
				square += a * a / float64(len(starts[k]))
				d++
			}
			f.add(c, first+k, i, mean, square)
		}
		moving = moving && (moved || c.moves())
	}
}

// moves reports whether one more step changes a strength. Equal strengths at two
// recorded steps alone do not tell: at a large learning rate a strength may come back to
// where it was.
func (c *Curves) moves() bool {
	for d, next := range c.directions {
		if next.Step(); next.Strength() != c.last[d] {
			return true
		}
	}
	return false
}

// add enters mode k at recorded step i: the mean strength of its directions, and in the
// quadrants the mean of their squares.
func (f *Predictor) add(c *Curves, k, i int, mean, square float64) {
	c.Modes[k][i] = mean
	q, unit := &c.Quadrants[i], &f.units[k]
	q.OmegaOmega += unit.OmegaOmega * square
	q.GammaOmega += unit.GammaOmega * square
	q.OmegaGamma += unit.OmegaGamma * square
	q.GammaGamma += unit.GammaGamma * square
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

// check reports what keeps modes that start from the given strengths from being
// followed.
func (f *Predictor) check(starts Starts, time Time) error {
	written := dataset.None
	for i, m := range f.arch.Modules {
		if written&m.Writes != dataset.None {
			return fmt.Errorf("module %d writes %s, which another module writes too: their outputs add up and share one error, for which theory has no closed form; train such a network instead", i+1, m.Writes)
		}
		written |= m.Writes
		if time == Continuous && len(m.Hidden) > 1 {
			return fmt.Errorf("module %d has %d hidden layers: continuous time has a closed form for 0 and 1 only; use discrete time", i+1, len(m.Hidden))
		}
	}
	if len(starts) != len(f.Modes) {
		return fmt.Errorf("the network has %d modes, but starting strengths of %d were given", len(f.Modes), len(starts))
	}
	for k, mode := range f.Modes {
		if given := len(starts[k]); given != 1 && given != mode.Multiplicity {
			return fmt.Errorf("mode %d of the network has %d directions, but %d starting strengths were given; give one for all of them or one for each", k+1, mode.Multiplicity, given)
		}
		for _, start := range starts[k] {
			if err := checkStart(start, mode.Hidden); err != nil {
				return fmt.Errorf("mode %d of the network: %w", k+1, err)
			}
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

// grow returns room for n values.
func grow[T any](v []T, n int) []T {
	if cap(v) < n {
		return append(v[:cap(v)], make([]T, n-cap(v))...)
	}
	return v[:n]
}
