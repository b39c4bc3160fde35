package cuda

import (
	"fmt"

	"modspec/engine/cuda"
)

// Precision is the arithmetic that a backend trains in.
type Precision string

// The precisions.
const (
	Float32 Precision = "float32"
	Float64 Precision = "float64"
)

// Options choose how a backend works. The zero Options stand for float32 on the
// first device.
type Options struct {
	Devices   []int     // numbers of the devices that share each job, from 0; none means the first
	Precision Precision // "" means Float32
}

// resolved returns the options with defaults filled in, or an error.
func (o Options) resolved() (Options, error) {
	if o.Precision == "" {
		o.Precision = Float32
	}
	if o.Precision != Float32 && o.Precision != Float64 {
		return o, fmt.Errorf("the precision is %q, but must be %q or %q", o.Precision, Float32, Float64)
	}
	var err error
	o.Devices, err = cuda.Numbers(o.Devices)
	return o, err
}
