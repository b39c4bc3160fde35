package train

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"modspec/engine/random"
	"modspec/engine/results"
)

// A Job is runs of one kind and shape that a backend trains together.
type Job struct {
	Kind      Kind
	Precision string // "float32" or "float64"
	Steps     int    // updates of every run
	Schedule  Schedule
	Runs      []Run
}

// A Run is one network of one setting and seed.
type Run struct {
	Model  Model         // a pointer, which runs of one setting share
	Stream random.Stream // of the run's own random numbers; see [Model.Run]
	From   *Checkpoint   // where it begins; nil for step 0
}

// Check returns an error that names the first thing in the job that no backend
// could run. Backends call it before they start.
func (j *Job) Check() error {
	if j.Steps < 0 || j.Steps > MaxSteps {
		return fmt.Errorf("the number of steps is %d, but must be 0 to %d", j.Steps, MaxSteps)
	}
	if err := j.Schedule.Check(); err != nil {
		return err
	}
	if err := j.Schedule.Fits(j.Steps); err != nil {
		return err
	}
	if len(j.Runs) == 0 {
		return errors.New("the job has no runs to train")
	}
	first := j.Runs[0].Model
	for i := range j.Runs {
		if m := reflect.ValueOf(j.Runs[i].Model); m.Kind() != reflect.Pointer {
			return fmt.Errorf("the model of run %d is of the type %T, but must be a pointer, which runs of one setting share", i, j.Runs[i].Model)
		}
		m := j.Runs[i].Model
		if m == first {
			continue
		}
		if other, shape := m.Shape(), first.Shape(); other != shape {
			return fmt.Errorf("run %d has the shape %s, but the runs of a job have one shape, here %s", i, other, shape)
		}
	}
	return j.checkFrom()
}

// A Backend trains jobs of every kind.
type Backend interface {
	// Name is how a user chooses the backend.
	Name() string
	// Train trains every run of the job from step 0, or its checkpoint, to the last and
	// reports to the recorder, for a continued run from step 0 on. The recorder is
	// given checkpoints if it is a [Keeper] and programs are what trains; the fused
	// forms of single kinds give none. Train returns the first error: of the job
	// ([Job.Check]), of a job that this backend cannot run (naming the limit, the value
	// and what to change, and wrapping errors.ErrUnsupported), of the recorder, or of
	// the context when it is cancelled. Where the backend can train nothing more, the
	// error is [ErrLost] too. A run that diverges is no error; it is stopped and
	// finished with the step at which it did, and the others go on.
	Train(ctx context.Context, job *Job, recorder Recorder) error
	// Close gives back what the backend holds.
	Close() error
}

// ErrLost is what every error of a backend is that can train nothing more, since its
// device failed: the jobs after it need not be tried.
var ErrLost = errors.New("the backend can train nothing more")

// Lost returns an error with the words of err that is [ErrLost] too.
func Lost(err error) error { return lost{err} }

type lost struct{ error }

func (l lost) Unwrap() error      { return l.error }
func (lost) Is(target error) bool { return target == ErrLost }

// A Recorder receives what a backend records. Calls come one at a time. For each
// run they come in the order of steps, then Finish once; between runs the order is
// free. After a call has returned an error there are no more.
type Recorder interface {
	// Wanted reports whether observations before the last are wanted. Where they are
	// not, a backend may leave out calls of Observe.
	Wanted() bool
	// Observe reports the metrics of a run at a recorded step, in the order of
	// Kind.Metrics. They are only good during the call.
	Observe(run, step int, metrics []float64) error
	// Finish reports how a run ended.
	Finish(run int, end End) error
}

// End is how a run ended.
type End struct {
	Step     int  // the last step done
	Diverged bool // whether the run stopped being finite at Step
	// Summary computes the values of the kind's [SummaryOf]. It may be called once,
	// by another goroutine, at the same time as those of other runs.
	Summary func() ([]results.Value, error)
	// Variables are those of the model's program at Step, in their order; nil from a
	// backend that did not execute it. They are only good during the call of Finish.
	Variables [][]float64
}

// A Summarizer is a kind that knows more of a run that has ended than its metrics at
// the last step, such as the time until half of something is learned, or what theory
// predicts.
type Summarizer interface {
	Kind
	// Summary are the columns.
	Summary() results.Schema
}

// SummaryOf returns the columns that are known of a run of a kind when it has ended:
// its metrics at the last step, unless the kind is a [Summarizer].
func SummaryOf(k Kind) results.Schema {
	if s, ok := k.(Summarizer); ok {
		return s.Summary()
	}
	return k.Metrics()
}
