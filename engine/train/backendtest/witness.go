package backendtest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"

	"modspec/engine/kind/linear"
)

// A witness is a recorder that keeps what it is told and objects to everything
// that linear.Recorder rules out: two calls at once, steps that the schedule does
// not have or that come out of order, a copy finished twice or not at all,
// numbers that are not finite.
type witness struct {
	job     *linear.Job
	runs    []linear.Run
	done    []bool
	record  []int
	busy    atomic.Bool
	clashes atomic.Int64 // calls that came while another was under way
	objects []error
}

func newWitness(job *linear.Job) *witness {
	n := len(job.Copies)
	return &witness{job: job, runs: make([]linear.Run, n), done: make([]bool, n), record: job.Schedule.Steps(job.Steps)}
}

// witnessed trains a job on a backend and returns its runs, or what was wrong
// with the calls.
func witnessed(ctx context.Context, b linear.Backend, job *linear.Job) ([]linear.Run, error) {
	w := newWitness(job)
	if err := b.Train(ctx, job, w); err != nil {
		return nil, err
	}
	if n := w.clashes.Load(); n > 0 {
		w.objectf("%d calls came while another call was under way", n)
	}
	for i, done := range w.done {
		if !done {
			w.objectf("copy %d was never finished", i)
		}
	}
	return w.runs, errors.Join(w.objects...)
}

func (w *witness) objectf(format string, values ...any) {
	w.objects = append(w.objects, fmt.Errorf(format, values...))
}

// during runs what a call about a copy has to do, unless another call is under way
// or the copy is no longer in training.
func (w *witness) during(call string, copy int, do func()) {
	if !w.busy.CompareAndSwap(false, true) {
		w.clashes.Add(1)
		return
	}
	defer w.busy.Store(false)
	switch {
	case copy < 0 || copy >= len(w.runs):
		w.objectf("%s was called for copy %d of %d", call, copy, len(w.runs))
	case w.done[copy]:
		w.objectf("%s was called for copy %d after it was finished", call, copy)
	default:
		do()
	}
}

// Observe implements linear.Recorder.
func (w *witness) Observe(copy int, o linear.Observation) error {
	w.during("Observe", copy, func() { w.observe(copy, o) })
	return nil
}

func (w *witness) observe(copy int, o linear.Observation) {
	run := &w.runs[copy]
	if next := len(run.Trajectory); next >= len(w.record) || o.Step != w.record[next] {
		w.objectf("copy %d: observation %d is of step %d, but the schedule is %v", copy, next, o.Step, w.record)
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
			w.objectf("copy %d: at step %d a number that is not finite was recorded: %+v", copy, o.Step, o)
			break
		}
	}
	run.Trajectory = append(run.Trajectory, o)
}

// Finish implements linear.Recorder.
func (w *witness) Finish(copy int, f linear.Final) error {
	w.during("Finish", copy, func() { w.finish(copy, f) })
	return nil
}

func (w *witness) finish(copy int, f linear.Final) {
	w.done[copy], w.runs[copy].Final = true, f
	want := 0 // observations up to here; a copy that diverged at a step is not seen there
	for _, step := range w.record {
		if step < f.Step || step == f.Step && !f.Diverged {
			want++
		}
	}
	if got := len(w.runs[copy].Trajectory); got != want {
		w.objectf("copy %d was finished at step %d after %d observations, want %d of %v", copy, f.Step, got, want, w.record)
	}
	switch {
	case f.Diverged && (f.Step < 0 || f.Step > w.job.Steps), !f.Diverged && f.Step != w.job.Steps:
		w.objectf("copy %d was finished at step %d of %d", copy, f.Step, w.job.Steps)
	case f.Weights == nil:
		w.objectf("copy %d was finished without weights", copy)
	case !f.Diverged:
		here, err := w.job.Architecture.At(w.job.Copies[copy].Task.Point)
		if err == nil {
			err = f.Weights.Check(here, w.job.Copies[copy].Task.Point)
		}
		if err != nil {
			w.objectf("copy %d: the final weights: %w", copy, err)
		}
	}
}
