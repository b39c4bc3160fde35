package traintest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"modspec/engine/program"
	"modspec/engine/results"
	"modspec/engine/train"
)

// An observation is the metrics of a run at a step.
type observation struct {
	step    int
	metrics []float64
}

// An outcome is all that is reported of a run.
type outcome struct {
	observed  []observation
	ended     bool
	end       train.End
	variables [][]float64
	summary   []results.Value
}

// A recorder keeps what is reported, and returns an error for what a backend may not
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

// train trains a job for a recorder that is r or has it, and says what the backend may
// not do too, which it could keep to itself as an error of the recorder.
func (r *recorder) train(ctx context.Context, b train.Backend, j *train.Job, to train.Recorder) error {
	err := b.Train(ctx, j, to)
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
	o.variables = deep(end.Variables)
	o.summary, err = end.Summary()
	return err
}

// A keeper is a recorder that keeps a checkpoint of each run at every step.
type keeper struct {
	*recorder
	kept []map[int]*train.Checkpoint // by run and step
}

func newKeeper(runs int) *keeper {
	k := &keeper{recorder: &recorder{runs: make([]outcome, runs)}}
	for range runs {
		k.kept = append(k.kept, map[int]*train.Checkpoint{})
	}
	return k
}

func (k *keeper) Due(int, int) bool { return true }

func (k *keeper) Keep(runs []int, checkpoints []train.Checkpoint) (err error) {
	defer k.leave(&err)
	for i, run := range runs {
		if i > 0 {
			k.inside.Add(-1) // one call is for many runs
		}
		if err := k.enter(run, false); err != nil {
			return err
		}
		c := checkpoints[i]
		if last := k.runs[run].observed; len(last) > 0 && last[len(last)-1].step >= c.Step {
			return fmt.Errorf("run %d has a checkpoint after step %d when step %d has been observed", run, c.Step, last[len(last)-1].step)
		}
		k.kept[run][c.Step] = &train.Checkpoint{Checkpoint: program.Checkpoint{Step: c.Step, Variables: deep(c.Variables)}, Observed: deep(c.Observed)}
	}
	return nil
}

func deep(list [][]float64) (out [][]float64) {
	for _, v := range list {
		out = append(out, slices.Clone(v))
	}
	return out
}

// record trains a job and returns what was recorded of each run, after checking that
// the calls were those of its schedule.
func record(ctx context.Context, b train.Backend, j *train.Job) ([]outcome, error) {
	r := &recorder{runs: make([]outcome, len(j.Runs))}
	return r.record(ctx, b, j, r)
}

// record is the function record with a given recorder, which is r or has it.
func (r *recorder) record(ctx context.Context, b train.Backend, j *train.Job, to train.Recorder) ([]outcome, error) {
	if err := r.train(ctx, b, j, to); err != nil {
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
	for i, x := range a.summary {
		if y := b.summary[i]; x.Text != y.Text || !equalBits([]float64{x.Number}, []float64{y.Number}) {
			return fmt.Errorf("value %d of its summary is %v and %v", i, x, y)
		}
	}
	return nil
}

func equalBits(x, y []float64) bool {
	return slices.EqualFunc(x, y, func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) || a != a && b != b })
}
