package reference_test

import (
	"testing"

	"modspec/engine/train/backendtest"
	"modspec/engine/train/reference"
)

// BenchmarkTrain times one copy on one core.
func BenchmarkTrain(b *testing.B) {
	backendtest.Benchmark(b, reference.New(1), 1)
}
