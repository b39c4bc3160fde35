package cmnist

import (
	"context"
	"errors"
	"fmt"
	"math"

	"modspec/engine/random"
)

// A Job is runs of networks that one backend trains side by side on the same
// images: squared error, summed over a tower's outputs and averaged over the
// batch, with no factor ½ (the paper's), by stochastic gradient descent
//
//	v ← Momentum·v + ∇L,  w ← w − LearningRate·v
//
// in batches that walk through a fresh random order of the training images in
// each epoch; the last of an epoch may be smaller.
type Job struct {
	Data         *Data
	Runs         []Run
	Epochs       int     // until the end, counted from the first start
	Batch        int     // images in a step; the paper: 16
	LearningRate float64 // the paper: 0.002
	Momentum     float64 // 0 ≤ Momentum < 1; the paper: 0
	InitScale    float64 // standard deviation of the starting parameters; the paper: 0.01
	// Probe is how often, in epochs, systematicity is measured; it is at the last
	// epoch in any case. 0 means only there.
	Probe int
}

// A Run is one network from one start.
type Run struct {
	Network Network
	// Stream is where the starting parameters and the batch orders come from:
	// epoch e (from 0) has the order Stream.Permutation(training images, e).
	Stream random.Stream
	// From, when not nil, is where the run goes on; it is not changed.
	From *Checkpoint
}

// A Checkpoint is all that a run needs to go on as if it had never stopped.
type Checkpoint struct {
	Epoch      int        // epochs done
	Parameters Parameters // after them
	Velocity   Parameters // v; nil without momentum
}

// Check returns an error that names the first thing in the job that no backend
// could run.
func (j *Job) Check() error {
	if j.Data == nil || j.Data.Train.Count() == 0 {
		return errors.New("there are no images to train on")
	}
	if len(j.Runs) == 0 {
		return errors.New("the job has no runs")
	}
	if j.Epochs < 0 {
		return fmt.Errorf("the number of epochs is %d, but must be 0 or more", j.Epochs)
	}
	if count := j.Data.Train.Count(); j.Batch < 1 || j.Batch > count {
		return fmt.Errorf("the batch is %d images, but must be 1 to the %d training images", j.Batch, count)
	}
	if j.Probe < 0 {
		return fmt.Errorf("systematicity is measured every %d epochs, but must be every 1 or more, or 0 for the last only", j.Probe)
	}
	for _, number := range []struct {
		name  string
		value float64
		most  float64
	}{
		{"learning rate", j.LearningRate, math.Inf(1)},
		{"momentum", j.Momentum, 1},
	} {
		if !(number.value >= 0 && number.value < number.most) {
			return fmt.Errorf("the %s is %v, but must be a number ≥ 0 and < %v", number.name, number.value, number.most)
		}
	}
	if err := checkPositive("the initial scale", j.InitScale); err != nil {
		return err
	}
	for i := range j.Runs {
		if err := j.Runs[i].check(j); err != nil {
			return fmt.Errorf("run %d: %w", i+1, err)
		}
	}
	return nil
}

func (r *Run) check(j *Job) error {
	c := j.Data.Composition
	if err := r.Network.Check(c); err != nil {
		return err
	}
	if r.From == nil {
		return nil
	}
	if r.From.Epoch < 0 || r.From.Epoch > j.Epochs {
		return fmt.Errorf("it goes on from epoch %d, but there are %d", r.From.Epoch, j.Epochs)
	}
	if err := r.From.Parameters.Check(r.Network, c); err != nil {
		return err
	}
	if j.Momentum > 0 && r.From.Epoch > 0 {
		return r.From.Velocity.Check(r.Network, c)
	}
	return nil
}

// Start returns the checkpoint that a run starts from, which the caller may
// change. The job must have passed Check.
func (j *Job) Start(run int) (*Checkpoint, error) {
	r := &j.Runs[run]
	c := j.Data.Composition
	var out Checkpoint
	var err error
	if r.From != nil {
		out = Checkpoint{Epoch: r.From.Epoch, Parameters: r.From.Parameters.Clone()}
		if r.From.Velocity != nil {
			out.Velocity = r.From.Velocity.Clone()
		}
	} else if out.Parameters, err = Initial(r.Network, c, r.Stream, j.InitScale); err != nil {
		return nil, err
	}
	if j.Momentum > 0 && out.Velocity == nil {
		out.Velocity, err = Zero(r.Network, c)
	}
	return &out, err
}

// Probes reports whether systematicity is measured after an epoch.
func (j *Job) Probes(epoch int) bool {
	return epoch == j.Epochs || j.Probe > 0 && epoch%j.Probe == 0
}

// A Backend trains the runs of a job.
type Backend interface {
	// Name is how a user chooses the backend.
	Name() string
	// Train trains every run to the last epoch and reports to the recorder. It
	// returns the first error: of the job ([Job.Check]), of a job that this backend
	// cannot run (wrapping errors.ErrUnsupported), of the recorder, or of the
	// context when it is cancelled. A run whose error stops being finite has
	// diverged, which is no error: its observation says so and is its last.
	Train(ctx context.Context, job *Job, recorder Recorder) error
	// Close gives back what the backend holds.
	Close() error
}

// A Recorder receives what a backend measures. Calls come one at a time, for each
// run in the order of epochs: the first at the epoch that it starts from, before
// any training. After a call has returned an error there are no more.
type Recorder interface {
	// Epoch reports a run after an epoch. save returns a checkpoint of it, which
	// takes as much memory as the network; it may be called only before Epoch
	// returns.
	Epoch(run int, o Observation, save func() (*Checkpoint, error)) error
}
