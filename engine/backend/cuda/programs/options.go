package programs

import "fmt"

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

// A Sink takes what runs come to. Its methods are called one after the other; an error
// ends the training and is returned by it. Slices may be kept.
type Sink interface {
	// Observe is called for each recorded step, in ascending order for a run, with the
	// results of the training's Observe.
	Observe(run, step int, observed [][]float64) error
	// Finish is called once for each run with its variables at the step, the last one of
	// the training or the one at which the run was found to have diverged.
	Finish(run, step int, diverged bool, variables [][]float64) error
}
