package backendtest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"

	"modspec/engine/kind/linear"
)

// A recorder keeps what is reported and notes as a fault everything
// that linear.Recorder rules out: two calls at once, steps that the schedule does
// not have or that come out of order, a copy finished twice or not at all,
// numbers that are not finite.
type recorder struct {
	job     *linear.Job
	runs    []linear.Run
	done    []bool
	record  []int
	busy    atomic.Bool
	clashes atomic.Int64 // calls that came while another was under way
	faults  []error
}

func newRecorder(job *linear.Job) *recorder {
	n := len(job.Copies)
	return &recorder{job: job, runs: make([]linear.Run, n), done: make([]bool, n), record: job.Schedule.Steps(job.Steps)}
}

// trainChecked trains a job on a backend and returns its runs, or what was wrong
// with the calls.
func trainChecked(ctx context.Context, b linear.Backend, job *linear.Job) ([]linear.Run, error) {
	w := newRecorder(job)
	if err := b.Train(ctx, job, w); err != nil {
		return nil, err
	}
	if n := w.clashes.Load(); n > 0 {
		w.faultf("%d calls came while another call was under way", n)
	}
	for i, done := range w.done {
		if !done {
			w.faultf("copy %d was never finished", i)
		}
	}
	return w.runs, errors.Join(w.faults...)
}

func (w *recorder) faultf(format string, values ...any) {
	w.faults = append(w.faults, fmt.Errorf(format, values...))
}

// during runs what a call about a copy has to do, unless another call is under way
// or the copy is no longer in training.
func (w *recorder) during(call string, copy int, do func()) {
	if !w.busy.CompareAndSwap(false, true) {
		w.clashes.Add(1)
		return
	}
	defer w.busy.Store(false)
	switch {
	case copy < 0 || copy >= len(w.runs):
		w.faultf("%s was called for copy %d of %d", call, copy, len(w.runs))
	case w.done[copy]:
		w.faultf("%s was called for copy %d after it was finished", call, copy)
	default:
		do()
	}
}

// Observe implements linear.Recorder.
func (w *recorder) Observe(copy int, o linear.Observation) error {
	w.during("Observe", copy, func() { w.observe(copy, o) })
	return nil
}

func (w *recorder) observe(copy int, o linear.Observation) {
	run := &w.runs[copy]
	if next := len(run.Trajectory); next >= len(w.record) || o.Step != w.record[next] {
		w.faultf("copy %d: observation %d is of step %d, but the schedule is %v", copy, next, o.Step, w.record)
	}
	task := w.job.Copies[copy].Task
	finite := []float64{
		o.Train.Total, o.Train.Omega, o.Train.Gamma,
		o.Quadrants.OmegaOmega, o.Quadrants.GammaOmega, o.Quadrants.OmegaGamma, o.Quadrants.GammaGamma,
	}
	finite = append(finite, o.Modes...)
	if task.TrainCount() < task.Point.Examples() {
		finite = append(finite, o.Test.Total, o.Test.Omega, o.Test.Gamma)
	}
	if o.Quadrants.OmegaOmega+o.Quadrants.GammaOmega > 0 {
		finite = append(finite, o.Systematicity)
	}
	for _, v := range finite {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			w.faultf("copy %d: at step %d a number that is not finite was recorded: %+v", copy, o.Step, o)
			break
		}
	}
	run.Trajectory = append(run.Trajectory, o)
}

// Finish implements linear.Recorder.
func (w *recorder) Finish(copy int, f linear.Final) error {
	w.during("Finish", copy, func() { w.finish(copy, f) })
	return nil
}

func (w *recorder) finish(copy int, f linear.Final) {
	w.done[copy], w.runs[copy].Final = true, f
	want := 0 // observations up to here; a copy that diverged at a step is not seen there
	for _, step := range w.record {
		if step < f.Step || step == f.Step && !f.Diverged {
			want++
		}
	}
	if got := len(w.runs[copy].Trajectory); got != want {
		w.faultf("copy %d was finished at step %d after %d observations, want %d of %v", copy, f.Step, got, want, w.record)
	}
	switch {
	case f.Diverged && (f.Step < 0 || f.Step > w.job.Steps), !f.Diverged && f.Step != w.job.Steps:
		w.faultf("copy %d was finished at step %d of %d", copy, f.Step, w.job.Steps)
	case f.Weights == nil:
		w.faultf("copy %d was finished without weights", copy)
	case !f.Diverged:
		here, err := w.job.Architecture.At(w.job.Copies[copy].Task.Point)
		if err == nil {
			err = f.Weights.Check(here, w.job.Copies[copy].Task.Point)
		}
		if err != nil {
			w.faultf("copy %d: the final weights: %w", copy, err)
		}
	}
}
