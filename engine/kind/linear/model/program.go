package model

import (
	"math"
	"slices"
	"sync"

	"modspec/engine/kind/linear"
	"modspec/engine/program"
	"modspec/engine/random"
	"modspec/engine/results"
	"modspec/engine/train"
)

var _ train.Tracked = (*Model)(nil)

// Program implements train.Model; see linear.Copy.Program. Models of one shape have
// equal programs.
func (m *Model) Program() (*program.Training, error) {
	arch, err := m.arch.At(m.copy.Task.Point)
	if err != nil {
		return nil, err
	}
	// What Measure needs can be formed, or the network is refused here.
	o, err := m.measures.observer(m)
	if err != nil {
		return nil, err
	}
	m.measures.observers.Put(o)
	return m.copy.Program(arch)
}

// Run implements train.Model.
func (m *Model) Run(stream random.Stream) program.Run {
	c := m.Copy(stream)
	return c.Run()
}

// Measure implements train.Model.
func (m *Model) Measure(observed [][]float64, metrics []float64) {
	o, err := m.measures.observer(m)
	if err != nil { // Program has returned it
		for i := range metrics {
			metrics[i] = math.NaN()
		}
		return
	}
	defer m.measures.observers.Put(o)
	obs := o.Observe(0, m.copy.Maps(o.outcome.arch, observed))
	var s state
	var now goals
	o.outcome.measure(&obs, &s, &now)
	copy(metrics, s[:])
}

// Track implements train.Tracked.
func (m *Model) Track(stream random.Stream, steps []int) (train.Tracker, error) {
	o, err := m.measures.of(m, steps)
	if err != nil {
		return nil, err
	}
	job := &linear.Job{Architecture: m.arch, Steps: m.steps, Copies: []linear.Copy{m.Copy(stream)}}
	return newTracker(job, 0, o), nil
}

// Observe implements train.Tracker.
func (t *tracker) Observe(step int, metrics []float64) {
	copy(t.last[:], metrics)
	var now goals
	copy(now[:4], t.last[modesAt:])
	copy(now[4:], t.last[quadrantsAt:])
	t.watch(step, &now)
}

// Summary implements train.Tracker.
func (t *tracker) Summary(diverged bool) ([]results.Value, error) {
	t.diverged = diverged
	return t.summarize()
}

// measures are what runs of one model share when their program trains them.
type measures struct {
	mu        sync.Mutex
	outcome   *outcome  // of the recorded steps that were last asked for
	observers sync.Pool // of *programObserver
}

// of returns the outcome for a list of recorded steps.
func (s *measures) of(m *Model, steps []int) (*outcome, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.outcome == nil || !slices.Equal(s.outcome.steps, steps) {
		job := linear.Job{Architecture: m.arch, Steps: m.steps}
		o, err := newOutcome(&job, &m.copy, steps)
		if err != nil {
			return nil, err
		}
		s.outcome = o
	}
	return s.outcome, nil
}

// A programObserver measures maps, for one goroutine at a time.
type programObserver struct {
	*linear.Observer
	outcome *outcome
}

func (s *measures) observer(m *Model) (*programObserver, error) {
	if o, ok := s.observers.Get().(*programObserver); ok {
		return o, nil
	}
	outcome, err := s.of(m, nil)
	if err != nil {
		return nil, err
	}
	o, err := linear.NewObserver(m.copy.Task, outcome.arch)
	if err != nil {
		return nil, err
	}
	return &programObserver{o, outcome}, nil
}
