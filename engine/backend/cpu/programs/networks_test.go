package programs

import (
	"math"
	"testing"

	"modspec/engine/program"
	"modspec/engine/random"
)

// A mixture is a network that answers y = α_c·x1 + β_c·x2 for one of several rules c,
// by one core or by a module for each rule.
type mixture struct {
	name            string
	encoding, width int // E and D
	batch, rules    int
	gate            gate
	classify        bool
	optimizer       func(b *program.Builder) program.Optimizer
	schedule        func(b *program.Builder, rate program.Value) program.Value
	clip            float64
	truth           [2][]float64
	lastDraw        uint32
	d               *program.Draft
	parameters      map[string]program.Variable
}

type gate int

const (
	monolithic gate = iota
	joint           // a softmax of an output of each module
	operation       // a softmax of a map of the rule's code
	truth           // the rule
)

func (g gate) String() string {
	return [...]string{"monolithic", "modular", "modular-op", "ground-truth"}[g]
}

// training builds the program.
func (m *mixture) training(t testing.TB) *program.Training {
	t.Helper()
	m.d = program.NewDraft()
	m.parameters = map[string]program.Variable{}
	for i := range m.truth {
		m.truth[i] = make([]float64, m.rules)
		random.Stream{Seed: 77}.Normals(m.truth[i], uint32(i))
	}
	b := m.d.Step
	loss := m.loss(b)
	parameters := m.d.Parameters()
	var read []program.Value
	for _, v := range parameters {
		read = append(read, b.Read(v))
	}
	gradients := b.Gradient(loss, read)
	if m.clip > 0 {
		gradients = b.ClipNorm(gradients, b.Scalar(m.clip))
	}
	rate := b.Setting("lr")
	if m.schedule != nil {
		rate = m.schedule(b, rate)
	}
	m.optimizer(b).Update(m.d, rate, parameters, gradients)
	m.d.Observe.Output("loss", m.loss(m.d.Observe))
	training, err := m.d.Training()
	if err != nil {
		t.Fatal(err)
	}
	return training
}

// parameter reads a parameter that is uniform between ±1/√fanIn at first.
func (m *mixture) parameter(b *program.Builder, name string, fanIn int, shape ...int) program.Value {
	v, known := m.parameters[name]
	if !known {
		u := m.d.Start.Uniform(program.Draw{Number: m.lastDraw}, shape...)
		m.lastDraw++
		bound := 1 / math.Sqrt(float64(fanIn))
		v = m.d.Parameter(name, m.d.Start.Affine(u, 2*bound, -bound))
		m.parameters[name] = v
	}
	return b.Read(v)
}

func (m *mixture) linear(b *program.Builder, name string, x program.Value, outputs int) program.Value {
	inputs := b.Shape(x)[1]
	return b.Linear(x, m.parameter(b, name+".weight", inputs, outputs, inputs), m.parameter(b, name+".bias", inputs, outputs))
}

func (m *mixture) loss(b *program.Builder) program.Value {
	n := m.batch
	x := b.Normal(program.Draw{Number: 0}, 2*n, 1) // first operands, then second
	c := b.Whole(program.Draw{Number: 1}, m.rules, n)
	rule := b.OneHot(c, m.rules)
	column := func(values []float64) program.Value { // the rule's coefficient, n × 1
		return b.MatMul(rule, b.Constant(values, m.rules, 1), false, false)
	}
	target := b.Add(b.Multiply(column(m.truth[0]), b.Slice(x, 0, 0, n)), b.Multiply(column(m.truth[1]), b.Slice(x, 0, n, 2*n)))

	digits := m.linear(b, "digit2", b.Relu(m.linear(b, "digit1", x, m.encoding)), m.encoding)
	code := m.linear(b, "rule2", b.Relu(m.linear(b, "rule1", rule, m.encoding)), m.encoding)
	all := b.Concat(1, b.Slice(digits, 0, 0, n), b.Slice(digits, 0, n, 2*n), code)
	core := m.core(b, all, code, rule)
	y := m.linear(b, "decoder2", b.Relu(m.linear(b, "decoder1", core, m.encoding)), 1)
	if m.classify {
		return b.Mean(b.LogitLoss(y, b.Less(b.Zeros(n, 1), target)))
	}
	return b.Mean(b.AbsoluteLoss(y, target))
}

func (m *mixture) core(b *program.Builder, all, code, rule program.Value) program.Value {
	n, inner := m.batch, m.width/m.rules
	if m.gate == monolithic {
		return m.linear(b, "core2", b.Relu(m.linear(b, "core1", all, m.width)), m.width)
	}
	modules := m.rules
	hidden := b.Relu(m.linear(b, "core1", all, modules*inner))
	each := b.Reshape(hidden, n, modules, inner)
	var gates program.Value
	switch m.gate {
	case joint:
		w := m.parameter(b, "gate.weight", inner, modules, inner)
		scores := b.Sum(b.Multiply(each, b.Broadcast(w, 0, n)), 2)
		gates = b.Softmax(b.Add(scores, b.Broadcast(m.parameter(b, "gate.bias", inner, modules), 0, n)))
	case operation:
		gates = b.Softmax(m.linear(b, "gate", code, modules))
	case truth:
		gates = rule
	}
	gated := b.Reshape(b.Multiply(each, b.Broadcast(gates, 2, inner)), n, modules*inner)
	// Σ_m g_m·(W_m·h_m + b_m) is one product over all modules' hidden units, and one
	// over the gates.
	w := m.parameter(b, "core2.weight", inner, m.width, modules*inner)
	biases := m.parameter(b, "core2.bias", inner, modules, m.width)
	return b.Add(b.MatMul(gated, w, false, true), b.MatMul(gates, biases, false, false))
}

func adam(b *program.Builder) program.Optimizer { return program.DefaultAdam(b) }

// run is a run of a training with a stream and a learning rate.
func run(seed uint64) program.Run {
	return program.Run{Streams: []random.Stream{{Seed: seed}}, Settings: []float64{0x1p-8}}
}

// smallNetworks differ in core, task, optimizer, clipping and schedule.
func smallNetworks() []*mixture {
	return []*mixture{
		{name: "adam", encoding: 5, width: 7, batch: 9, rules: 3, gate: monolithic, optimizer: adam},
		{name: "sgd, clipped, cosine", encoding: 3, width: 8, batch: 4, rules: 2, gate: joint, classify: true, clip: 0.25,
			optimizer: func(*program.Builder) program.Optimizer { return program.SGD{} },
			schedule: func(b *program.Builder, rate program.Value) program.Value {
				return b.Cosine(rate, 4, 0.25)
			}},
		{name: "momentum, steps", encoding: 4, width: 6, batch: 17, rules: 2, gate: operation,
			optimizer: func(b *program.Builder) program.Optimizer {
				return program.SGD{Momentum: b.Scalar(0.875), Nesterov: true}
			},
			schedule: func(b *program.Builder, rate program.Value) program.Value { return b.Decay(rate, 0.5, 1, 3) }},
		{name: "adamw, warm-up", encoding: 3, width: 10, batch: 8, rules: 5, gate: truth,
			optimizer: func(b *program.Builder) program.Optimizer {
				o := program.DefaultAdam(b)
				o.Decay = b.Scalar(0.0625)
				return o
			},
			schedule: func(b *program.Builder, rate program.Value) program.Value { return b.Warmup(rate, 3) }},
	}
}
