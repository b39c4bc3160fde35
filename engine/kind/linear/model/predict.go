package model

import (
	"math"

	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/results"
	"modspec/engine/theory"
)

// A predictor computes predictions one after the other, in memory of its own. It
// is not safe for use by several goroutines at once.
type predictor struct {
	room   startRoom
	curves [8][]float64 // at the recorded steps
	steps  []theory.DeepRecursion
	last   []float64 // their strengths at the recorded step before
}

// startsOf returns a(0) of each direction of each mode of each module, from a
// copy's starting weights. It returns nil where no prediction starts from them.
func (o *outcome) startsOf(w *network.Weights, room *startRoom) []float64 {
	if o.kind != results.PredictionDiscrete {
		return nil
	}
	var all []float64
	for i := range o.modules {
		all = append(all, o.modules[i].starts.of(w.Modules[i], room)...)
	}
	return all
}

// predict appends theory's columns of a summary, but for the first, which says what kind
// of prediction they are. starts are those of startsOf.
func (p *predictor) predict(o *outcome, starts []float64, summary []results.Value) []results.Value {
	at, times := nowhere(), nowhere()
	switch o.kind {
	case results.PredictionDiscrete:
		p.follow(o, starts)
		for i, curve := range p.curves {
			if !math.IsNaN(o.ends[i]) {
				at[i] = curve[len(curve)-1]
				times[i] = crossing(o, i, curve)
			}
		}
	case results.PredictionAsymptote:
		at = o.ends
	}
	var s state
	s.set(&at, o.losses(&at), linear.Losses{}, at[4]/(at[4]+at[5]))
	summary = appendNumbers(summary, s[:testAt]) // theory says nothing of the test loss
	summary = appendNumbers(summary, s[quadrantsAt:])
	return appendNumbers(summary, times[:])
}

func appendNumbers(to []results.Value, numbers []float64) []results.Value {
	for _, v := range numbers {
		to = append(to, results.Value{Number: v})
	}
	return to
}

// crossing returns when a curve at the recorded steps reaches its half. Quadrants
// are followed by their squared norms, and interpolated by their norms.
func crossing(o *outcome, i int, curve []float64) float64 {
	var t passage
	for j, v := range curve {
		if t.see(i, o.steps[j], v, o.halves[i]) {
			return t.at
		}
	}
	return math.NaN()
}

// follow puts every mode and quadrant at the recorded steps into the curves.
func (p *predictor) follow(o *outcome, starts []float64) {
	for i := range p.curves {
		p.curves[i] = grow(p.curves[i], len(o.steps))
		clear(p.curves[i])
	}
	for i := range o.modules {
		m := &o.modules[i]
		directions := 0
		for _, mode := range m.modes {
			directions += mode.Multiplicity
		}
		own := starts[:directions]
		starts = starts[directions:]
		if m.hidden == 0 {
			p.followShallow(o, m, own)
		} else {
			p.followDeep(o, m, own)
		}
	}
}

// followShallow follows the directions of modes without hidden layer. A strength
// is linear in its start, a = b + s·a(0), so a mode's mean and the mean of its
// squares follow from those of its starts.
func (p *predictor) followShallow(o *outcome, m *moduleOutcome, starts []float64) {
	for j, mode := range m.modes {
		own := starts[:mode.Multiplicity]
		starts = starts[mode.Multiplicity:]
		mean, spread := 0.0, 0.0
		for _, a := range own {
			mean += a / float64(len(own))
		}
		for _, a := range own {
			spread += (a - mean) * (a - mean) / float64(len(own))
		}
		for k, step := range o.steps {
			base := theory.ShallowSteps(mode, o.eta, 0, step)
			slope := theory.ShallowSteps(mode, o.eta, 1, step) - base
			a := base + slope*mean
			p.add(m, j, k, a, a*a+slope*slope*spread)
		}
	}
}

// followDeep steps all directions of a module side by side, so that the processor
// works on one while it waits for another. It stops when no strength has moved
// from one recorded step to the next: from there on nothing changes.
func (p *predictor) followDeep(o *outcome, m *moduleOutcome, starts []float64) {
	p.steps = p.steps[:0]
	for _, mode := range m.modes {
		for range mode.Multiplicity {
			p.steps = append(p.steps, *theory.NewDeepRecursion(mode, o.eta, starts[len(p.steps)], m.hidden))
		}
	}
	p.last = grow(p.last, len(p.steps))
	at, moving := 0, true
	for k, step := range o.steps {
		for ; at < step && moving; at++ {
			for i := range p.steps {
				p.steps[i].Step()
			}
		}
		i := 0
		moving = k == 0
		for j, mode := range m.modes {
			mean, square := 0.0, 0.0
			for range mode.Multiplicity {
				a := p.steps[i].Strength()
				moving = moving || a != p.last[i]
				p.last[i] = a
				mean += a / float64(mode.Multiplicity)
				square += a * a / float64(mode.Multiplicity)
				i++
			}
			p.add(m, j, k, mean, square)
		}
	}
}

// add enters a module's mode j at the recorded step k: the mean strength of its
// directions, and in the quadrants the mean of their squares.
func (p *predictor) add(m *moduleOutcome, j, k int, mean, square float64) {
	p.curves[m.columns[j]][k] = mean
	for i, unit := range m.units[j] {
		p.curves[4+i][k] += unit * square
	}
}

// losses returns the training loss of a network whose modes have the given
// strengths: a mode's direction of Y has power μ_y and its answer a²·μ_x, so it
// costs ½ (√μ_y − a√μ_x)²/P, shared between the output blocks as u is; what no
// mode can learn stays.
func (o *outcome) losses(at *goals) linear.Losses {
	if o.kind == results.PredictionNone {
		return unknownLosses
	}
	sum := o.rest
	for i := range o.modules {
		m := &o.modules[i]
		for j, mode := range m.modes {
			// With δ = μ_x/P and λ/δ = √(μ_y/μ_x) this is ½ δ (λ/δ − a)².
			gap := mode.Asymptote() - at[m.columns[j]]
			loss := float64(mode.Multiplicity) * mode.InputEigenvalue * gap * gap / 2
			sum.Omega += loss * mode.OutputShare
			sum.Gamma += loss * (1 - mode.OutputShare)
		}
	}
	sum.Total = sum.Omega + sum.Gamma
	return sum
}
