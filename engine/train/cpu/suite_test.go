package cpu

import (
	"testing"

	"modspec/engine/train"
	"modspec/engine/train/backendtest"
)

// The backend runs every job of the suite, in both precisions, on every kernel
// set of this processor and build, with copies in lanes and alone.
func TestSuite(t *testing.T) {
	for _, k := range kernelSets[float64]() {
		for _, where := range []struct {
			name  string
			sides sides
		}{{"by size", bySize}, {"alone", alone}} {
			for precision, tolerance := range map[Precision]backendtest.Tolerance{
				Float32: backendtest.Float32, Float64: backendtest.Float64,
			} {
				if testing.Short() && (where.sides == alone) != (precision == Float64) {
					continue // one precision on either side is enough when time is short
				}
				open := func() (train.Backend, error) {
					return open(Options{Precision: precision, Kernels: k.Set, Threads: 2}, where.sides)
				}
				backendtest.Run(t, k.Set+", "+string(precision)+", "+where.name, open, tolerance)
			}
		}
	}
}
