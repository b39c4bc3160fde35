package reference

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sort"
	"sync"

	"modspec/engine/backend"
	"modspec/engine/program"
)

// An Executor trains programs in float64, one run at a time on each thread.
type Executor struct{ threads int }

var _ backend.Executor = (*Executor)(nil)

// New returns an executor that trains up to threads runs side by side; 0 means one
// for each CPU.
func New(threads int) *Executor {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	return &Executor{threads}
}

// Name returns "reference".
func (e *Executor) Name() string { return "reference" }

// Precision returns "float64".
func (e *Executor) Precision() string { return "float64" }

// Close does nothing: the executor holds nothing between jobs.
func (e *Executor) Close() error { return nil }

// Train implements [backend.Executor].
func (e *Executor) Train(ctx context.Context, t *program.Training, runs []program.Run, steps int, record []int, sink backend.Sink) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	queue := make(chan int)
	var workers sync.WaitGroup
	for range min(e.threads, len(runs)) {
		workers.Go(func() {
			for i := range queue {
				if err := trainRun(ctx, t, runs[i], i, steps, record, sink); err != nil {
					stop(err)
				}
			}
		})
	}
	for i := range runs {
		select {
		case queue <- i:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(queue)
	workers.Wait()
	return context.Cause(ctx)
}

// trainRun trains run number i.
func trainRun(ctx context.Context, t *program.Training, run program.Run, i, steps int, record []int, sink backend.Sink) error {
	m, err := newMachine(ctx, t, run)
	if err != nil {
		return fmt.Errorf("run %d: %w", i, err)
	}
	record = record[sort.SearchInts(record, m.at.Step):]
	for {
		step := m.at.Step
		if !finite(m.at.Variables) {
			return sink.Finish(i, step, true, m.at.Variables)
		}
		if step < steps && sink.Due(i, step) {
			if err := sink.Keep(step, []int{i}, [][][]float64{m.at.Variables}); err != nil {
				return err
			}
		}
		if len(record) > 0 && record[0] == step {
			record = record[1:]
			observed, err := m.observe(ctx)
			if err != nil {
				return fmt.Errorf("run %d, after step %d: %w", i, step, err)
			}
			if err := sink.Observe(i, step, observed); err != nil {
				return err
			}
		}
		if step == steps {
			return sink.Finish(i, step, false, m.at.Variables)
		}
		if err := m.step(ctx); err != nil {
			return fmt.Errorf("run %d, step %d: %w", i, step, err)
		}
	}
}

func finite(variables [][]float64) bool {
	return !slices.ContainsFunc(variables, func(v []float64) bool {
		return slices.ContainsFunc(v, func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) })
	})
}
