// Package backendtest is the suite that every backend of package cmnist has to
// pass. Its oracle is written by hand, one value at a time: every layer's answers
// against loops over its definition, every parameter's gradient against
// differences of the loss, several steps and epochs against a plain loop over
// batches, and what cmnist.Backend and cmnist.Recorder promise.
package backendtest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"modspec/engine/cmnist"
	"modspec/engine/mnist"
	"modspec/engine/random"
)

// Run puts a backend through the suite. roundoff is the unit roundoff of the
// arithmetic that carries its parameters and values.
func Run(t *testing.T, name string, open func() (cmnist.Backend, error), roundoff float64) {
	for _, c := range []struct {
		name string
		run  func(b cmnist.Backend, roundoff float64) error
	}{
		{"name", func(b cmnist.Backend, _ float64) error {
			if b.Name() == "" {
				return errors.New("the backend has no name for a user to choose it by")
			}
			return nil
		}},
		{"bad jobs", checkBadJobs},
		{"answers", checkAnswers},
		{"gradients", checkGradients},
		{"momentum", checkMomentum},
		{"training", checkTraining},
		{"going on", checkGoingOn},
		{"runs are independent", checkIndependence},
		{"divergence", checkDivergence},
		{"recorder errors", checkRecorderErrors},
		{"cancelled", checkCancelled},
	} {
		t.Run(name+"/"+c.name, func(t *testing.T) {
			if testing.Short() && c.name == "gradients" {
				t.Skip("thousands of trainings: left out where time is short")
			}
			b, err := open()
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := b.Close(); err != nil {
					t.Errorf("closing the backend: %v", err)
				}
			}()
			if err := c.run(b, roundoff); err != nil {
				t.Error(err)
			}
		})
	}
}

// recorder keeps every observation, and the checkpoint after each epoch.
type recorder struct {
	observations map[int][]cmnist.Observation
	saved        map[int][]*cmnist.Checkpoint
	fail         func(run int, o cmnist.Observation) error
}

func (r *recorder) Epoch(run int, o cmnist.Observation, save func() (*cmnist.Checkpoint, error)) error {
	if r.fail != nil {
		if err := r.fail(run, o); err != nil {
			return err
		}
	}
	checkpoint, err := save()
	if err != nil {
		return err
	}
	r.observations[run] = append(r.observations[run], o)
	r.saved[run] = append(r.saved[run], checkpoint)
	return nil
}

// ended says which run, if any, was not observed after each of its epochs: one that diverged ends
// before.
func (r *recorder) ended(j *cmnist.Job) error {
	for run := range j.Runs {
		if got := len(r.saved[run]); got != j.Epochs+1 {
			return fmt.Errorf("run %d was observed %d times in %d epochs; the last time as %+v", run+1, got, j.Epochs, r.observations[run][max(got-1, 0):])
		}
	}
	return nil
}

func train(b cmnist.Backend, j *cmnist.Job) (*recorder, error) {
	r := &recorder{observations: map[int][]cmnist.Observation{}, saved: map[int][]*cmnist.Checkpoint{}}
	return r, b.Train(context.Background(), j, r)
}

// digits are a made-up set: every class has a pattern of its own, every digit of it
// another brightness, so that there is something to learn.
func digits(count int, offset uint32) mnist.Part {
	p := mnist.Part{Images: &mnist.Images{Count: count, Rows: mnist.Side, Columns: mnist.Side}}
	stream := random.Stream{Seed: 11}
	for i := range count {
		class := int(stream.Uint64(random.FirstWordLayer+offset, uint32(i)) % mnist.Classes)
		p.Labels = append(p.Labels, byte(class))
		for at := range mnist.Side * mnist.Side {
			row, column := at/mnist.Side, at%mnist.Side
			ink := 0
			if (row/4+column/7*(class+1))%5 == class%5 {
				ink = 120 + i%100
			}
			p.Images.Pixels = append(p.Images.Pixels, byte(ink))
		}
	}
	return p
}

var composition = cmnist.Composition{Digits: 2, R: 3}

