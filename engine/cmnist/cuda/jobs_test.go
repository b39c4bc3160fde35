//go:build gpu

package cuda

import (
	"context"
	"math"
	"testing"

	"modspec/engine/cmnist"
	"modspec/engine/mnist"
	"modspec/engine/random"
)

// someDigits are made up: every pixel hangs on its place, its digit's class and its
// number.
func someDigits(count int) mnist.Part {
	p := mnist.Part{Images: &mnist.Images{Count: count, Rows: mnist.Side, Columns: mnist.Side}}
	for i := range count {
		class := i * 7 % mnist.Classes
		p.Labels = append(p.Labels, byte(class))
		for at := range mnist.Side * mnist.Side {
			p.Images.Pixels = append(p.Images.Pixels, byte(at*(class+3)/5*i))
		}
	}
	return p
}

func convolution(channels, height, width int) cmnist.Layer {
	return cmnist.Layer{Convolution: &cmnist.Convolution{Channels: channels, Height: height, Width: width}}
}

// severalRuns is a job of runs of two networks in turn, whose last batch is smaller,
// with momentum, so that everything that belongs to a run can go astray.
func severalRuns(t *testing.T, runs int) *cmnist.Job {
	t.Helper()
	data, err := cmnist.Compose(&mnist.Set{Train: someDigits(14), Test: someDigits(10)}, cmnist.Composition{Digits: 2, R: 2}, cmnist.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	networks := []cmnist.Network{
		{Name: "one", Towers: []cmnist.Tower{{Writes: cmnist.BothBlocks, Layers: []cmnist.Layer{convolution(3, 24, 50), cmnist.ReLU}}}},
		{Name: "two", Towers: []cmnist.Tower{
			{Writes: cmnist.NonCompositionalBlock, Layers: []cmnist.Layer{convolution(2, 26, 20), cmnist.ReLU, convolution(1, 2, 30), cmnist.ReLU}},
			{Writes: cmnist.CompositionalBlock},
		}},
	}
	job := &cmnist.Job{Data: data, Epochs: 2, Batch: 3, LearningRate: 1e-4, Momentum: 0.5, InitScale: 0.1}
	for i := range runs {
		job.Runs = append(job.Runs, cmnist.Run{Network: networks[i%2], Stream: random.Stream{Seed: uint64(i)}})
	}
	return job
}

// kept is what a recorder keeps: each run's observations, and its last checkpoint.
type kept struct {
	observations map[int][]cmnist.Observation
	last         map[int]*cmnist.Checkpoint
}

func (k *kept) Epoch(run int, o cmnist.Observation, save func() (*cmnist.Checkpoint, error)) error {
	var err error
	k.observations[run] = append(k.observations[run], o)
	k.last[run], err = save()
	return err
}

func trained(b *Backend, j *cmnist.Job) (*kept, error) {
	k := &kept{observations: map[int][]cmnist.Observation{}, last: map[int]*cmnist.Checkpoint{}}
	return k, b.Train(context.Background(), j, k)
}

// mustTrain trains with a backend of its own.
func mustTrain(t *testing.T, b *Backend, j *cmnist.Job) *kept {
	t.Helper()
	k, err := trained(b, j)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// agree holds all runs to the same bits.
func agree(t *testing.T, where string, got, want *kept) {
	t.Helper()
	if len(got.last) != len(want.last) {
		t.Fatalf("%s: %d runs were reported, want %d", where, len(got.last), len(want.last))
	}
	for run, w := range want.last {
		g := got.last[run]
		if g.Epoch != w.Epoch || len(got.observations[run]) != len(want.observations[run]) {
			t.Errorf("%s: run %d ends at epoch %d after %d reports, want %d after %d", where, run+1, g.Epoch, len(got.observations[run]), w.Epoch, len(want.observations[run]))
			continue
		}
		for i, p := range []cmnist.Parameters{g.Parameters, g.Velocity} {
			if !same(p, []cmnist.Parameters{w.Parameters, w.Velocity}[i]) {
				t.Errorf("%s: run %d ends with other numbers", where, run+1)
			}
		}
	}
}

func same(a, b cmnist.Parameters) bool {
	for t := range b {
		for l := range b[t] {
			for i, list := range [][]float64{a[t][l].Weights, a[t][l].Biases} {
				want := [][]float64{b[t][l].Weights, b[t][l].Biases}[i]
				if len(list) != len(want) {
					return false
				}
				for k := range list {
					if math.Float64bits(list[k]) != math.Float64bits(want[k]) {
						return false
					}
				}
			}
		}
	}
	return len(a) == len(b)
}
