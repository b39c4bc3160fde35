package model

import (
	"context"
	"errors"
	"fmt"

	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/train"
)

// Train trains the runs of a job of this kind on a backend for linear networks. It
// returns and reports what a [train.Backend] does.
func Train(ctx context.Context, b linear.Backend, job *train.Job, to train.Recorder) error {
	if err := job.Check(); err != nil {
		return err
	}
	r, err := newRecorder(job, to)
	if err != nil {
		return err
	}
	return b.Train(ctx, r.job, r)
}

// Backend returns a backend for linear networks as one for jobs of this kind alone.
func Backend(b linear.Backend) train.Backend { return Form{b} }

// A Form is a backend for linear networks as a form of package backend: it trains jobs
// of this kind, and no others.
type Form struct{ linear.Backend }

// Fits implements backend.Form.
func (f Form) Fits(job *train.Job) bool {
	for i := range job.Runs {
		if _, ok := job.Runs[i].Model.(*Model); !ok {
			return false
		}
	}
	return true
}

// Train implements train.Backend.
func (f Form) Train(ctx context.Context, job *train.Job, to train.Recorder) error {
	return Train(ctx, f.Backend, job, to)
}

// Job returns a job of this kind as one of package linear.
func Job(job *train.Job) (*linear.Job, error) {
	if len(job.Runs) == 0 {
		return nil, errors.New("the job has no runs to train")
	}
	out := &linear.Job{Steps: job.Steps, Schedule: job.Schedule, Copies: make([]linear.Copy, len(job.Runs))}
	for i := range job.Runs {
		m, ok := job.Runs[i].Model.(*Model)
		if !ok {
			return nil, fmt.Errorf("run %d of the job is of the kind %s, but this backend trains linear networks only: %w", i, job.Kind.Name(), errors.ErrUnsupported)
		}
		if i == 0 {
			out.Architecture = m.arch
		}
		out.Copies[i] = m.Copy(job.Runs[i].Stream)
	}
	return out, nil
}

// A recorder follows the copies of one job and reports them to another recorder. Only
// copies that are being trained take memory.
type recorder struct {
	job      *linear.Job
	to       train.Recorder
	wanted   bool       // whether observations before the last are
	outcomes []*outcome // of the copies
	trackers []*tracker // of the copies that have begun and not finished
}

func newRecorder(job *train.Job, to train.Recorder) (*recorder, error) {
	own, err := Job(job)
	if err != nil {
		return nil, err
	}
	r := &recorder{job: own, to: to, wanted: to.Wanted(), outcomes: make([]*outcome, len(own.Copies)), trackers: make([]*tracker, len(own.Copies))}
	steps := own.Schedule.Steps(own.Steps)
	for i := range own.Copies {
		// Copies of one model stand together, and share what can be prepared.
		if i > 0 && job.Runs[i].Model == job.Runs[i-1].Model {
			r.outcomes[i] = r.outcomes[i-1]
			continue
		}
		if r.outcomes[i], err = newOutcome(own, &own.Copies[i], steps); err != nil {
			return nil, err
		}
	}
	return r, nil
}

var (
	_ linear.ConcurrentStartRecorder = (*recorder)(nil)
	_ linear.PassageRecorder         = (*recorder)(nil)
	_ linear.WeightlessRecorder      = (*recorder)(nil)
)

// ConcurrentStarts implements linear.ConcurrentStartRecorder: copies have trackers of
// their own, and what they share is not changed.
func (r *recorder) ConcurrentStarts() bool { return true }

// Weightless implements linear.WeightlessRecorder: no metric is of weights.
func (r *recorder) Weightless() bool { return true }

// tracker returns the tracker of a copy, from its first report on.
func (r *recorder) tracker(copy int) *tracker {
	if r.trackers[copy] == nil {
		r.trackers[copy] = newTracker(r.job, copy, r.outcomes[copy])
	}
	return r.trackers[copy]
}

// Start implements linear.StartRecorder.
func (r *recorder) Start(copy int, w *network.Weights) error {
	t := r.tracker(copy)
	t.starts = t.outcome.startsOf(t.starts, w)
	t.told = true
	return nil
}

// Observe implements linear.Recorder.
func (r *recorder) Observe(copy int, o linear.Observation) error {
	t := r.tracker(copy)
	t.observe(&o)
	if !r.wanted {
		return nil
	}
	return r.to.Observe(copy, o.Step, t.last[:])
}

// Goals implements linear.PassageRecorder: where observations are not wanted, times to
// half are all that is asked of those before the last.
func (r *recorder) Goals(copy int) *linear.Marks {
	if r.wanted {
		return nil
	}
	return r.outcomes[copy].marks()
}

// Pass implements linear.PassageRecorder.
func (r *recorder) Pass(copy int, last *linear.Observation, reached linear.Marks) error {
	r.tracker(copy).pass(last, &reached)
	return nil
}

// Finish implements linear.Recorder.
func (r *recorder) Finish(copy int, f linear.Final) error {
	t := r.tracker(copy)
	r.trackers[copy] = nil
	t.diverged = f.Diverged
	return r.to.Finish(copy, train.End{Step: f.Step, Diverged: f.Diverged, Summary: t.summary})
}
