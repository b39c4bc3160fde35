package main

import (
	"fmt"
	"math"

	"modspec/engine/program"
	"modspec/engine/random"
	"modspec/engine/results"
	"modspec/engine/train"
)

// Parity is the kind: networks with one hidden layer,
//
//	y = v·tanh(W·x + b) + a,
//
// that learn the parity of n bits x = ±1, the product of all of them, from samples that
// are new at each step.
type Parity struct{}

var _ train.Kind = Parity{}

// Name implements [train.Kind].
func (Parity) Name() string { return "parity" }

// Doc implements [train.Kind].
func (Parity) Doc() string {
	return "networks with one hidden layer that learn the parity of some bits"
}

// The parameters, by their place.
const (
	bits = iota
	hidden
	batch
	lr
	steps
)

// Parameters implements [train.Kind].
func (Parity) Parameters() results.Schema {
	return results.Schema{
		bits:   {Name: "bits", Type: results.Whole, Label: "bits n", Doc: "bits of an input", Domain: results.Domain{Default: "3", Min: 1, Max: 16}},
		hidden: {Name: "hidden", Type: results.Whole, Label: "hidden units", Doc: "units of the hidden layer", Domain: results.Domain{Default: "16", Min: 1, Max: 4096}},
		batch:  {Name: "batch", Type: results.Whole, Doc: "samples in a step", Domain: results.Domain{Default: "32", Min: 1, Max: 1 << 16}},
		lr:     {Name: "lr", Label: "learning rate", Doc: "learning rate of Adam", Domain: results.Domain{Default: "0.01", Max: 1e6}},
		steps:  {Name: train.StepsParameter, Type: results.Whole, Doc: "updates", Domain: results.Domain{Default: "1000", Max: train.MaxSteps}},
	}
}

// Metrics implements [train.Kind].
func (Parity) Metrics() results.Schema {
	return results.Schema{
		{Name: "train_loss", Label: "training loss", Doc: "½ · mean of the squared error on the next batch"},
		{Name: "wrong", Label: "share of wrong answers", Doc: "share of all 2ⁿ inputs whose answer has the wrong sign"},
	}
}

// Resolve implements [train.Kind]. Each value is in its own domain already: only
// combinations are left to check, and here all exist.
func (Parity) Resolve(s train.Setting) (train.Model, error) { return &model{s.Clone().Values}, nil }

type model struct{ values []results.Value }

func (m *model) whole(parameter int) int { return int(m.values[parameter].Number) }

// Parameters implements [train.Model].
func (m *model) Parameters() []results.Value { return m.values }

// Steps implements [train.Model].
func (m *model) Steps() int { return m.whole(steps) }

// Shape implements [train.Model]. The learning rate is not in it: it is a setting of
// the run, so runs that differ in it share a program.
func (m *model) Shape() string {
	return fmt.Sprintf("parity %d-%d-1 batch %d steps %d", m.whole(bits), m.whole(hidden), m.whole(batch), m.Steps())
}

// Run implements [train.Model].
func (m *model) Run(stream random.Stream) program.Run {
	return program.Run{Streams: []random.Stream{stream}, Settings: []float64{m.values[lr].Number}}
}

// Program implements [train.Model].
func (m *model) Program() (*program.Training, error) {
	n, units := m.whole(bits), m.whole(hidden)
	d := program.NewDraft()
	// Initial weights: normal, of variance 1/inputs.
	weights := func(name string, draw uint32, rows, inputs int) program.Variable {
		return d.Parameter(name, d.Start.Scale(d.Start.Normal(program.Draw{Number: draw}, rows, inputs), 1/math.Sqrt(float64(inputs))))
	}
	w, b := weights("hidden.weight", 0, units, n), d.Parameter("hidden.bias", d.Start.Zeros(units))
	v, a := weights("output.weight", 1, 1, units), d.Parameter("output.bias", d.Start.Zeros(1))

	// errors returns answers and targets of inputs, samples × n.
	answers := func(p *program.Builder, x program.Value) (answer, target program.Value) {
		answer = p.Flat(p.Linear(p.Tanh(p.Linear(x, p.Read(w), p.Read(b))), p.Read(v), p.Read(a)))
		// The product of values ±1 is cos(π · how many are −1), and (1 − x)/2 is 1 where x is −1.
		return answer, p.Cos(p.Scale(p.Sum(p.Affine(x, -0.5, 0.5), 1), math.Pi))
	}
	samples := func(p *program.Builder) program.Value {
		return p.Input("x", p.Affine(p.Whole(program.Draw{}, 2, m.whole(batch), n), 2, -1))
	}

	s := d.Step
	rate := s.Setting("lr")
	answer, target := answers(s, samples(s))
	var parameters []program.Value
	for _, p := range d.Parameters() {
		parameters = append(parameters, s.Read(p))
	}
	program.DefaultAdam(s).Update(d, rate, d.Parameters(), s.Gradient(s.Mean(s.SquareLoss(answer, target)), parameters))

	o := d.Observe
	answer, target = answers(o, samples(o))
	o.Output("train_loss", o.Mean(o.SquareLoss(answer, target)))
	answer, target = answers(o, o.Constant(inputs(n), 1<<n, n))
	o.Output("wrong", o.Mean(o.Less(o.Multiply(answer, target), o.Zeros(1<<n))))
	return d.Training()
}

// inputs are all 2ⁿ inputs, row by row.
func inputs(n int) []float64 {
	var all []float64
	for i := range 1 << n {
		for bit := range n {
			all = append(all, float64(i>>bit&1)*2-1)
		}
	}
	return all
}

// Measure implements [train.Model].
func (m *model) Measure(observed [][]float64, metrics []float64) {
	for i := range metrics {
		metrics[i] = observed[i][0]
	}
}
