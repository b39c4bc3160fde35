package linear

import (
	"context"
	"math"

	"modspec/engine/dataset"
)

// A Run is what was recorded of one copy of a job: its observations in order of steps,
// and how it ended.
type Run struct {
	Trajectory []Observation
	Final      Final
}

// Last returns the last observation. A copy that diverged before its first one
// has none; its numbers are then NaN, so that no comparison with them holds.
func (r *Run) Last() Observation {
	if len(r.Trajectory) > 0 {
		return r.Trajectory[len(r.Trajectory)-1]
	}
	nan := math.NaN()
	losses := Losses{nan, nan, nan}
	return Observation{Train: losses, Test: losses, Quadrants: dataset.Quadrants{OmegaOmega: nan, GammaOmega: nan, OmegaGamma: nan, GammaGamma: nan}, Systematicity: nan}
}

// Collect trains a job on a backend and returns its runs, one a copy in the
// job's order. It returns the backend's error.
func Collect(ctx context.Context, b Backend, job *Job) ([]Run, error) {
	c := collector{runs: make([]Run, len(job.Copies))}
	if err := b.Train(ctx, job, c); err != nil {
		return nil, err
	}
	return c.runs, nil
}

type collector struct{ runs []Run }

func (c collector) Observe(i int, o Observation) error {
	c.runs[i].Trajectory = append(c.runs[i].Trajectory, o)
	return nil
}

func (c collector) Finish(i int, f Final) error {
	c.runs[i].Final = f
	return nil
}
