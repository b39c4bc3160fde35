package model

import (
	"math"
	"sync"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/prediction"
	"modspec/engine/results"
)

// A passage finds the step at which one quantity reaches half of its final value. It
// follows theory.HalfStep, one value at a time.
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

// A state is what is measured of a network at one step: numbers in the order of
// [linear.Metrics].
type state [15]float64

// The places of its parts.
const (
	trainAt         = 0  // losses
	testAt          = 3  // losses
	quadrantsAt     = 6  // in the order of dataset.Quadrants
	modesAt         = 10 // kinds 1 to 4
	systematicityAt = 14
)

// set fills a state in. Goals have modes before quadrants, metrics have them after.
func (s *state) set(now *goals, train, test linear.Losses, systematicity float64) {
	s[trainAt], s[trainAt+1], s[trainAt+2] = train.Total, train.Omega, train.Gamma
	s[testAt], s[testAt+1], s[testAt+2] = test.Total, test.Omega, test.Gamma
	copy(s[quadrantsAt:], now[4:])
	copy(s[modesAt:], now[:4])
	s[systematicityAt] = systematicity
}

var (
	unknownLosses = linear.Losses{Total: math.NaN(), Omega: math.NaN(), Gamma: math.NaN()}
	// nothing is the state of a copy that diverged.
	nothing = func() (s state) {
		none := nowhere()
		s.set(&none, unknownLosses, unknownLosses, math.NaN())
		return s
	}()
)

// A tracker follows one copy while it is trained. It holds no more than the last
// observation.
type tracker struct {
	job      *linear.Job
	place    int // of the copy in the job
	outcome  *outcome
	passages [8]passage
	last     state
	told     bool              // whether the backend has reported the initial weights
	starts   prediction.Starts // from them
	diverged bool
	summary  func() ([]results.Value, error) // t.summarize, made once
}

// trackers are trackers for reuse.
var trackers = sync.Pool{New: func() any { return new(tracker) }}

// newTracker returns a tracker for a copy of a job.
func newTracker(job *linear.Job, place int, o *outcome) *tracker {
	t := trackers.Get().(*tracker)
	*t = tracker{job: job, place: place, outcome: o, starts: t.starts, summary: t.summary}
	if t.summary == nil {
		t.summary = t.summarize
	}
	return t
}

// observe takes an observation in.
func (t *tracker) observe(obs *linear.Observation) {
	var now goals
	t.outcome.measure(obs, &t.last, &now)
	t.watch(obs.Step, &now)
}

// watch looks for times to half.
func (t *tracker) watch(step int, now *goals) {
	if t.outcome.timed {
		for i := range t.passages {
			t.passages[i].see(i, step, now[i], t.outcome.halves[i])
		}
	}
}

// pass takes in what a backend has determined: the last observation, if there is one,
// and when the goals that marks stands for were reached.
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

// summarize returns the columns of [linear.Summary] and gives the tracker back.
func (t *tracker) summarize() ([]results.Value, error) {
	o := t.outcome
	if !t.told && o.kind == results.PredictionDiscrete {
		_, weights, err := t.job.Start(t.place)
		if err != nil {
			return nil, err
		}
		t.starts = o.startsOf(t.starts, weights)
	}
	if t.diverged {
		t.last = nothing
	}
	times := nowhere()
	for i, passage := range t.passages {
		if passage.done {
			times[i] = passage.at
		}
	}
	summary := appendNumbers(make([]results.Value, 0, len(linear.Summary)), t.last[:])
	summary = appendNumbers(summary, times[:])
	summary = append(summary, results.Value{Text: o.kind})
	summary = o.predict(t.starts, summary)
	t.job, t.outcome = nil, nil
	trackers.Put(t)
	return summary, nil
}

// marks returns the halves in the form of linear.Marks.
func (o *outcome) marks() *linear.Marks {
	m := &linear.Marks{Quadrants: dataset.Quadrants{
		OmegaOmega: o.halves[4], GammaOmega: o.halves[5], OmegaGamma: o.halves[6], GammaGamma: o.halves[7],
	}}
	for _, mode := range o.predictor.Modes {
		goal := math.NaN()
		if mode.Column >= 0 {
			goal = o.halves[mode.Column]
		}
		m.Modes = append(m.Modes, goal)
	}
	return m
}

// columns sorts marks into the columns of the table.
func (o *outcome) columns(m *linear.Marks) goals {
	sorted := nowhere()
	for k, mode := range o.predictor.Modes {
		if mode.Column >= 0 && k < len(m.Modes) {
			sorted[mode.Column] = m.Modes[k]
		}
	}
	sorted.setQuadrants(m.Quadrants)
	return sorted
}

// measure writes an observation in columns.
func (o *outcome) measure(obs *linear.Observation, s *state, now *goals) {
	*now = o.columns(&linear.Marks{Quadrants: obs.Quadrants, Modes: obs.Modes})
	s.set(now, obs.Train, obs.Test, obs.Systematicity)
}
