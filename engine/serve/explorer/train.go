package explorer

import (
	"context"
	"errors"
	"fmt"

	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/prediction"
	"modspec/engine/results"
	"modspec/engine/serve"
)

// Train implements serve.Networks. A training that takes more than the explorer
// allows is refused.
func (e *Explorer) Train(ctx context.Context, n serve.Network, points int, observe func(int, results.State) error) (serve.Ending, error) {
	arch, c, err := build(n)
	if err != nil {
		return serve.Ending{}, err
	}
	here, err := arch.At(c.Task.Point)
	if err != nil {
		return serve.Ending{}, err
	}
	if err := checkWork(work(shapesOf(here, c.Task.Point), n.Parameters.Steps)); err != nil {
		return serve.Ending{}, err
	}
	backend, err := e.Open()
	if err != nil {
		return serve.Ending{}, fmt.Errorf("no backend could be opened: %w", err)
	}
	steps := n.Parameters.Steps
	job := &linear.Job{Architecture: arch, Steps: steps, Schedule: schedule(steps, points), Copies: []linear.Copy{c}}
	r := &recorder{observe: observe, modes: prediction.New(c.Task.Point, here).Modes}
	err = errors.Join(backend.Train(ctx, job, r), backend.Close())
	return r.ending, err
}

// A recorder hands observations on as states.
type recorder struct {
	observe func(int, results.State) error
	modes   []prediction.Mode
	ending  serve.Ending
}

// Observe implements linear.Recorder.
func (r *recorder) Observe(_ int, o linear.Observation) error {
	s := unknown()
	s.Train, s.Test = results.Losses(o.Train), results.Losses(o.Test)
	s.Quadrants, s.Systematicity = results.Quadrants(o.Quadrants), o.Systematicity
	for k, mode := range r.modes {
		if mode.Column >= 0 && k < len(o.Modes) {
			s.Modes[mode.Column] = o.Modes[k]
		}
	}
	return r.observe(o.Step, s)
}

// Finish implements linear.Recorder.
func (r *recorder) Finish(_ int, f linear.Final) error {
	r.ending = serve.Ending{Step: f.Step, Diverged: f.Diverged}
	return nil
}
