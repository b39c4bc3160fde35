package prediction

import (
	"sync"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/results"
	"modspec/engine/theory"
)

// A Mode is a mode of one module of a network.
type Mode struct {
	theory.Mode
	Module int // from 0
	Hidden int // hidden layers of the module
	// Column is the mode's place among mode_1 to mode_4 of [linear.Metrics], from 0. It
	// is −1 in a network whose modules' outputs overlap: there several have one place.
	Column int
}

// A Predictor computes the theory of networks of one architecture on one dataset. It
// may be used by several goroutines at once.
type Predictor struct {
	// Modes are those of the modules, one module after the other, each module's in the
	// order of theory.Modes.
	Modes []Mode

	point   dataset.Point
	arch    network.Architecture
	modules []module
	units   []dataset.Quadrants // of each mode at strength 1
	rest    linear.Losses       // that learning cannot change; Total is left out
}

// module is one module of a network, with its part of Predictor.Modes.
type module struct {
	modes   []Mode
	starter func() *starter // for at most one hidden layer
}

// New returns the predictor of an architecture on a dataset. The architecture must be
// the one at the point, see network.Architecture.At.
func New(p dataset.Point, arch network.Architecture) *Predictor {
	f := &Predictor{point: p, arch: arch}
	overlaps := arch.Overlaps()
	var views []dataset.View
	for i, m := range arch.Modules {
		view, modes := m.View(), theory.Modes(p, m.View())
		views = append(views, view)
		for _, mode := range modes {
			own := Mode{Mode: mode, Module: i, Hidden: len(m.Hidden), Column: int(mode.Kind - theory.Asked)}
			if overlaps {
				own.Column = -1
			}
			f.Modes = append(f.Modes, own)
			f.units = append(f.units, theory.Quadrants([]theory.Mode{mode}, []float64{1}))
		}
		f.modules = append(f.modules, module{starter: sync.OnceValue(func() *starter { return newStarter(p, view, modes) })})
	}
	rest := f.Modes
	for i := range f.modules {
		n := 0
		for n < len(rest) && rest[n].Module == i {
			n++
		}
		f.modules[i].modes, rest = rest[:n], rest[n:]
	}
	if !overlaps {
		f.rest.Omega, f.rest.Gamma = theory.Unlearned(p, views)
	}
	return f
}

// Kind returns which prediction there is for a copy of the network, one of
// [results.PredictionDiscrete] and its kin, and why it is no more. given says that
// modes start from given strengths, not from those of the copy's initial weights.
func (f *Predictor) Kind(c *linear.Copy, given bool) (kind, why string) {
	switch {
	case c.Rule != (network.Rule{}):
		return results.PredictionNone, "theory knows gradient descent only, not other learning rules"
	case c.Task.TrainCount() < c.Task.Point.Examples():
		return results.PredictionNone, "theory knows training on all examples only"
	case c.Task.Teacher != nil:
		return results.PredictionNone, "theory knows training on the dataset's own labels only"
	case f.arch.Overlaps():
		return results.PredictionNone, "two modules write the same outputs and share one error, for which theory has no closed form"
	case !given && f.Deep():
		return results.PredictionAsymptote, "two or more hidden layers have no parameter-free start; only where learning ends is known, unless a(0) is given"
	case c.Task.Batch != 0 && c.Task.Batch < c.Task.TrainCount():
		return results.PredictionAsymptote, "batches are random, so only where learning ends is known"
	}
	return results.PredictionDiscrete, ""
}

// Deep reports whether a module has two or more hidden layers. Such a network has no
// closed form in continuous time and no parameter-free start.
func (f *Predictor) Deep() bool {
	for _, m := range f.arch.Modules {
		if len(m.Hidden) > 1 {
			return true
		}
	}
	return false
}

// End returns where learning ends: the strengths of the modes, and the quadrants, for
// modules that write different outputs.
func (f *Predictor) End() (strengths []float64, q dataset.Quadrants) {
	for _, mode := range f.Modes {
		strengths = append(strengths, mode.Asymptote())
	}
	for _, m := range f.arch.Modules {
		q = q.Add(theory.FinalQuadrants(f.point, m.View()))
	}
	return strengths, q
}

// Losses returns the training loss of a network whose modes have the given strengths: a
// mode's direction of Y has power μ_y and its answer a²·μ_x, so it costs
// ½ (√μ_y − a√μ_x)²/P, shared between the output blocks as u is; what no mode can learn
// stays. Modules must write different outputs.
func (f *Predictor) Losses(strengths []float64) linear.Losses {
	sum := f.rest
	for k, mode := range f.Modes {
		// With δ = μ_x/P and λ/δ = √(μ_y/μ_x) this is ½ δ (λ/δ − a)².
		gap := mode.Asymptote() - strengths[k]
		loss := float64(mode.Multiplicity) * mode.InputEigenvalue * gap * gap / 2
		sum.Omega += loss * mode.OutputShare
		sum.Gamma += loss * (1 - mode.OutputShare)
	}
	sum.Total = sum.Omega + sum.Gamma
	return sum
}
