package mixture

import (
	"fmt"
	"math"

	"modspec/engine/program"
)

// A layer is a weight matrix and its biases.
type layer struct{ weight, bias program.Variable }

// A network is a model with its variables.
type network struct {
	*model
	draft *program.Draft

	coefficients                               program.Variable
	digit1, digit2, rule1, rule2, core1, core2 layer
	gate                                       layer // of a learned gate
	decoder1, decoder2                         layer
	hidden                                     int    // units of a module
	draws                                      uint32 // of initial weights so far
}

// gated reports whether the core has modules and a gate.
func (m *model) gated() bool { return m.core != monolithic }

// Program implements [train.Model].
func (m *model) Program() (*program.Training, error) {
	n := m.declare()
	b := n.draft.Step
	parameters := n.draft.Parameters()
	var weights []program.Value
	for _, v := range parameters {
		weights = append(weights, b.Read(v))
	}
	output, target, _ := n.forward(b, n.drawn(b))
	gradients := b.Gradient(n.loss(b, output, target), weights)
	var optimizer program.Optimizer = program.DefaultAdam(b)
	if m.optimizer == sgd {
		optimizer = program.SGD{}
	}
	optimizer.Update(n.draft, b.Setting("lr"), parameters, gradients)
	n.observe()
	return n.draft.Training()
}

// declare declares the variables.
func (m *model) declare() *network {
	n := &network{model: m, draft: program.NewDraft(), hidden: m.width}
	start := n.draft.Start
	n.coefficients = n.draft.State("coefficients", start.Normal(program.Draw{Stream: dataStream}, m.rules, 2))
	e, d, modules := m.embedding, m.width, max(m.modules, 1)
	n.hidden = d / modules
	units := modules * n.hidden
	n.digit1, n.digit2 = n.layer("digit.1", 1, []int{e, 1}, e), n.layer("digit.2", e, []int{e, e}, e)
	n.rule1, n.rule2 = n.layer("rule.1", m.rules, []int{e, m.rules}, e), n.layer("rule.2", e, []int{e, e}, e)
	n.core1 = n.layer("core.1", 3*e, []int{units, 3 * e}, units)
	n.core2 = n.layer("core.2", n.hidden, []int{d, units}, modules, d)
	switch m.core {
	case modular:
		n.gate = n.layer("gate", n.hidden, []int{modules, n.hidden}, modules)
	case modularOp:
		n.gate = n.layer("gate", e, []int{modules, e}, modules)
	}
	n.decoder1, n.decoder2 = n.layer("decoder.1", d, []int{e, d}, e), n.layer("decoder.2", e, []int{1, e}, 1)
	return n
}

// layer declares weights and biases of the given shapes, uniform on ±1/√inputs.
func (n *network) layer(name string, inputs int, weight []int, bias ...int) layer {
	limit := 1 / math.Sqrt(float64(inputs))
	uniform := func(shape []int) program.Value {
		draw := program.Draw{Stream: ownStream, Number: n.draws}
		n.draws++
		return n.draft.Start.Affine(n.draft.Start.Uniform(draw, shape...), 2*limit, -limit)
	}
	return layer{
		n.draft.Parameter(fmt.Sprint(name, ".weight"), uniform(weight)),
		n.draft.Parameter(fmt.Sprint(name, ".bias"), uniform(bias)),
	}
}

// inputs are samples of the task.
type inputs struct {
	c program.Value // samples: the rules
	x program.Value // samples × 2
}

// The draws of the data stream. The coefficients are draw 0 of the initial values.
const (
	ruleDraw = iota
	batchDraw
	freshDraw
)

// drawn is the batch of a step.
func (n *network) drawn(b *program.Builder) inputs {
	return inputs{
		c: b.Input("c", b.Whole(program.Draw{Stream: dataStream, Number: ruleDraw}, n.rules, n.batch)),
		x: b.Input("x", b.Normal(program.Draw{Stream: dataStream, Number: batchDraw}, n.batch, 2)),
	}
}

// fresh are the samples of a record, rule by rule.
func (n *network) fresh(b *program.Builder) inputs {
	rules := make([]float64, n.rules)
	for i := range rules {
		rules[i] = float64(i)
	}
	return inputs{
		c: b.Flat(b.Broadcast(b.Constant(rules, n.rules), 1, n.samples)),
		x: b.Normal(program.Draw{Stream: dataStream, Number: freshDraw}, n.rules*n.samples, 2),
	}
}

