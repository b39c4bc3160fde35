package linear

import (
	"errors"
	"fmt"
	"math"

	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/train"
)

// A Job is a set of module copies that one backend trains together.
type Job struct {
	Architecture network.Architecture
	Steps        int // updates of every copy
	Schedule     train.Schedule
	Copies       []Copy
}

// A Copy is one network of a job: its task, its rule and hyper-parameters, and
// its initial weights.
type Copy struct {
	Task         *Task
	Rule         network.Rule
	LearningRate float64 // η ≥ 0
	// Stream is the source of the copy's initial weights, of standard deviation
	// InitScale, and of its batch orders.
	Stream    random.Stream
	InitScale float64
	// Weights, when not nil, are the initial weights themselves; they are
	// copied, not changed.
	Weights *network.Weights
}

// Check returns an error that names the first thing in the job that no backend
// could run. Backends call it before they start.
func (j *Job) Check() error {
	if j.Steps < 0 {
		return fmt.Errorf("the number of steps is %d, but must be 0 or more", j.Steps)
	}
	if err := j.Schedule.Check(); err != nil {
		return err
	}
	if err := j.Schedule.Fits(j.Steps); err != nil {
		return err
	}
	if len(j.Copies) == 0 {
		return errors.New("the job has no copies to train")
	}
	for i := range j.Copies {
		if err := j.Copies[i].check(j.Architecture); err != nil {
			if len(j.Copies) > 1 {
				return fmt.Errorf("copy %d: %w", i, err)
			}
			return err
		}
	}
	return nil
}

func (c *Copy) check(a network.Architecture) error {
	if c.Task == nil {
		return errors.New("there is no task to learn")
	}
	if err := c.Task.Check(); err != nil {
		return err
	}
	here, err := a.At(c.Task.Point)
	if err != nil {
		return err
	}
	if err := here.CheckSizes(c.Task.Point); err != nil {
		return err
	}
	if err := c.Rule.Check(here); err != nil {
		return err
	}
	if math.IsNaN(c.LearningRate) || math.IsInf(c.LearningRate, 0) || c.LearningRate < 0 {
		return fmt.Errorf("the learning rate is %v, but must be a finite number ≥ 0", c.LearningRate)
	}
	if c.Weights != nil {
		return c.Weights.Check(here, c.Task.Point)
	}
	return network.CheckScale(c.InitScale)
}

// Start returns the architecture of copy i at its own point and its initial weights,
// which the caller may change. The job must have passed [Job.Check].
func (j *Job) Start(i int) (network.Architecture, *network.Weights, error) {
	c := &j.Copies[i]
	here, err := j.Architecture.At(c.Task.Point)
	if err != nil {
		return here, nil, err
	}
	if c.Weights != nil {
		return here, c.Weights.Clone(), nil
	}
	w, err := network.Initial(here, c.Task.Point, c.Stream, c.InitScale)
	return here, w, err
}
