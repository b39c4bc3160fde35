//go:build gpu

package cuda

import (
	"context"
	"testing"

	"modspec/engine/cmnist"
	"modspec/engine/cuda"
	"modspec/engine/mnist"
	"modspec/engine/random"
)

// BenchmarkTraining trains ten runs of the paper's networks on MNIST by batches of 16
// and reports images a second, forward and backward, of all runs together, and the
// share of the device's float32 peak at its boost clock; on tensor cores too, whose peak
// is another.
func BenchmarkTraining(b *testing.B) {
	needDevice(b)
	if d, err := cuda.Describe(0); err != nil || d.Name == cuda.StandInName {
		b.Skip("there is no GPU")
	}
	set, err := mnist.Find("../../../testdata/mnist")
	if err != nil {
		b.Fatal(err)
	}
	data, err := cmnist.Compose(set, cmnist.Paper(), cmnist.Selection{Train: 2048, Test: 16})
	if err != nil {
		b.Fatal(err)
	}
	const runs = 10
	dense, split := cmnist.Dense(3), cmnist.Split(3)
	for _, c := range []struct {
		name     string
		networks []cmnist.Network
		options  Options
	}{
		{"dense", []cmnist.Network{dense}, Options{}},
		{"split", []cmnist.Network{split}, Options{}},
		{"both", []cmnist.Network{dense, split}, Options{}},
		{"both, TF32", []cmnist.Network{dense, split}, Options{TF32: true}},
	} {
		b.Run(c.name, func(b *testing.B) {
			backend, err := Open(c.options)
			if err != nil {
				b.Fatal(err)
			}
			defer backend.Close()
			job := &cmnist.Job{Data: data, Epochs: 1, Batch: 16, LearningRate: 0.002, InitScale: 0.01}
			work := 0.0 // of an image in every run
			for _, n := range c.networks {
				for run := range runs {
					job.Runs = append(job.Runs, cmnist.Run{Network: n, Stream: random.Stream{Seed: uint64(run)}})
				}
				each, err := n.Work(data.Composition)
				if err != nil {
					b.Fatal(err)
				}
				work += runs * each
			}
			all := make([]int, len(job.Runs))
			for i := range all {
				all[i] = i
			}
			d := backend.devices[0]
			err = backend.withTrainer(d, job, nil, func(t *trainer) error {
				g, err := t.newGroup(all)
				if err != nil {
					return err
				}
				if err := g.trainEpoch(context.Background()); err != nil { // warm, and at its pace
					return first(err, g.close())
				}
				for b.Loop() {
					if err := g.trainEpoch(context.Background()); err != nil {
						return first(err, g.close())
					}
				}
				return g.close()
			})
			if err != nil {
				b.Fatal(err)
			}
			rate := float64(b.N*data.Train.Count()) / b.Elapsed().Seconds()
			b.ReportMetric(rate*float64(len(all)), "images/s")
			if peak, err := d.Peak(); err == nil && !c.options.TF32 {
				b.ReportMetric(100*rate*work/peak, "%peak")
			}
		})
	}
}