// linear is W·x + b for each row of x.
func (n *network) linear(b *program.Builder, l layer, x program.Value) program.Value {
	return b.Linear(x, b.Read(l.weight), b.Flat(b.Read(l.bias)))
}

// forward returns output and target of each sample, and the gates, samples ×
// modules, or None.
func (n *network) forward(b *program.Builder, in inputs) (output, target, gates program.Value) {
	samples := b.Shape(in.x)[0]
	target = b.Sum(b.Multiply(b.Gather(b.Read(n.coefficients), in.c), in.x), 1)

	// Both numbers of a sample are rows of one product, and its codes lie side by
	// side in the result.
	digits := n.linear(b, n.digit2, b.Relu(n.linear(b, n.digit1, b.Reshape(in.x, 2*samples, 1))))
	digits = b.Reshape(digits, samples, 2*n.embedding)
	// Each rule is encoded once, not once a sample. Of a one-hot input the first
	// layer takes a column.
	columns := b.Transpose(b.Read(n.rule1.weight), 1, 0)
	rules := b.Relu(b.Add(columns, b.Broadcast(b.Read(n.rule1.bias), 0, n.rules)))
	rules = n.linear(b, n.rule2, rules)
	code := b.Concat(1, digits, b.Gather(rules, in.c))

	// The first layers of all modules are one product, and so are the second ones:
	// Σ_m g_m·W_m·h_m is the product of the gated hidden units of all modules with
	// all columns. Outputs of single modules do not exist.
	hidden := b.Relu(n.linear(b, n.core1, code))
	var core program.Value
	switch n.core {
	case monolithic:
		core = n.linear(b, n.core2, hidden)
	case modular:
		weights := b.Broadcast(b.Flat(b.Read(n.gate.weight)), 0, samples)
		scores := b.Sum(b.Reshape(b.Multiply(hidden, weights), samples, n.modules, n.hidden), 2)
		gates = b.Softmax(b.Add(scores, b.Broadcast(b.Read(n.gate.bias), 0, samples)))
	case modularOp:
		gates = b.Gather(b.Softmax(n.linear(b, n.gate, rules)), in.c)
	case groundTruth:
		gates = b.OneHot(in.c, n.rules)
	}
	if n.gated() {
		each := b.Reshape(b.Broadcast(gates, 2, n.hidden), b.Shape(hidden)...)
		core = b.MatMul(b.Multiply(hidden, each), b.Read(n.core2.weight), false, true)
		core = b.Add(core, b.MatMul(gates, b.Read(n.core2.bias), false, false))
	}
	output = b.Flat(n.linear(b, n.decoder2, b.Relu(n.linear(b, n.decoder1, core))))
	return output, target, gates
}

// negative is 1 where y < 0, otherwise 0: what the label is not.
func negative(b *program.Builder, y program.Value) program.Value {
	return b.Less(y, b.Zeros(b.Shape(y)...))
}

// loss is the mean over samples.
func (n *network) loss(b *program.Builder, output, target program.Value) program.Value {
	if n.task == classification {
		return b.Mean(b.LogitLoss(output, b.Affine(negative(b, target), -1, 1)))
	}
	return b.Mean(b.AbsoluteLoss(output, target))
}

// observe appends what is measured, in the order that Measure reads: the losses,
// in classification the errors, of a gated core the sum of the gates of each rule's
// samples, rules × modules.
func (n *network) observe() {
	b := n.draft.Observe
	output, target, _ := n.forward(b, n.drawn(b))
	b.Output("train_loss", n.loss(b, output, target))

	in := n.fresh(b)
	output, target, gates := n.forward(b, in)
	in.x = b.Scale(in.x, 2)
	outputOOD, targetOOD, _ := n.forward(b, in)
	b.Output("test_loss", n.loss(b, output, target))
	b.Output("ood_loss", n.loss(b, outputOOD, targetOOD))
	if n.task == classification {
		wrong := func(output, target program.Value) program.Value {
			return b.Mean(b.AbsoluteLoss(negative(b, output), negative(b, target)))
		}
		b.Output("test_error", wrong(output, target))
		b.Output("ood_error", wrong(outputOOD, targetOOD))
	}
	if n.gated() {
		// The sum and not the mean, so that gates of 0 and 1 are exact on every
		// backend.
		b.Output("gates", b.Sum(b.Reshape(gates, n.rules, n.samples, n.modules), 1))
	}
}
