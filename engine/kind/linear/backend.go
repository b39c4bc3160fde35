package linear

import (
	"context"

	"modspec/engine/network"
)

// A Backend trains the copies of a job.
type Backend interface {
	// Name is how a user chooses the backend.
	Name() string
	// Train runs every copy of the job from step 0 to the last and reports to the
	// recorder. It returns the first error: of the job ([Job.Check]), of a job
	// that this backend cannot run (naming the limit, the value and what to
	// change, and wrapping errors.ErrUnsupported), of the recorder, or of the
	// context when it is cancelled. Where the backend can train nothing more, the
	// error is [train.ErrLost] too. A copy that diverges is no error; it is stopped
	// and finished with the step at which it did, and the others go on.
	Train(ctx context.Context, job *Job, recorder Recorder) error
	// Close gives back what the backend holds.
	Close() error
}

// A Recorder receives what a backend records. Calls come one at a time. For each
// copy they come in the order of steps, then Finish once; between copies the
// order is free. After a call has returned an error there are no more.
type Recorder interface {
	Observe(copy int, o Observation) error
	Finish(copy int, f Final) error
}

// Final is how a copy ended.
type Final struct {
	Step     int              // the last step done
	Diverged bool             // whether its map stopped being finite at Step
	Weights  *network.Weights // at Step; not finite if Diverged
}
