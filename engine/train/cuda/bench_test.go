//go:build gpu

package cuda

import (
	"context"
	"fmt"
	"testing"

	"modspec/engine/cuda"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/train/backendtest"
)

// needGPU skips a benchmark where there is only the stand-in, whose speed says nothing.
func needGPU(b *testing.B) {
	b.Helper()
	r := Devices()
	if r.Problem != nil {
		b.Skip(r.Problem)
	}
	if len(r.Devices) == 0 || r.Devices[0].Name == cuda.StandInName {
		b.Skip("there is no GPU")
	}
}

// BenchmarkTrain times the trainings that all backends are timed on, with their final
// weights brought out.
func BenchmarkTrain(b *testing.B) {
	needGPU(b)
	for _, precision := range []Precision{Float32, Float64} {
		b.Run(string(precision), func(b *testing.B) {
			backend, err := Open(Options{Precision: precision})
			if err != nil {
				b.Fatal(err)
			}
			defer backend.Close()
			backendtest.Benchmark(b, backend, 1<<15)
		})
	}
}

// lean is a recorder that wants nothing but the last observation of each copy.
type lean struct{ goals *linear.Marks }

func (lean) Observe(int, linear.Observation) error             { return nil }
func (lean) Pass(int, *linear.Observation, linear.Marks) error { return nil }
func (lean) Finish(int, linear.Final) error                    { return nil }
func (lean) Weightless() bool                                  { return true }
func (l lean) Goals(int) *linear.Marks                         { return l.goals }

// BenchmarkCopies times the paper's dense network in jobs of more and more copies,
// when nothing comes out but what a sweep keeps, in network-steps/s.
func BenchmarkCopies(b *testing.B) {
	needGPU(b)
	backend, err := Open(Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer backend.Close()
	const steps = 300
	task := &linear.Task{Point: paperPoint}
	for _, copies := range []int{1, 64, 4096, 1 << 17, 1 << 20} {
		b.Run(fmt.Sprint(copies), func(b *testing.B) {
			j := &linear.Job{Architecture: network.Dense(50), Steps: steps, Copies: make([]linear.Copy, copies)}
			for i := range j.Copies {
				j.Copies[i] = linear.Copy{Task: task, LearningRate: 0.16, InitScale: 0.01 / 50, Stream: random.Stream{Seed: uint64(i)}}
			}
			recorder := lean{&linear.Marks{Quadrants: nowhere, Modes: make([]float64, 3)}}
			for b.Loop() {
				if err := backend.Train(context.Background(), j, recorder); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(copies)*steps*float64(b.N)/b.Elapsed().Seconds(), "network-steps/s")
		})
	}
}
