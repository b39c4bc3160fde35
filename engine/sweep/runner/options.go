package runner

import (
	"errors"
	"fmt"
	"time"

	"modspec/engine/results"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/spec"
	"modspec/engine/sweep/store"
	"modspec/engine/train"
)

// Options say what [Run] trains, with what, and where the results go.
type Options struct {
	Dir    string       // made if it does not exist; one sweep has one folder to itself
	Sweep  store.Sweep  // its Backend is filled in by Run
	Chunks space.Chunks // the copies of the whole sweep, or with their numbers those of the shard
	Shard  space.Shard  // which of them are trained here; the zero Shard is all
	// Copy returns the copy of a number, with which those that the folder holds already
	// are compared.
	Copy func(number int) space.Identity

	Backend    train.Backend
	Provenance results.Provenance // of this process

	// StopOnFailure ends the run after the first job that cannot be run or has a
	// copy that diverged; what is finished by then is kept. Without it such jobs
	// are reported at the end, and a copy that diverged is a result like any other.
	StopOnFailure bool

	// PartRows and PartTime end a part: after so many copies, or so long after its
	// first copy, whichever is earlier; parts of a run's first minutes are shorter, an
	// eighth of what the run has taken. A process that is killed loses no more than
	// that. 0 means 65,536 copies and one minute.
	PartRows int
	PartTime time.Duration

	// CheckpointTime is how long a run is trained before a checkpoint of it is kept, and
	// from one to the next; less often where writing takes long. 0 means 30 seconds.
	CheckpointTime time.Duration

	// Progress, if not nil, is called every ProgressTime (0: 200 ms) and at the
	// end, from one goroutine at a time.
	Progress     func(Progress)
	ProgressTime time.Duration
	// Notice, if not nil, is called with what a user should know and no error says: a
	// part that is trained again, a job that failed.
	Notice func(text string)
}

// Progress is how far a run has come.
type Progress struct {
	Done         int           // copies trained, with those of earlier processes
	Total        int           // copies of the shard
	Trained      int           // copies trained by this process
	Kept         int           // of Done, those that are on the disk and will not be trained again
	NetworkSteps int64         // by this process
	Diverged     int           // copies, with those of earlier processes
	Failed       int           // jobs that could not be run
	Elapsed      time.Duration // of this process, without the checks before training
}

// Rate returns the network-steps per second of this process so far.
func (p Progress) Rate() float64 {
	if p.Elapsed <= 0 {
		return 0
	}
	return float64(p.NetworkSteps) / p.Elapsed.Seconds()
}

// A Summary is what one process did, and what the folder then holds.
type Summary struct {
	Copies                int            `json:"copies"` // trained and kept by this process
	NetworkSteps          int64          `json:"network_steps"`
	Seconds               results.Number `json:"seconds"` // of training and writing
	NetworkStepsPerSecond results.Number `json:"network_steps_per_second"`
	Diverged              int            `json:"diverged"` // of Copies
	Failed                int            `json:"failed"`   // jobs that could not be run
	Done                  int            `json:"done"`     // copies of the shard that the folder holds
	Total                 int            `json:"total"`    // copies of the shard
}

const (
	defaultPartRows = 1 << 16
	defaultPartTime = time.Minute
	// A step of a large network can take a second: fewer seconds save little.
	defaultCheckpointTime = 30 * time.Second
	defaultProgressTime   = 200 * time.Millisecond
)

// check fills in defaults and returns an error that names what is missing.
func (o *Options) check() error {
	switch {
	case o.Dir == "":
		return errors.New("no folder is named for the results")
	case o.Chunks == nil || o.Copy == nil || o.Backend == nil:
		return errors.New("a run needs the sweep's copies and a backend")
	case o.PartRows < 0 || o.PartTime < 0 || o.CheckpointTime < 0 || o.ProgressTime < 0:
		return fmt.Errorf("parts of %d copies or %v, checkpoints every %v and progress every %v: none of them may be negative", o.PartRows, o.PartTime, o.CheckpointTime, o.ProgressTime)
	}
	if n := o.Sweep.Copies; n < 1 || n > spec.MaxCopies {
		return fmt.Errorf("the sweep has %d copies, but must have 1 to %d", n, spec.MaxCopies)
	}
	if err := o.Shard.Check(); err != nil {
		return err
	}
	o.Sweep.Backend = o.Backend.Name()
	if o.PartRows == 0 {
		o.PartRows = defaultPartRows
	}
	if o.PartTime == 0 {
		o.PartTime = defaultPartTime
	}
	if o.CheckpointTime == 0 {
		o.CheckpointTime = defaultCheckpointTime
	}
	if o.ProgressTime == 0 {
		o.ProgressTime = defaultProgressTime
	}
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	if o.Notice == nil {
		o.Notice = func(string) {}
	}
	return nil
}

// folder returns what opens the folder.
func (o *Options) folder() store.Options {
	return store.Options{Dir: o.Dir, Sweep: o.Sweep, Shard: o.Shard, Provenance: o.Provenance, Copy: o.Copy, Notice: o.Notice}
}
