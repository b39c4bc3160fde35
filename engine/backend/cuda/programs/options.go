package programs

import (
	"fmt"

	"modspec/engine/program"
)

// A Precision is the real type of a program's tensors.
type Precision string

// The precisions.
const (
	Float32 Precision = "float32"
	Float64 Precision = "float64"
)

// bytes is the size of a number.
func (p Precision) bytes() int {
	if p == Float64 {
		return 8
	}
	return 4
}

// pack is how many numbers have 16 bytes.
func (p Precision) pack() int { return 16 / p.bytes() }

// Options say how a program is executed.
type Options struct {
	Precision Precision // "" means Float32
	// TF32 has products and convolutions multiply on tensor cores, which round factors
	// to 11 bits. It goes with Float32.
	TF32 bool
}

func (o Options) check() error {
	switch {
	case o.Precision != "" && o.Precision != Float32 && o.Precision != Float64:
		return fmt.Errorf("the precision is %q, but must be %q or %q", o.Precision, Float32, Float64)
	case o.TF32 && o.Precision == Float64:
		return fmt.Errorf("products of TF32 go with float32, but the precision is float64; choose one of the two")
	}
	return nil
}

// A Job is the argument of one call of Train.
type Job struct {
	Runs  []program.Run
	Steps int // of each run, those before its start included
	// Record are the steps at which runs are observed, ascending from 0 to Steps.
	Record []int
	// Variables says that Finish receives the variables.
	Variables bool
}

// Name returns "cuda", or "cuda-tf32" where products multiply on tensor cores.
func (e *Executor) Name() string {
	if e.options.TF32 {
		return "cuda-tf32"
	}
	return "cuda"
}

// Precision implements [backend.Executor].
func (e *Executor) Precision() string {
	if e.options.Precision == "" {
		return string(Float32)
	}
	return string(e.options.Precision)
}
