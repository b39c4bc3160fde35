package backendtest

import (
	"context"
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/random"
)

// benchmarks are the trainings that backends are timed on: the paper's settings,
// and one change at a time to its dense network.
var benchmarks = []struct {
	name  string
	arch  network.Architecture
	point dataset.Point
	rule  network.Rule
	rate  float64 // η = P · step_size
	batch int
	steps int
}{
	{"dense", network.Dense(50), paper, network.Rule{}, 0.16, 0, 300},
	{"split", network.Split(50), paper, network.Rule{}, 0.16, 0, 300},
	{"shallow", network.Shallow(), paper, network.Rule{}, 0.04, 0, 300},
	{"hebbian", network.Dense(50), paper, network.Rule{Beta: 0.001}, 0.08, 0, 300},
	{"anti-hebbian", network.Dense(50), paper, network.Rule{Beta: -0.001}, 0.08, 0, 300},
	{"contrastive-hebbian", network.Dense(50), paper, network.Rule{Gamma: 1}, 0.04, 0, 300},
	{"predictive-coding", network.Dense(50), paper, network.Rule{Gamma: -1}, 0.08, 0, 300},
	{"three-hidden-layers", network.Dense(50, 50, 50), paper, network.Rule{}, 0.16, 0, 300},
	{"batches-of-three", network.Dense(50), paper, network.Rule{}, 0.16, 3, 300},
	{"six-bits", network.Dense(60), dataset.NewPoint(6, 6, 3, 3, 1, 1), network.Rule{}, 0.16, 0, 20},
}

// Benchmark times a backend on copies of each training, recording the first and
// the last step alone, and reports network-steps/s, the unit of throughput: one
// step of one copy.
func Benchmark(b *testing.B, backend linear.Backend, copies int) {
	for _, c := range benchmarks {
		b.Run(c.name, func(b *testing.B) {
			job := &linear.Job{Architecture: c.arch, Steps: c.steps}
			task := &linear.Task{Point: c.point, Batch: c.batch}
			for seed := range copies {
				job.Copies = append(job.Copies, linear.Copy{
					Task: task, Rule: c.rule, LearningRate: c.rate,
					Stream: random.Stream{Seed: uint64(seed)}, InitScale: 0.01 / 50,
				})
			}
			for b.Loop() {
				runs, err := linear.Collect(context.Background(), backend, job)
				if err != nil {
					b.Fatal(err)
				}
				for i := range runs {
					if runs[i].Final.Diverged {
						b.Fatalf("copy %d diverged at step %d: its time would mean nothing", i, runs[i].Final.Step)
					}
				}
			}
			b.ReportMetric(float64(c.steps*copies*b.N)/b.Elapsed().Seconds(), "network-steps/s")
		})
	}
}
