package traintest

import (
	"fmt"
	"math"

	"modspec/engine/program"
	"modspec/engine/random"
	"modspec/engine/results"
	"modspec/engine/train"
)

// Toy is a small kind for tests: a network with one hidden layer,
//
//	y = v·tanh(W·[x, one-hot c] + b),
//
// that learns the task y = a_c·x1 from samples of a class c and two numbers x, new at
// each step. Its inputs are c (batch) and x (batch × 2), its parameters hidden.weight,
// hidden.bias and output.weight, and slopes, a, is a variable that no step changes.
type Toy struct{}

var _ train.Kind = Toy{}

// Name implements [train.Kind].
func (Toy) Name() string { return "toy" }

// Doc implements [train.Kind].
func (Toy) Doc() string { return "a network with one hidden layer that learns a slope for each class" }

// The places of the parameters.
const (
	hidden = iota
	classes
	batch
	optimizer
	momentum
	lr
	initScale
	dataSeed
	steps
)

// Parameters implements [train.Kind].
func (Toy) Parameters() results.Schema {
	return results.Schema{
		hidden:    {Name: "hidden", Type: results.Whole, Doc: "hidden units", Domain: results.Domain{Default: "5", Min: 1, Max: 1024}},
		classes:   {Name: "classes", Type: results.Whole, Doc: "classes, each with a slope of its own", Domain: results.Domain{Default: "3", Min: 1, Max: 64}},
		batch:     {Name: "batch", Type: results.Whole, Unit: "samples", Doc: "samples in a step", Domain: results.Domain{Default: "4", Min: 1, Max: 4096, Words: []string{"classes"}}},
		optimizer: {Name: "optimizer", Type: results.Text, Doc: "optimizer", Domain: results.Domain{Default: "sgd", Words: []string{"sgd", "adam"}}},
		momentum:  {Name: "momentum", Doc: "momentum of sgd", Domain: results.Domain{Default: "0", Max: 0.999}},
		lr:        {Name: "lr", Label: "learning rate", Doc: "learning rate η", Domain: results.Domain{Default: "0.125", Max: 1e30}},
		initScale: {Name: "init_scale", Doc: "standard deviation of the initial weights", Domain: results.Domain{Default: "0.5", Least: 1e-30, Max: 1e300}},
		dataSeed:  {Name: "data_seed", Type: results.Seed, Doc: "seed of the slopes and samples", Domain: results.Domain{Default: "0"}},
		steps:     {Name: "steps", Type: results.Whole, Unit: "updates", Doc: "updates", Domain: results.Domain{Default: "20", Max: train.MaxSteps}},
	}
}

// Metrics implements [train.Kind].
func (Toy) Metrics() results.Schema {
	return results.Schema{
		{Name: "train_loss", Label: "training loss", Doc: "½·mean square of the error on the next batch"},
		{Name: "first_class_loss", Label: "loss of class 0", Doc: "the same of the samples of class 0; none if there are none", Null: true},
		{Name: "weight_norm", Label: "norm of the weights", Doc: "Frobenius norm of hidden.weight"},
	}
}

// Resolve implements [train.Kind].
func (k Toy) Resolve(s train.Setting) (train.Model, error) {
	m := &toy{values: s.Clone().Values}
	if m.values[batch].Text == "classes" {
		m.values[batch] = m.values[classes]
	}
	if m.values[optimizer].Text == "adam" && m.values[momentum].Number > 0 {
		return nil, fmt.Errorf("momentum is %v, but adam has a momentum of its own; leave momentum out, or set optimizer to sgd", m.values[momentum].Number)
	}
	return m, nil
}

type toy struct{ values []results.Value }

func (m *toy) whole(parameter int) int { return int(m.values[parameter].Number) }

func (m *toy) Parameters() []results.Value { return m.values }

func (m *toy) Steps() int { return m.whole(steps) }

func (m *toy) Shape() string {
	return fmt.Sprint(m.whole(hidden), " ", m.whole(classes), " ", m.whole(batch), " ", m.values[optimizer].Text, " ", m.Steps())
}

// The streams.
const (
	ownStream = iota
	dataStream
)

func (m *toy) Run(stream random.Stream) program.Run {
	return program.Run{
		Streams:  []random.Stream{ownStream: stream, dataStream: {Seed: uint64(m.values[dataSeed].Number), Point: 1}},
		Settings: []float64{m.values[initScale].Number, m.values[lr].Number, m.values[momentum].Number},
	}
}

func (m *toy) Program() (*program.Training, error) {
	d := program.NewDraft()
	units, kinds, samples := m.whole(hidden), m.whole(classes), m.whole(batch)
	initial := func(number uint32, shape ...int) program.Value {
		drawn := d.Start.Normal(program.Draw{Stream: ownStream, Number: number}, shape...)
		return d.Start.Multiply(d.Start.Like(d.Start.Setting("init_scale"), drawn), drawn)
	}
	w := d.Parameter("hidden.weight", initial(0, units, 2+kinds))
	bias := d.Parameter("hidden.bias", initial(1, units))
	v := d.Parameter("output.weight", initial(2, 1, units))
	slopes := d.State("slopes", d.Start.Normal(program.Draw{Stream: dataStream}, kinds))

	// errors returns output − target and the classes of the samples.
	errors := func(b *program.Builder) (e, class program.Value) {
		class = b.Input("c", b.Whole(program.Draw{Stream: dataStream, Number: 0}, kinds, samples))
		x := b.Input("x", b.Normal(program.Draw{Stream: dataStream, Number: 1}, samples, 2))
		in := b.Concat(1, x, b.OneHot(class, kinds))
		y := b.Linear(b.Tanh(b.Linear(in, b.Read(w), b.Read(bias))), b.Read(v), program.None)
		target := b.Multiply(b.Gather(b.Read(slopes), class), b.Flat(b.Slice(x, 1, 0, 1)))
		return b.Subtract(b.Flat(y), target), class
	}
	b := d.Step
	// Settings are numbered as they are first named.
	rate, mu := b.Setting("lr"), b.Setting("momentum")
	var weights []program.Value
	for _, p := range d.Parameters() {
		weights = append(weights, b.Read(p))
	}
	e, _ := errors(b)
	var rule program.Optimizer = program.SGD{Momentum: mu}
	if m.values[optimizer].Text == "adam" {
		rule = program.DefaultAdam(b)
	}
	loss := b.Scale(b.Mean(b.Square(e)), 0.5)
	rule.Update(d, rate, d.Parameters(), b.Gradient(loss, weights))

	o := d.Observe
	e, class := errors(o)
	o.Output("squares", o.Square(e))
	o.Output("classes", class)
	o.Output("norm", o.Sqrt(o.Total(o.Square(o.Read(w)))))
	return d.Training()
}

func (m *toy) Measure(observed [][]float64, metrics []float64) {
	sum, first, count := 0.0, 0.0, 0.0
	for i, square := range observed[0] {
		sum += square
		if observed[1][i] == 0 {
			first += square
			count++
		}
	}
	metrics[0] = sum / 2 / float64(len(observed[0]))
	metrics[1] = math.NaN()
	if count > 0 {
		metrics[1] = first / 2 / count
	}
	metrics[2] = observed[2][0]
}
