package traintest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"modspec/engine/results"
	"modspec/engine/train"
)

// An observation is the metrics of a run at a step.
type observation struct {
	step    int
	metrics []float64
}

// An outcome is all that a recorder is told of a run.
type outcome struct {
	observed  []observation
	ended     bool
	end       train.End
	variables [][]float64
	summary   []results.Value
}

// A recorder keeps what it is told, and returns an error for what a backend may not
// do.
type recorder struct {
	runs []outcome
	// call is asked at each call before it is looked at; nil for nothing.
	call func(run int, finish bool) error

	inside atomic.Int32           // calls at this moment
	fault  atomic.Pointer[string] // the first thing that the backend may not do
	after  bool                   // whether a call has returned an error
	calls  int
}

// train trains a job, and says what the backend may not do too, which it could keep to
// itself as an error of the recorder.
func (r *recorder) train(ctx context.Context, b train.Backend, j *train.Job) error {
	err := b.Train(ctx, j, r)
	if fault := r.fault.Load(); fault != nil {
		return errors.New(*fault)
	}
	return err
}

func (r *recorder) Wanted() bool { return true }

// enter begins a call, which leave ends.
func (r *recorder) enter(run int, finish bool) error {
	fault := ""
	switch {
	case r.inside.Add(1) > 1:
		fault = "two calls of the recorder came at one time"
	case r.after:
		fault = "the recorder is called after it returned an error"
	case run < 0 || run >= len(r.runs):
		fault = fmt.Sprintf("there is no run %d", run)
	case r.runs[run].ended:
		fault = fmt.Sprintf("run %d is told of after its end", run)
	}
	if fault != "" {
		r.fault.CompareAndSwap(nil, &fault)
		return errors.New(fault)
	}
	r.calls++
	if r.call != nil {
		return r.call(run, finish)
	}
	return nil
}

func (r *recorder) leave(err *error) {
	r.after = r.after || *err != nil
	r.inside.Add(-1)
}

func (r *recorder) Observe(run, step int, metrics []float64) (err error) {
	defer r.leave(&err)
	if err := r.enter(run, false); err != nil {
		return err
	}
	r.runs[run].observed = append(r.runs[run].observed, observation{step, slices.Clone(metrics)})
	return nil
}

func (r *recorder) Finish(run int, end train.End) (err error) {
	defer r.leave(&err)
	if err := r.enter(run, true); err != nil {
		return err
	}
	o := &r.runs[run]
	o.ended, o.end = true, end
	for _, v := range end.Variables {
		o.variables = append(o.variables, slices.Clone(v))
	}
	o.summary, err = end.Summary()
	return err
}

// record trains a job and returns what was recorded of each run, after checking that
// the calls were those of its schedule.
func record(ctx context.Context, b train.Backend, j *train.Job) ([]outcome, error) {
	r := &recorder{runs: make([]outcome, len(j.Runs))}
	if err := r.train(ctx, b, j); err != nil {
		return nil, err
	}
	steps := j.Schedule.Steps(j.Steps)
	for i, o := range r.runs {
		want := steps
		if o.end.Diverged {
			// It is observed before it ends.
			before, _ := slices.BinarySearch(steps, o.end.Step)
			want = steps[:before]
		}
		var got []int
		for _, observed := range o.observed {
			got = append(got, observed.step)
			if n := len(observed.metrics); n != len(j.Kind.Metrics()) {
				return nil, fmt.Errorf("run %d has %d metrics, want %d", i, n, len(j.Kind.Metrics()))
			}
		}
		switch {
		case !o.ended || !o.end.Diverged && o.end.Step != j.Steps:
			return nil, fmt.Errorf("run %d ended: %v, at step %d of %d", i, o.ended, o.end.Step, j.Steps)
		case !slices.Equal(got, want):
			return nil, fmt.Errorf("run %d was observed at the steps %v, want %v", i, got, want)
		}
	}
	return r.runs, nil
}

// equal returns an error unless two outcomes of a run have equal bits.
func equal(a, b *outcome) error {
	if a.end.Step != b.end.Step || a.end.Diverged != b.end.Diverged {
		return fmt.Errorf("it ended at step %d, diverged: %v, and at step %d, diverged: %v", a.end.Step, a.end.Diverged, b.end.Step, b.end.Diverged)
	}
	for k := range a.observed {
		if x, y := a.observed[k].metrics, b.observed[k].metrics; !equalBits(x, y) {
			return fmt.Errorf("at step %d its metrics are %v and %v", a.observed[k].step, x, y)
		}
	}
	if a.end.Diverged {
		return nil // numbers that are not finite have no fixed bits
	}
	for v := range a.variables {
		if !equalBits(a.variables[v], b.variables[v]) {
			return fmt.Errorf("variable %d at the end has other bits", v)
		}
	}
	return nil
}

func equalBits(x, y []float64) bool {
	return slices.EqualFunc(x, y, func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) || a != a && b != b })
}
