//go:build gpu

package cuda

import (
	"context"
	"fmt"
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/random"
)

// BenchmarkBits times dense networks of 50 hidden units on larger and larger cubes, one
// bit asked for, k_x 3 and k_y 1, in network-steps/s: through all kinds of kernels, from
// registers to the large path.
func BenchmarkBits(b *testing.B) {
	needGPU(b)
	backend, err := Open(Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer backend.Close()
	for bits := 3; bits <= 10; bits++ {
		b.Run(fmt.Sprint(bits), func(b *testing.B) {
			// As many copies as keep the work of a job about the same: it grows by four
			// with each bit.
			copies, steps := max(64, 1<<17>>(2*(bits-3))), 100
			task := &linear.Task{Point: dataset.NewPoint(bits, bits, 1, 3, 1, 1)}
			j := &linear.Job{Architecture: network.Dense(50), Steps: steps, Copies: make([]linear.Copy, copies)}
			for i := range j.Copies {
				j.Copies[i] = linear.Copy{Task: task, LearningRate: 0.02, InitScale: 0.01 / 50, Stream: random.Stream{Seed: uint64(i)}}
			}
			recorder := lean{&linear.Marks{Quadrants: nowhere, Modes: make([]float64, 3)}}
			for b.Loop() {
				if err := backend.Train(context.Background(), j, recorder); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(copies*steps*b.N)/b.Elapsed().Seconds(), "network-steps/s")
		})
	}
}
