package programs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"modspec/engine/program"
	"modspec/engine/train/cpu/asm"
)

// executable is a training compiled in one precision.
type executable[F asm.Float] struct {
	training             *program.Training
	kernels              *asm.Kernels[F]
	threads              int
	start, step, observe *plan[F]
}

func newExecutable[F asm.Float](t *program.Training, o Options) (*executable[F], error) {
	e := &executable[F]{training: t, kernels: asm.Sets[F]()[o.set], threads: o.Threads}
	var failed [3]error
	e.start, failed[0] = compile[F](t.Start, true)
	e.step, failed[1] = compile[F](t.Step, true)
	e.observe, failed[2] = compile[F](t.Observe, false)
	return e, errors.Join(failed[:]...)
}

// check returns an error that names the first thing in a job that is wrong.
func (e *executable[F]) check(job *Job) error {
	if job.Steps < 0 {
		return fmt.Errorf("the number of steps is %d, but must be 0 or more", job.Steps)
	}
	if !slices.IsSorted(job.Record) || len(job.Record) > 0 && (job.Record[0] < 0 || job.Record[len(job.Record)-1] > job.Steps) {
		return fmt.Errorf("the recorded steps must ascend from 0 to %d", job.Steps)
	}
	for i := range job.Runs {
		if err := job.Runs[i].Check(e.training); err != nil {
			return fmt.Errorf("run %d: %w", i, err)
		}
	}
	return nil
}

// Train implements trainer.
func (e *executable[F]) Train(ctx context.Context, job *Job, sink Sink) error {
	if err := e.check(job); err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var next atomic.Int64
	var wait sync.WaitGroup
	shared := &sharedSink{sink: sink}
	workers := min(e.threads, len(job.Runs))
	for range workers {
		wait.Go(func() {
			w := &worker[F]{executable: e, inside: e.threads / workers, ctx: ctx, job: job, sink: shared}
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(job.Runs) {
					return
				}
				if err := w.train(i); err != nil {
					stop(err)
				}
			}
		})
	}
	wait.Wait()
	return context.Cause(ctx)
}

// sharedSink lets one worker through at a time, and nobody after an error.
type sharedSink struct {
	mu     sync.Mutex
	sink   Sink
	failed error
}

func (s *sharedSink) tell(what func(Sink) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == nil {
		s.failed = what(s.sink)
	}
	return s.failed
}

// A worker trains one run after the other.
type worker[F asm.Float] struct {
	*executable[F]
	inside int // threads of a product
	ctx    context.Context
	job    *Job
	sink   *sharedSink
	m      *machine[F]
	// kept are the variables at the last look, after keptStep steps.
	kept                [][]F
	keptStep            int
	observed, variables [][]float64
}

// errDiverged says that a look found a variable that is not finite.
var errDiverged = errors.New("the run has diverged")

// train trains a run to its end. Panics, which are faults of this package, come back
// as errors.
func (w *worker[F]) train(run int) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("cpu backend, run %d: %v", run, r)
		}
	}()
	if err := w.begin(run); err != nil {
		return fmt.Errorf("run %d: %w", run, err)
	}
	record := w.job.Record
	for len(record) > 0 && record[0] < w.m.step {
		record = record[1:]
	}
	for {
		recorded := len(record) > 0 && record[0] == w.m.step
		if recorded || w.m.step >= w.job.Steps {
			err = w.look()
		}
		if err == nil && recorded {
			record = record[1:]
			err = w.record(run)
		}
		if err == nil && w.m.step >= w.job.Steps {
			return w.finish(run, false)
		}
		if err == nil {
			err = w.advance()
		}
		switch {
		case err == errDiverged:
			return w.finish(run, true)
		case err != nil:
			return err
		}
	}
}

// begin brings a run to its start.
func (w *worker[F]) begin(run int) error {
	if w.m == nil {
		w.m = newMachine(w.kernels, w.inside, w.training.Variables, w.start, w.step, w.observe)
		for _, v := range w.m.variables {
			w.kept = append(w.kept, make([]F, len(v)))
		}
	}
	w.m.begin(w.job.Runs[run])
	step, variables := 0, [][]float64(nil)
	if w.job.Start != nil {
		step, variables = w.job.Start(run)
	}
	if variables == nil {
		w.m.step = -1
		if err := w.m.execute(w.start); err != nil {
			return err
		}
		w.m.step = 0
	} else {
		if step < 0 || step > w.job.Steps {
			return fmt.Errorf("it begins after %d steps, but must begin after 0 to %d", step, w.job.Steps)
		}
		if len(variables) != len(w.m.variables) {
			return fmt.Errorf("it begins with %d variables, but its training has %d", len(variables), len(w.m.variables))
		}
		for v, values := range variables {
			info := &w.training.Variables[v]
			if len(values) != program.Size(info.Shape) {
				return fmt.Errorf("the variable %s begins with %d elements, but has the shape %v", info.Name, len(values), info.Shape)
			}
			fill(w.m.variables[v], values)
		}
		w.m.step = step
	}
	w.keep()
	return nil
}

func (w *worker[F]) keep() {
	for v := range w.kept {
		copy(w.kept[v], w.m.variables[v])
	}
	w.keptStep = w.m.step
}

// finite reports whether all variables are.
func (w *worker[F]) finite() bool {
	var nothing F // stays 0 until a number that is not finite makes it NaN
	for v := range w.training.Variables {
		for _, x := range w.m.variables[v][:program.Size(w.training.Variables[v].Shape)] {
			nothing += x - x
		}
	}
	return nothing == 0
}

// look checks the variables, and keeps them if they are finite. If not, it
// goes back to the first step at which they were not.
func (w *worker[F]) look() error {
	if w.finite() {
		w.keep()
		return nil
	}
	if err := w.repeat(w.m.step); err != nil {
		return err
	}
	return errDiverged
}

// repeat does the steps since the last look again, up to the first at which a
// variable is not finite, and not beyond step end.
func (w *worker[F]) repeat(end int) error {
	for v := range w.kept {
		copy(w.m.variables[v], w.kept[v])
	}
	w.m.step = w.keptStep
	for w.finite() && w.m.step < end {
		if err := w.m.execute(w.step); err != nil {
			return err
		}
		w.m.step++
	}
	return nil
}

// advance does a step.
func (w *worker[F]) advance() error {
	select {
	case <-w.ctx.Done():
		return context.Cause(w.ctx)
	default:
	}
	err := w.m.execute(w.step)
	if err == nil {
		w.m.step++
		return nil
	}
	// Numbers that are not finite may have become indices.
	if again := w.repeat(w.m.step); again != nil || w.finite() {
		return err
	}
	return errDiverged
}

func (w *worker[F]) record(run int) error {
	if err := w.m.execute(w.observe); err != nil {
		return err
	}
	w.observed = w.m.results(w.observed, w.observe.outputs)
	return w.sink.tell(func(s Sink) error { return s.Observe(run, w.m.step, w.observed) })
}

func (w *worker[F]) finish(run int, diverged bool) error {
	var variables [][]float64
	if w.job.Variables {
		var places []place
		for v := range w.m.variables {
			places = append(places, place{inVariable, v, program.Size(w.training.Variables[v].Shape)})
		}
		w.variables = w.m.results(w.variables, places)
		variables = w.variables
	}
	return w.sink.tell(func(s Sink) error { return s.Finish(run, w.m.step, diverged, variables) })
}
