package programs

import (
	"fmt"

	"modspec/engine/program"
)

// A Precision is the real type of a program's tensors.
type Precision int

// The precisions.
const (
	Float32 Precision = iota
	Float64
)

// bytes is the size of a number.
func (p Precision) bytes() int { return 4 << p }

// pack is how many numbers have 16 bytes.
func (p Precision) pack() int { return 16 / p.bytes() }

// Options say how a program is executed.
type Options struct {
	Precision Precision
	// TF32 has products and convolutions multiply on tensor cores, which round factors
	// to 11 bits. It goes with Float32.
	TF32 bool
}

func (o Options) check() error {
	switch {
	case o.Precision != Float32 && o.Precision != Float64:
		return fmt.Errorf("the precision is %d, but must be Float32 or Float64", o.Precision)
	case o.TF32 && o.Precision != Float32:
		return fmt.Errorf("products of TF32 go with float32, but the precision is float64; choose one of the two")
	}
	return nil
}

// suffix ends the names of kernels.
func (o Options) suffix() string {
	if o.Precision == Float64 {
		return "_f64"
	}
	return "_f32"
}

// A Job is what is asked of one call of Train.
type Job struct {
	Runs  []program.Run
	Steps int // of each run, those before its start included
	// Record are the steps at which runs are observed, ascending from 0 to Steps.
	Record []int
	// Start returns where run i begins: the steps done and the variables, in the order
	// of Training.Variables, rounded to the precision. Nil variables are the initial
	// ones of step 0. Without Start all runs begin there.
	Start func(run int) (step int, variables [][]float64)
	// Variables says that Finish is told the variables.
	Variables bool
}

// check returns an error if a job does not fit a training.
func (j *Job) check(t *program.Training) error {
	for i := range j.Runs {
		if err := j.Runs[i].Check(t); err != nil {
			return fmt.Errorf("run %d: %w", i, err)
		}
	}
	if j.Steps < 0 {
		return fmt.Errorf("the number of steps is %d, but must be 0 or more", j.Steps)
	}
	for i, at := range j.Record {
		if at < 0 || at > j.Steps || i > 0 && at <= j.Record[i-1] {
			return fmt.Errorf("recorded step number %d is %d, but recorded steps must ascend and lie between 0 and %d", i, at, j.Steps)
		}
	}
	return nil
}

// start returns where a run begins: with nil variables at its initial ones.
func (j *Job) start(t *program.Training, run int) (step int, variables [][]float64, err error) {
	if j.Start == nil {
		return 0, nil, nil
	}
	step, variables = j.Start(run)
	switch {
	case variables == nil:
		return 0, nil, nil
	case step < 0 || step > j.Steps:
		return 0, nil, fmt.Errorf("run %d begins after %d steps, but must begin after 0 to %d", run, step, j.Steps)
	case len(variables) != len(t.Variables):
		return 0, nil, fmt.Errorf("run %d begins with %d variables, but its training has %d", run, len(variables), len(t.Variables))
	}
	for v, info := range t.Variables {
		if len(variables[v]) != program.Size(info.Shape) {
			return 0, nil, fmt.Errorf("the variable %s of run %d begins with %d elements, but has the shape %v", info.Name, run, len(variables[v]), info.Shape)
		}
	}
	return step, variables, nil
}

// A Sink is told what runs do. Calls come one at a time: for each run its observations in
// the order of steps, and Finish once; between runs the order is free. After a call has
// returned an error there are no more.
type Sink interface {
	// Observe is told the results of Observe after so many steps.
	Observe(run, step int, observed [][]float64) error
	// Finish is told the last step and whether the run diverged at it; see the package
	// comment. The variables are nil unless the job wants them.
	Finish(run, step int, diverged bool, variables [][]float64) error
}
