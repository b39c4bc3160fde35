package backend

import (
	"context"
	"errors"

	"modspec/engine/program"
)

// An Executor trains programs: many runs of one training side by side. Equal streams
// and settings give equal bits, whatever other runs there are, and on any number of
// threads or devices. It is safe for use by several goroutines.
type Executor interface {
	// Name is how a user chooses the backend: "reference", "cpu", "cuda".
	Name() string
	// Precision is the real type of all tensors, "float32" or "float64".
	Precision() string
	// Train trains each of the runs, which fit the training ([program.Run.Check]), from
	// where it begins to a number of steps, 0 or more. It observes them at the recorded
	// steps from there on, which ascend from 0 to the last, and finishes each at the
	// last or where it diverges; see the package comment. The error is the first: of the sink, of the context
	// when it is cancelled, of an index that is no row of its table, or of a training
	// for which the machine is too small, which [Unsupported] makes and which names
	// the limit, the value and what to change.
	Train(ctx context.Context, t *program.Training, runs []program.Run, steps int, record []int, sink Sink) error
	// Close gives back what the executor holds.
	Close() error
}

// A Sink receives what an executor computes. Calls for one run come one at a time
// and in the order of steps, at one step Due, Keep and Observe, and Finish last; those
// for different runs may come at the same time. Slices are only good during the call and must not be changed. After
// an error the executor ends.
type Sink interface {
	// Due reports whether the variables of a run, and of those that are in step with it,
	// are wanted after so many steps. An executor asks before every step, of one run for
	// all that are in step.
	Due(run, step int) bool
	// Keep reports the variables, all finite, of the runs in step for one of which Due
	// has said that they are wanted: by run, then as Finish does. Where a variable is
	// not finite it is not called.
	Keep(step int, runs []int, variables [][][]float64) error
	// Observe reports the results of the training's Observe, in their order, after a
	// recorded number of steps.
	Observe(run, step int, observed [][]float64) error
	// Finish reports the variables of a run that ends, in the order of
	// program.Training.Variables, and whether it diverged at the step.
	Finish(run, step int, diverged bool, variables [][]float64) error
}

// Unsupported returns an error with the words of err that wraps
// errors.ErrUnsupported too.
func Unsupported(err error) error { return unsupported{err} }

type unsupported struct{ error }

func (u unsupported) Unwrap() error      { return u.error }
func (unsupported) Is(target error) bool { return target == errors.ErrUnsupported }
