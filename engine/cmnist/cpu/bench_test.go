package cpu

import (
	"context"
	"testing"
	"time"

	"modspec/engine/cmnist"
	"modspec/engine/mnist"
	"modspec/engine/random"
	"modspec/engine/train/cpu/asm"
)

// BenchmarkTraining trains the paper's networks on MNIST by batches of 16 and
// reports images a second, forward and backward, and the share of the peak of
// multiply-adds that all threads reach, measured in the same run.
func BenchmarkTraining(b *testing.B) {
	set, err := mnist.Find("../../../testdata/mnist")
	if err != nil {
		b.Fatal(err)
	}
	data, err := cmnist.Compose(set, cmnist.Paper(), cmnist.Selection{Train: 512, Test: 16})
	if err != nil {
		b.Fatal(err)
	}
	peak := peakOf(asm.Sets[float32]()[0])
	for _, n := range []cmnist.Network{cmnist.Dense(3), cmnist.Split(3)} {
		b.Run(n.Name, func(b *testing.B) {
			backend, err := New(Options{})
			if err != nil {
				b.Fatal(err)
			}
			job := &cmnist.Job{
				Data: data, Epochs: 1, Batch: 16, LearningRate: 0.002, InitScale: 0.01,
				Runs: []cmnist.Run{{Network: n, Stream: random.Stream{Seed: 1}}},
			}
			start, err := job.Start(0)
			if err != nil {
				b.Fatal(err)
			}
			made, err := newNet(n, job, start, backend.kernels, min(backend.threads, inside))
			if err != nil {
				b.Fatal(err)
			}
			work, err := n.Work(data.Composition)
			if err != nil {
				b.Fatal(err)
			}
			order := random.Stream{Seed: 1}.Permutation(data.Train.Count(), 0)
			images := 0
			for b.Loop() {
				at := images % len(order)
				if err := made.epoch(context.Background(), job, order[at:at+16]); err != nil {
					b.Fatal(err)
				}
				images += 16
			}
			rate := float64(images) / b.Elapsed().Seconds()
			b.ReportMetric(rate, "images/s")
			b.ReportMetric(100*rate*work/peak/float64(made.threads), "%peak/thread")
		})
	}
}

// peakOf measures the multiply-adds of one thread, as operations a second: the best
// of some turns, for whatever else the machine does.
func peakOf(k *asm.Kernels[float32]) float64 {
	best := 0.0
	for range 5 {
		began := time.Now()
		made := k.Probe(5_000_000)
		best = max(best, 2*float64(made)/time.Since(began).Seconds())
	}
	return best
}
