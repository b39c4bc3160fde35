package linear_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"modspec/engine/kind/linear"
)

// script is a backend that reports what it is told to, in an order that jumps
// between copies.
type script struct{ err error }

func (s script) Name() string { return "script" }
func (s script) Close() error { return nil }

func (s script) Train(_ context.Context, job *linear.Job, r linear.Recorder) error {
	for step := range 2 {
		for copy := len(job.Copies) - 1; copy >= 0; copy-- {
			if err := r.Observe(copy, linear.Observation{Step: 10*copy + step}); err != nil {
				return err
			}
		}
	}
	for copy := range job.Copies {
		if err := r.Finish(copy, linear.Final{Step: 10*copy + 1, Diverged: copy == 1}); err != nil {
			return err
		}
	}
	return s.err
}

func TestCollectKeepsCopiesApart(t *testing.T) {
	job := goodJob()
	job.Copies = append(job.Copies, job.Copies[0], job.Copies[0])
	runs, err := linear.Collect(context.Background(), script{}, job)
	if err != nil {
		t.Fatal(err)
	}
	if len(runs) != 3 {
		t.Fatalf("there are %d runs, want 3", len(runs))
	}
	for copy, run := range runs {
		if len(run.Trajectory) != 2 || run.Trajectory[0].Step != 10*copy || run.Last().Step != 10*copy+1 {
			t.Errorf("copy %d has trajectory %+v", copy, run.Trajectory)
		}
		if run.Final.Step != 10*copy+1 || run.Final.Diverged != (copy == 1) {
			t.Errorf("copy %d ended as %+v", copy, run.Final)
		}
	}
}

// A copy that diverged before its first observation has no last one; its numbers
// must not pass for a measurement.
func TestLastOfARunWithoutObservations(t *testing.T) {
	last := (&linear.Run{Final: linear.Final{Diverged: true}}).Last()
	q := last.Quadrants
	for _, v := range []float64{
		last.Train.Total, last.Train.Omega, last.Train.Gamma, last.Test.Total, last.Test.Omega, last.Test.Gamma,
		q.OmegaOmega, q.GammaOmega, q.OmegaGamma, q.GammaGamma, last.Systematicity,
	} {
		if !math.IsNaN(v) {
			t.Fatalf("the last observation of none is %+v, want NaN throughout", last)
		}
	}
	if last.Finite() || len(last.Modes) != 0 {
		t.Errorf("the last observation of none is %+v", last)
	}
}

func TestCollectPassesTheErrorOn(t *testing.T) {
	broken := errors.New("broken")
	if runs, err := linear.Collect(context.Background(), script{broken}, goodJob()); !errors.Is(err, broken) || runs != nil {
		t.Errorf("runs %v, error %v, want none and the backend's error", runs, err)
	}
}
