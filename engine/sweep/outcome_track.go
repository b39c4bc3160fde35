package sweep

import (
	"math"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/results"
)

// A passage watches one quantity for the moment at which it reaches half of where
// it ends. It follows theory.HalfStep, one value at a time.
type passage struct {
	started bool
	done    bool
	step    int     // of the value before
	value   float64 // before
	at      float64 // when half was reached
}

// see takes the next value of goal i in and reports whether half has been
// reached. Between two values time is interpolated linearly in what half is half
// of: a mode's strength, a quadrant's norm (its values are squares).
func (t *passage) see(i, step int, value, half float64) bool {
	switch {
	case t.done || math.IsNaN(half):
		return t.done
	case value >= half && !t.started:
		t.done, t.at = true, float64(step)
	case value >= half:
		before, now := t.value, value
		if i >= 4 {
			before, now, half = math.Sqrt(before), math.Sqrt(now), math.Sqrt(half)
		}
		t.done = true
		t.at = float64(t.step) + (half-before)/(now-before)*float64(step-t.step)
	}
	t.started, t.step, t.value = true, step, value
	return t.done
}

// A tracker follows one copy while it is trained. It holds no more than the last
// observation, unless the trajectory is wanted.
type tracker struct {
	outcome    *outcome
	passages   [8]passage
	last       results.State
	told       bool      // whether the backend has told the starting weights
	starts     []float64 // a(0) of every mode, from them
	trajectory []results.TrajectoryPoint
	final      linear.Final
}

// begin makes a used tracker a new one's equal, but for its memory.
func (t *tracker) begin(o *outcome) {
	*t = tracker{outcome: o, starts: t.starts[:0], trajectory: t.trajectory[:0]}
}

// observe takes an observation in.
func (t *tracker) observe(obs *linear.Observation, keep bool) {
	var now goals
	t.outcome.measure(obs, &t.last, &now)
	if t.outcome.timed {
		for i := range t.passages {
			t.passages[i].see(i, obs.Step, now[i], t.outcome.halves[i])
		}
	}
	if keep {
		t.trajectory = append(t.trajectory, results.TrajectoryPoint{Step: obs.Step, State: t.last})
	}
}

// pass takes in what a backend has found out by itself: the last observation, if
// there is one, and when the goals that marks stands for were reached.
func (t *tracker) pass(last *linear.Observation, reached *linear.Marks) {
	if last != nil {
		var now goals
		t.outcome.measure(last, &t.last, &now)
	}
	for i, step := range t.outcome.columns(reached) {
		if !math.IsNaN(step) && !math.IsNaN(t.outcome.halves[i]) {
			t.passages[i] = passage{done: true, at: step}
		}
	}
}

// marks returns the halves as a backend waits for them.
func (o *outcome) marks() *linear.Marks {
	m := &linear.Marks{Quadrants: dataset.Quadrants{
		OmegaOmega: o.halves[4], GammaOmega: o.halves[5], OmegaGamma: o.halves[6], GammaGamma: o.halves[7],
	}}
	for i := range o.modules {
		for _, column := range o.modules[i].columns {
			goal := math.NaN()
			if column >= 0 {
				goal = o.halves[column]
			}
			m.Modes = append(m.Modes, goal)
		}
	}
	return m
}

// columns sorts marks into the columns of the table.
func (o *outcome) columns(m *linear.Marks) goals {
	sorted := nowhere()
	at := 0
	for i := range o.modules {
		for _, column := range o.modules[i].columns {
			if column >= 0 && at < len(m.Modes) {
				sorted[column] = m.Modes[at]
			}
			at++
		}
	}
	sorted.setQuadrants(m.Quadrants)
	return sorted
}

// measure writes an observation in columns.
func (o *outcome) measure(obs *linear.Observation, s *results.State, now *goals) {
	*now = o.columns(&linear.Marks{Quadrants: obs.Quadrants, Modes: obs.Modes})
	s.Train, s.Test = losses(obs.Train), losses(obs.Test)
	s.Modes, s.Quadrants = now.kinds(), now.quadrants()
	s.Systematicity = obs.Systematicity
}

func losses(l linear.Losses) results.Losses {
	return results.Losses{Total: l.Total, Omega: l.Omega, Gamma: l.Gamma}
}

// nothing is the state of a copy that diverged.
var nothing = func() results.State {
	none := nowhere()
	lost := results.Losses{Total: math.NaN(), Omega: math.NaN(), Gamma: math.NaN()}
	return results.State{Train: lost, Test: lost, Quadrants: none.quadrants(), Modes: none.kinds(), Systematicity: math.NaN()}
}()

// run fills in what was measured of the copy.
func (t *tracker) run(run *results.Run) {
	run.LastStep, run.DivergedStep = t.final.Step, -1
	run.State = t.last
	if t.final.Diverged {
		run.DivergedStep, run.State = t.final.Step, nothing
	}
	times := nowhere()
	for i, p := range t.passages {
		if p.done {
			times[i] = p.at
		}
	}
	run.THalf = times.times()
}
