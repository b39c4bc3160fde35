package runner_test

import (
	"context"
	"math"
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/model"
	"modspec/engine/sweep/runner/runtest"
	"modspec/engine/sweep/sweeptest"
	"modspec/engine/train/reference"
)

// TestPassagesThatABackendTells: a backend that finds out by itself when halves are
// reached, and tells no more than that and the last observation, gives the same table
// as one that tells everything. A sweep with trajectories is told everything.
func TestPassagesThatABackendTells(t *testing.T) {
	for _, keep := range []bool{false, true} {
		s := sweeptest.Enumerate(t, sweeptest.Small)
		everything := runtest.Options(s, t.TempDir())
		everything.Sweep.Trajectories = keep
		runtest.Run(t, everything)
		told := runtest.Options(s, t.TempDir())
		told.Sweep.Trajectories = keep
		backend := &passing{Backend: reference.New(2)}
		told.Backend = model.Backend(backend)
		runtest.Run(t, told)
		if got, want := runtest.DigestOf(t, told.Dir), runtest.DigestOf(t, everything.Dir); got != want {
			t.Errorf("trajectories %v: the digest is %s, want %s", keep, got, want)
		}
		if (backend.passed > 0) == keep {
			t.Errorf("trajectories %v: %d copies were told by their passages", keep, backend.passed)
		}
	}
}

// passing tells passages, which it finds by going through whole trajectories.
type passing struct {
	linear.Backend
	passed int
}

func (b *passing) Train(ctx context.Context, job *linear.Job, r linear.Recorder) error {
	runs, err := linear.Collect(ctx, b.Backend, job)
	if err != nil {
		return err
	}
	p := r.(linear.PassageRecorder)
	for i, run := range runs {
		goals := p.Goals(i)
		if goals == nil {
			for _, o := range run.Trajectory {
				if err := r.Observe(i, o); err != nil {
					return err
				}
			}
		} else {
			b.passed++
			var last *linear.Observation
			if n := len(run.Trajectory); n > 0 {
				last = &run.Trajectory[n-1]
			}
			if err := p.Pass(i, last, reachedIn(run.Trajectory, goals)); err != nil {
				return err
			}
		}
		if r.(linear.WeightlessRecorder).Weightless() {
			run.Final.Weights = nil
		}
		if err := r.Finish(i, run.Final); err != nil {
			return err
		}
	}
	return nil
}

// reachedIn finds passages from the first record that is not below its goal and the
// one before it.
func reachedIn(trajectory []linear.Observation, goals *linear.Marks) linear.Marks {
	find := func(goal float64, rooted bool, value func(*linear.Observation) float64) float64 {
		for k := range trajectory {
			v := value(&trajectory[k])
			if !(v >= goal) {
				continue
			}
			if k == 0 {
				return float64(trajectory[0].Step)
			}
			before := value(&trajectory[k-1])
			if rooted {
				before, v, goal = math.Sqrt(before), math.Sqrt(v), math.Sqrt(goal)
			}
			first := float64(trajectory[k-1].Step)
			return first + (goal-before)/(v-before)*(float64(trajectory[k].Step)-first)
		}
		return math.NaN()
	}
	out := linear.Marks{Quadrants: dataset.Quadrants{
		OmegaOmega: find(goals.Quadrants.OmegaOmega, true, func(o *linear.Observation) float64 { return o.Quadrants.OmegaOmega }),
		GammaOmega: find(goals.Quadrants.GammaOmega, true, func(o *linear.Observation) float64 { return o.Quadrants.GammaOmega }),
		OmegaGamma: find(goals.Quadrants.OmegaGamma, true, func(o *linear.Observation) float64 { return o.Quadrants.OmegaGamma }),
		GammaGamma: find(goals.Quadrants.GammaGamma, true, func(o *linear.Observation) float64 { return o.Quadrants.GammaGamma }),
	}}
	for i := range goals.Modes {
		out.Modes = append(out.Modes, find(goals.Modes[i], false, func(o *linear.Observation) float64 { return o.Modes[i] }))
	}
	return out
}
