package programs

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sort"
	"sync"
	"sync/atomic"
	"unsafe"

	"modspec/engine/backend"
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

// Train implements trainer.
func (e *executable[F]) Train(ctx context.Context, runs []program.Run, steps int, record []int, sink backend.Sink) error {
	for i := range runs {
		if err := runs[i].Check(e.training); err != nil {
			return fmt.Errorf("run %d: %w", i, err)
		}
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var next atomic.Int64
	var wait sync.WaitGroup
	workers := min(e.threads, len(runs))
	told := &variables{}
	for range workers {
		wait.Go(func() {
			w := &worker[F]{executable: e, inside: e.threads / workers, ctx: ctx, steps: steps, recorded: record, sink: sink, told: told}
			defer w.close()
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(runs) {
					return
				}
				if err := w.train(i, runs[i]); err != nil {
					stop(err)
				}
			}
		})
	}
	wait.Wait()
	if e.held(workers) > collected {
		runtime.GC()
	}
	return context.Cause(ctx)
}

// collected is how many bytes workers hold where they are given back as a job ends: else
// those of the next job would come on top of them.
const collected = 32 << 20

// held returns the bytes of results and variables that some workers hold.
func (e *executable[F]) held(workers int) int {
	elements := max(e.start.workspace, e.step.workspace, e.observe.workspace)
	for i := range e.training.Variables {
		elements += 2 * program.Size(e.training.Variables[i].Shape)
	}
	var zero F
	return workers * elements * int(unsafe.Sizeof(zero))
}

// A worker trains one run after the other.
type worker[F asm.Float] struct {
	*executable[F]
	inside   int // threads of an instruction
	ctx      context.Context
	steps    int   // of a run
	recorded []int // steps, ascending
	sink     backend.Sink
	m        *machine[F]
	// kept are the variables at the last look, after keptStep steps.
	kept     [][]F
	keptStep int
	observed [][]float64
	told     *variables
}

// variables are those of a run as a sink is told them, in memory that all workers share:
// those of a large network take much.
type variables struct {
	mu     sync.Mutex
	values [][]float64
}

// errDiverged says that a check found a variable that is not finite.
var errDiverged = errors.New("the run has diverged")

// train trains a run to its end. Panics, which are faults of this package, come back
// as errors.
func (w *worker[F]) train(run int, of program.Run) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("cpu backend, run %d: %v", run, r)
		}
	}()
	if err := w.begin(of); err != nil {
		return fmt.Errorf("run %d: %w", run, err)
	}
	record := w.recorded[sort.SearchInts(w.recorded, w.m.step):]
	for {
		recorded := len(record) > 0 && record[0] == w.m.step
		if recorded || w.m.step >= w.steps {
			err = w.look()
		}
		// A step at which variables are wanted is not a check.
		if err == nil && w.m.step < w.steps && w.sink.Due(run, w.m.step) && w.finite() {
			err = w.tell(func(values [][]float64) error { return w.sink.Keep(w.m.step, []int{run}, [][][]float64{values}) })
		}
		if err == nil && recorded {
			record = record[1:]
			err = w.record(run)
		}
		if err == nil && w.m.step >= w.steps {
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

func (w *worker[F]) close() {
	if w.m != nil {
		w.m.close()
	}
}

// begin brings a run to where it begins.
func (w *worker[F]) begin(run program.Run) error {
	if w.m == nil {
		w.m = newMachine(w.kernels, w.inside, w.training.Variables, w.start, w.step, w.observe)
		for _, v := range w.m.variables {
			w.kept = append(w.kept, make([]F, len(v)))
		}
	}
	w.m.begin(run)
	w.m.done = w.ctx.Done()
	w.m.step = -1
	if run.From != nil {
		for v, values := range run.From.Variables {
			fill(w.m.variables[v], values)
		}
	} else if err := w.m.execute(w.start); err != nil {
		return err
	}
	w.m.step = run.Begin()
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

// repeat does the steps since the last check again, up to the first at which a variable
// is not finite, and not beyond step end.
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
	return w.sink.Observe(run, w.m.step, w.observed)
}

func (w *worker[F]) finish(run int, diverged bool) error {
	return w.tell(func(values [][]float64) error { return w.sink.Finish(run, w.m.step, diverged, values) })
}

// tell calls with the variables as float64.
func (w *worker[F]) tell(call func(values [][]float64) error) error {
	var places []place
	for v := range w.m.variables {
		places = append(places, place{inVariable, v, program.Size(w.training.Variables[v].Shape)})
	}
	w.told.mu.Lock()
	defer w.told.mu.Unlock()
	w.told.values = w.m.results(w.told.values, places)
	return call(w.told.values)
}
