//go:build gpu

package cuda

import (
	"os"
	"testing"

	"modspec/engine/cuda"
	"modspec/engine/cuda/cudatest"
	"modspec/engine/kind/linear"
	"modspec/engine/train/backendtest"
)

// The stand-in may be opened here, and nowhere else.
func TestMain(m *testing.M) {
	cuda.AllowStandIn(true)
	os.Exit(m.Run())
}

// The backend runs every job of the suite, in both precisions, with the kernels that
// it chooses and with the general ones where it would keep weights in registers.
func TestSuite(t *testing.T) {
	cudatest.NeedDevice(t)
	for precision, tolerance := range map[Precision]backendtest.Tolerance{
		Float32: backendtest.Float32, Float64: backendtest.Float64,
	} {
		for name, only := range map[string]family{"chosen": anyFamily, "general": sharedFamily} {
			if only == sharedFamily && precision == Float64 {
				continue // which has no others
			}
			open := func() (linear.Backend, error) {
				b, err := Open(Options{Precision: precision})
				if err != nil {
					return nil, err
				}
				b.planner.only = only
				return b, nil
			}
			backendtest.Run(t, string(precision)+", "+name, open, tolerance)
		}
	}
}
