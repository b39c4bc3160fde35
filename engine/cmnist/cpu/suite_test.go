package cpu

import (
	"testing"

	"modspec/engine/cmnist"
	"modspec/engine/cmnist/backendtest"
	"modspec/engine/train/cpu/asm"
)

func TestSuite(t *testing.T) {
	for i, k := range asm.Sets[float32]() {
		if testing.Short() && i > 0 {
			break // the fastest set is enough when time is short
		}
		backendtest.Run(t, k.Set, func() (cmnist.Backend, error) { return New(Options{Kernels: k.Set, Threads: 2}) }, 0x1p-24)
	}
}
