package cpu

import (
	"testing"

	"modspec/engine/kind/linear"
	"modspec/engine/train/backendtest"
	"modspec/engine/train/cpu/asm"
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
				open := func() (linear.Backend, error) {
					return open(Options{Precision: precision, Kernels: k.Set, Threads: 2}, where.sides)
				}
				backendtest.Run(t, k.Set+", "+string(precision)+", "+where.name, open, tolerance)
			}
		}
	}
}

// TestTheFirstSetIsChosen: unless told otherwise, a backend runs the fastest kernels,
// vectors wherever the processor has them, and in every group of copies. Speeds are
// measured by benchmarks, which judge nothing.
func TestTheFirstSetIsChosen(t *testing.T) {
	first := asm.Sets[float64]()[0].Set
	for _, precision := range []Precision{Float32, Float64} {
		b, err := New(Options{Precision: precision})
		if err != nil {
			t.Fatal(err)
		}
		if b.Kernels() != first {
			t.Errorf("%s runs on %s, want %s", precision, b.Kernels(), first)
		}
		var sets []string
		switch p := b.pool.(type) {
		case *pool[float32]:
			sets = []string{p.kernels.Set, p.wide.Set}
		case *pool[float64]:
			sets = []string{p.kernels.Set, p.wide.Set}
		}
		for _, set := range sets {
			if set != first {
				t.Errorf("%s trains on %s, want %s", precision, set, first)
			}
		}
	}
}
