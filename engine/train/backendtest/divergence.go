package backendtest

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/train"
)

// checkDivergence trains copies whose learning rate is far too large beside ordinary
// ones. The former must be stopped, with the step at which they diverged, and the
// latter must have the bits that they have alone.
func checkDivergence(b linear.Backend, tol Tolerance) error {
	j := goodJob()
	good := slices.Clone(j.Copies)
	bad := j.Copies[0]
	bad.LearningRate = 1000
	j.Copies = nil
	for _, c := range good {
		j.Copies = append(j.Copies, bad, c)
	}
	mixed, err := trainChecked(context.Background(), b, j)
	if err != nil {
		return err
	}
	j.Copies = good
	alone, err := trainChecked(context.Background(), b, j)
	if err != nil {
		return err
	}
	j.Copies = []linear.Copy{bad}
	for i := range good {
		if err := sameRun(mixed[2*i+1], alone[i]); err != nil {
			return fmt.Errorf("copy %d, beside diverging ones: %w", 2*i+1, err)
		}
		if err := diverges(j, mixed[2*i], tol); err != nil {
			return fmt.Errorf("copy %d: %w", 2*i, err)
		}
	}
	return nil
}

// checkShallowDivergence does the same for a network without hidden layer, whose
// weights grow by one factor a step only, and at several schedules.
func checkShallowDivergence(b linear.Backend, tol Tolerance) error {
	for _, s := range []train.Schedule{{}, {Every: 1}, {Every: 50}} {
		j := build("", network.Shallow(), paper, nil).Job()
		j.Steps, j.Schedule, j.Copies[0].LearningRate = 400, s, 50
		runs, err := trainChecked(context.Background(), b, j)
		if err != nil {
			return err
		}
		if err := diverges(j, runs[0], tol); err != nil {
			return fmt.Errorf("recorded as %+v: %w", s, err)
		}
	}
	return nil
}

// diverges returns an error unless a run of a job's only copy diverged, at a step
// that the backend's range of numbers explains. The squared norm of the map at that
// step, times the number of terms in the sums of a step, must be out of range;
// and an entry of the map must not have been out of range at a step before.
func diverges(job *linear.Job, run linear.Run, tol Tolerance) error {
	if !run.Final.Diverged {
		return fmt.Errorf("η = %v did not diverge in %d steps", job.Copies[0].LearningRate, run.Final.Step)
	}
	o, w, err := newOracle(job, 0)
	if err != nil {
		return err
	}
	terms := o.length() * o.length()
	earliest := -1
	for step := 0; step <= job.Steps; step++ {
		whole, _ := o.mapping(w)
		square, largest := 0.0, 0.0
		for _, v := range whole.flat() {
			square += v * v
			largest = math.Max(largest, math.Abs(v)) // NaN stays
		}
		if earliest < 0 && !(square*terms <= tol.Largest) {
			earliest = step
		}
		if !(largest <= tol.Largest) || step == job.Steps {
			if run.Final.Step < earliest || run.Final.Step > step {
				return fmt.Errorf("it is said to have diverged at step %d, but did so from step %d to %d", run.Final.Step, earliest, step)
			}
			return nil
		}
		w = o.step(w, o.batch(step), false)
	}
	return nil
}

// checkInfiniteLabels: labels of a finite teacher that cannot be represented
// themselves make a copy diverge where it stands; they are no error, for in iterated
// learning they come from the copy of the generation before.
func checkInfiniteLabels(b linear.Backend, _ Tolerance) error {
	j := goodJob()
	task := *j.Copies[1].Task
	task.Teacher = mat.NewDense(paper.Outputs(), paper.Inputs(), nil)
	for bit := range paper.InputBits { // example 0 has all bits +1
		task.Teacher.Set(0, bit, math.MaxFloat64)
	}
	j.Copies[1].Task, j.Copies[1].Stream = &task, random.Stream{Seed: 1}
	runs, err := trainChecked(context.Background(), b, j)
	if err != nil {
		return err
	}
	for i, run := range runs {
		if run.Final.Diverged != (i == 1) || i == 1 && run.Final.Step != 0 {
			return fmt.Errorf("copy %d, labels %v: diverged %v at step %d", i, i == 1, run.Final.Diverged, run.Final.Step)
		}
	}
	return nil
}