// goodJob is small and odd: sizes that fit no vector, a last batch that is
// smaller, towers of several kinds and depths, two runs of different networks.
func goodJob() *cmnist.Job {
	set := &mnist.Set{Train: digits(16, 0), Test: digits(12, 1)}
	data, err := cmnist.Compose(set, composition, cmnist.Selection{})
	if err != nil {
		panic(err) // the set is good
	}
	return &cmnist.Job{
		Data: data, Epochs: 2, Batch: 3, LearningRate: 0.001, InitScale: 0.1, Probe: 1,
		Runs: []cmnist.Run{
			{Network: networks[0], Stream: random.Stream{Seed: 1}},
			{Network: networks[1], Stream: random.Stream{Seed: 2}},
		},
	}
}

func convolution(channels, height, width int) cmnist.Layer {
	return cmnist.Layer{Convolution: &cmnist.Convolution{Channels: channels, Height: height, Width: width}}
}

// networks cover convolutions on convolutions, of one value and of whole images,
// linear layers on both, ReLU missing or doubled, and towers without layers.
var networks = []cmnist.Network{
	{Name: "one tower", Towers: []cmnist.Tower{{
		Writes: cmnist.BothBlocks,
		Layers: []cmnist.Layer{convolution(3, 22, 44), cmnist.ReLU, convolution(5, 4, 6), cmnist.ReLU, convolution(2, 2, 3), cmnist.ReLU},
	}}},
	{Name: "two towers", Towers: []cmnist.Tower{
		{Writes: cmnist.CompositionalBlock, Layers: []cmnist.Layer{convolution(4, 28, 3), cmnist.ReLU, cmnist.ReLU, {Linear: 7}}},
		{Writes: cmnist.NonCompositionalBlock, Layers: []cmnist.Layer{convolution(17, 14, 28), convolution(1, 10, 20), cmnist.ReLU, convolution(2, 1, 1)}},
	}},
	{Name: "no layers", Towers: []cmnist.Tower{{Writes: cmnist.NonCompositionalBlock}, {Writes: cmnist.CompositionalBlock, Layers: []cmnist.Layer{{Linear: 33}, cmnist.ReLU, {Linear: 1}}}}},
	{Name: "wide", Towers: []cmnist.Tower{{Writes: cmnist.CompositionalBlock, Layers: []cmnist.Layer{convolution(16, 19, 31), cmnist.ReLU, convolution(33, 2, 3), cmnist.ReLU}}}},
}

// span is the number of roundings between an image and an answer of a network, or
// between an image and a gradient at twice that: the lengths of all sums.
func span(n cmnist.Network, c cmnist.Composition) float64 {
	most := 0.0
	for _, t := range n.Towers {
		shapes, err := t.Shapes(c)
		if err != nil {
			panic(err)
		}
		sum := 0.0
		for l, layer := range t.All(c) {
			switch {
			case layer.Convolution != nil:
				sum += float64(shapes[l].Channels*layer.Convolution.Height*layer.Convolution.Width + 1)
			case layer.Linear > 0:
				sum += float64(shapes[l].Size() + 1)
			}
		}
		most = math.Max(most, sum)
	}
	return most
}

// largest returns the largest magnitude in a list.
func largest(list []float64) float64 {
	most := 0.0
	for _, v := range list {
		most = math.Max(most, math.Abs(v))
	}
	return most
}

func deviation(a, b []float64) float64 {
	worst := 0.0
	for i := range a {
		if d := math.Abs(a[i] - b[i]); !(d <= worst) {
			worst = d
		}
	}
	return worst
}

// each calls back with every list of numbers of two sets of parameters.
func each(a, b cmnist.Parameters, do func(where string, a, b []float64) error) error {
	for t := range a {
		for l := range a[t] {
			for i, name := range []string{"weights", "biases"} {
				x, y := a[t][l].Weights, b[t][l].Weights
				if i == 1 {
					x, y = a[t][l].Biases, b[t][l].Biases
				}
				if len(x) == 0 {
					continue
				}
				if err := do(fmt.Sprintf("%s of layer %d of tower %d", name, l+1, t+1), x, y); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
