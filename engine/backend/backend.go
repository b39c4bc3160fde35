package backend

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"modspec/engine/program"
	"modspec/engine/results"
	"modspec/engine/train"
)

// A Form trains the models of one type in another way than by their program,
// exactly as a [train.Backend] would.
type Form interface {
	// Fits reports whether all models of a job are of the type. It looks at types
	// alone and never at a program.
	Fits(job *train.Job) bool
	// Train is that of [train.Backend].
	Train(ctx context.Context, job *train.Job, recorder train.Recorder) error
	// Close gives back what the form holds.
	Close() error
}

// New returns a backend that trains a job by the first form that it fits, and
// else by the executor. It has the executor's name, and closes them all.
func New(executor Executor, forms ...Form) train.Backend { return &backend{executor, forms} }

type backend struct {
	executor Executor
	forms    []Form
}

func (b *backend) Name() string { return b.executor.Name() }

func (b *backend) Close() error {
	err := b.executor.Close()
	for _, f := range b.forms {
		err = errors.Join(err, f.Close())
	}
	return err
}

// Train implements [train.Backend].
func (b *backend) Train(ctx context.Context, job *train.Job, recorder train.Recorder) error {
	if err := job.Check(); err != nil {
		return err
	}
	if have := b.executor.Precision(); job.Precision != have {
		return Unsupported(fmt.Errorf("the job is in %s, but this %s backend trains in %s; choose that precision", job.Precision, b.Name(), have))
	}
	for _, f := range b.forms {
		if !f.Fits(job) {
			continue
		}
		if i := slices.IndexFunc(job.Runs, func(r train.Run) bool { return r.From != nil }); i >= 0 {
			return Unsupported(fmt.Errorf("run %d begins at step %d, but networks of its kind are trained from step 0 on; begin there", i, job.Runs[i].From.Step))
		}
		return f.Train(ctx, job, recorder)
	}
	metrics := job.Kind.Metrics()
	more := !slices.Equal(train.SummaryOf(job.Kind).Names(), metrics.Names())
	for i := range job.Runs {
		if _, tracked := job.Runs[i].Model.(train.Tracked); more && !tracked {
			return Unsupported(fmt.Errorf("a run of the kind %s is summarised by more than its metrics, which its program does not compute", job.Kind.Name()))
		}
	}
	t, err := job.Runs[0].Model.Program()
	if err != nil {
		return err
	}
	runs := make([]program.Run, len(job.Runs))
	for i, r := range job.Runs {
		runs[i] = r.Model.Run(r.Stream)
		if r.From != nil {
			runs[i].From = &r.From.Checkpoint
		}
		if err := runs[i].Check(t); err != nil {
			return fmt.Errorf("run %d: %w", i, err)
		}
	}
	record := job.Schedule.Steps(job.Steps)
	s := &sink{job: job, recorder: recorder, all: recorder.Wanted(), record: record, metrics: make([][]float64, len(runs))}
	if more {
		s.trackers = make([]train.Tracker, len(runs))
	}
	if s.keeper, _ = recorder.(train.Keeper); s.keeper != nil {
		s.observed = make([][]float64, len(runs))
	}
	for i := range s.metrics {
		s.metrics[i] = make([]float64, len(metrics))
	}
	if err := s.repeat(ctx); err != nil {
		return err
	}
	return b.executor.Train(ctx, t, runs, job.Steps, record, s)
}

// sink computes metrics from what the executor observes and reports them to the
// recorder.
type sink struct {
	job      *train.Job
	recorder train.Recorder
	all      bool            // whether observations before the last are wanted
	record   []int           // steps
	metrics  [][]float64     // of each run, when it was last observed
	trackers []train.Tracker // of the runs in training; nil where metrics are the summary
	keeper   train.Keeper    // the recorder, if it is one
	observed [][]float64     // metrics of each run in training at the recorded steps so far; nil without a keeper

	mu     sync.Mutex // held while the recorder is called
	failed error      // of the recorder, which is not called any more
}

// repeat reports what was observed of runs before the checkpoints at which they begin.
func (s *sink) repeat(ctx context.Context) error {
	for i, r := range s.job.Runs {
		if r.From == nil || !s.all && s.trackers == nil {
			continue
		}
		if err := context.Cause(ctx); err != nil {
			return err
		}
		before, _ := slices.BinarySearch(s.record, r.From.Step)
		if len(r.From.Observed) != before {
			return fmt.Errorf("run %d begins at step %d with a checkpoint that lacks the %d observations before it; begin at step 0", i, r.From.Step, before)
		}
		for k, metrics := range r.From.Observed {
			if err := s.observe(i, s.record[k], metrics); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *sink) Due(run, step int) bool { return s.keeper != nil && s.keeper.Due(run, step) }

func (s *sink) Keep(step int, runs []int, variables [][][]float64) error {
	list := make([]train.Checkpoint, len(runs))
	for i, run := range runs {
		rows := slices.Collect(slices.Chunk(s.observed[run], max(1, len(s.metrics[run]))))
		list[i] = train.Checkpoint{Checkpoint: program.Checkpoint{Step: step, Variables: variables[i]}, Observed: rows}
	}
	return s.tell(func() error { return s.keeper.Keep(runs, list) })
}

func (s *sink) Observe(run, step int, observed [][]float64) error {
	if !s.all && step != s.job.Steps && s.trackers == nil {
		return nil
	}
	metrics := s.metrics[run]
	s.job.Runs[run].Model.Measure(observed, metrics)
	return s.observe(run, step, metrics)
}

// observe takes in the metrics at a recorded step.
func (s *sink) observe(run, step int, metrics []float64) error {
	if s.keeper != nil {
		s.observed[run] = append(s.observed[run], metrics...)
	}
	if s.trackers != nil {
		t, err := s.tracker(run)
		if err != nil {
			return err
		}
		t.Observe(step, metrics)
	}
	if !s.all && step != s.job.Steps {
		return nil
	}
	return s.tell(func() error { return s.recorder.Observe(run, step, metrics) })
}

func (s *sink) Finish(run, step int, diverged bool, variables [][]float64) error {
	metrics := s.metrics[run]
	s.metrics[run] = nil
	if s.keeper != nil {
		s.observed[run] = nil
	}
	if diverged {
		for i := range metrics {
			metrics[i] = math.NaN()
		}
	}
	end := train.End{Step: step, Diverged: diverged, Variables: variables, Summary: func() ([]results.Value, error) {
		values := make([]results.Value, len(metrics))
		for i, v := range metrics {
			values[i].Number = v
		}
		return values, nil
	}}
	if s.trackers != nil {
		t, err := s.tracker(run)
		if err != nil {
			return err
		}
		s.trackers[run] = nil
		end.Summary = func() ([]results.Value, error) { return t.Summary(diverged) }
	}
	return s.tell(func() error { return s.recorder.Finish(run, end) })
}

// tracker returns the tracker of a run, from its first report on.
func (s *sink) tracker(run int) (t train.Tracker, err error) {
	if s.trackers[run] == nil {
		r := &s.job.Runs[run]
		s.trackers[run], err = r.Model.(train.Tracked).Track(r.Stream, s.record)
	}
	return s.trackers[run], err
}

func (s *sink) tell(call func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == nil {
		s.failed = call()
	}
	return s.failed
}
