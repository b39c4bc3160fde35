// Package reference trains networks of convolutions in float64, one image after
// the other, with gonum. It is slow and written to be read: the oracle of every
// other backend.
package reference

import (
	"context"

	"modspec/engine/cmnist"
)

// Backend trains one run after the other.
type Backend struct{}

var _ cmnist.Backend = Backend{}

// Name returns "reference".
func (Backend) Name() string { return "reference" }

// Close does nothing: the backend holds nothing between jobs.
func (Backend) Close() error { return nil }

// Train implements cmnist.Backend.
func (Backend) Train(ctx context.Context, job *cmnist.Job, recorder cmnist.Recorder) error {
	if err := job.Check(); err != nil {
		return err
	}
	for i := range job.Runs {
		if err := train(ctx, job, i, recorder); err != nil {
			return err
		}
	}
	return nil
}

func train(ctx context.Context, job *cmnist.Job, index int, recorder cmnist.Recorder) error {
	run := &job.Runs[index]
	state, err := job.Start(index)
	if err != nil {
		return err
	}
	n, err := newNet(run.Network, job.Data.Composition, state)
	if err != nil {
		return err
	}
	save := func() (*cmnist.Checkpoint, error) {
		out := &cmnist.Checkpoint{Epoch: state.Epoch, Parameters: state.Parameters.Clone()}
		if state.Velocity != nil {
			out.Velocity = state.Velocity.Clone()
		}
		return out, nil
	}
	for {
		o, err := cmnist.Observe(ctx, job, run.Network, state.Epoch, n.answers)
		if err != nil {
			return err
		}
		if err := recorder.Epoch(index, o, save); err != nil {
			return err
		}
		if state.Epoch == job.Epochs || o.Diverged {
			return nil
		}
		order := run.Stream.Permutation(job.Data.Train.Count(), uint32(state.Epoch))
		for len(order) > 0 {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			batch := order[:min(job.Batch, len(order))]
			order = order[len(batch):]
			n.step(job, batch)
		}
		state.Epoch++
	}
}
