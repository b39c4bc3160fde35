//go:build gpu

package large

import (
	"context"
	"testing"
	"time"

	"modspec/engine/cuda"
	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/random"
)

// BenchmarkSteps times steps of 64 copies at bits 8 with 256 hidden units, 257 outputs
// and 256 coordinates: three products of 257·256·256 multiply-adds a copy. Two runs of
// different length are subtracted, so that drawing weights and recording do not count.
func BenchmarkSteps(b *testing.B) {
	if _, err := cuda.DriverVersion(); err != nil {
		b.Skip(err)
	}
	cuda.AllowStandIn(true)
	d, err := cuda.Open(0)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	if d.Name == cuda.StandInName {
		b.Skip("the stand-in computes on the CPU")
	}
	const copies, less, more = 64, 200, 2200
	run := func(steps int) time.Duration {
		j := &linear.Job{Architecture: network.Dense(256), Steps: steps}
		all := make([]int, copies)
		for i := range all {
			all[i] = i
			j.Copies = append(j.Copies, linear.Copy{
				Task: &linear.Task{Point: dataset.NewPoint(8, 8, 1, 3, 1, 1)}, LearningRate: 0.02,
				Stream: random.Stream{Seed: uint64(i)}, InitScale: 0.01 / 256,
			})
		}
		began := time.Now()
		if err := Train(context.Background(), d, 4, j, all, discard{}); err != nil {
			b.Fatal(err)
		}
		return time.Since(began)
	}
	run(less) // loads the kernels
	var step float64
	for range b.N {
		step += (run(more) - run(less)).Seconds() / (more - less) / float64(b.N)
	}
	const flops = 2 * 3 * 257 * 256 * 256 * copies
	b.ReportMetric(step*1e6, "µs/step")
	b.ReportMetric(flops/step/1e12, "TFLOP/s")
	b.ReportMetric(copies/step, "network-steps/s")
}

type discard struct{}

func (discard) Observe(int, linear.Observation) error { return nil }
func (discard) Finish(int, linear.Final) error        { return nil }
