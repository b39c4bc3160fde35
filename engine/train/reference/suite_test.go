package reference_test

import (
	"testing"

	"modspec/engine/kind/linear"
	"modspec/engine/train/backendtest"
	"modspec/engine/train/reference"
)

// The reference backend runs every job of the suite, on any number of threads.
func TestSuite(t *testing.T) {
	for name, threads := range map[string]int{"one thread": 1, "three threads": 3} {
		if threads == 1 && testing.Short() {
			continue // under the race detector only several threads matter
		}
		backendtest.Run(t, name, func() (linear.Backend, error) { return reference.New(threads), nil }, backendtest.Float64)
	}
}
