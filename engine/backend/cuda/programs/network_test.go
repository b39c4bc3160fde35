package programs

import (
	"math"
	"testing"

	"modspec/engine/program"
)

// A mixture is the training of a network of modules whose outputs a gate weights: of R
// modules, each a network with a hidden layer, on sums of two numbers by rules that the
// run's data draw; see mixture.
type mixture struct{ rules, encoding, width, batch int }

// training returns the training of a mixture: digits and the rule are encoded by networks
// of their own; the hidden layers of all modules are one product, weighted by the gate, a
// softmax of the rule's encoding, and so are their outputs; the loss is the mean absolute
// error; Adam trains.
func (m mixture) training(t testing.TB) *program.Training {
	t.Helper()
	d := program.NewDraft()
	number := uint32(0)
	layer := func(name string, in, out int) func(b *program.Builder, x program.Value) program.Value {
		parameter := func(what string, shape ...int) program.Variable {
			bound := 1 / math.Sqrt(float64(in))
			u := d.Start.Affine(d.Start.Uniform(program.Draw{Number: number}, shape...), 2*bound, -bound)
			number++
			return d.Parameter(name+"."+what, u)
		}
		w, bias := parameter("weight", out, in), parameter("bias", out)
		return func(b *program.Builder, x program.Value) program.Value { return b.Linear(x, b.Read(w), b.Read(bias)) }
	}
	e, width, each := m.encoding, m.width, m.width/m.rules
	digit1, digit2 := layer("digit.1", 1, e), layer("digit.2", e, e)
	rule1, rule2 := layer("rule.1", m.rules, e), layer("rule.2", e, e)
	hidden, output := layer("hidden", 3*e, each*m.rules), layer("output", each*m.rules, width)
	gate := layer("gate", e, m.rules)
	decoder1, decoder2 := layer("decoder.1", width, e), layer("decoder.2", e, 1)
	factors := d.State("factors", d.Start.Normal(program.Draw{Stream: 1}, m.rules, 2))
	loss := func(b *program.Builder) program.Value {
		x := []program.Value{b.Normal(program.Draw{Stream: 2, Number: 0}, m.batch, 1), b.Normal(program.Draw{Stream: 2, Number: 1}, m.batch, 1)}
		rule := b.Whole(program.Draw{Stream: 2, Number: 2}, m.rules, m.batch)
		weights := b.Gather(b.Read(factors), rule)
		target := b.Sum(b.Multiply(weights, b.Concat(1, x...)), 1)
		encode := func(x program.Value) program.Value { return digit2(b, b.Relu(digit1(b, x))) }
		ruled := rule2(b, b.Relu(rule1(b, b.OneHot(rule, m.rules))))
		all := b.Concat(1, encode(x[0]), encode(x[1]), ruled)
		gates := b.Softmax(gate(b, ruled))
		h := b.Reshape(b.Relu(hidden(b, all)), m.batch, m.rules, each)
		weighted := b.Reshape(b.Multiply(h, b.Broadcast(gates, 2, each)), m.batch, m.rules*each)
		y := decoder2(b, b.Relu(decoder1(b, output(b, weighted))))
		return b.Mean(b.AbsoluteLoss(b.Reshape(y, m.batch), target))
	}
	b := d.Step
	parameters := d.Parameters()
	var read []program.Value
	for _, v := range parameters {
		read = append(read, b.Read(v))
	}
	program.DefaultAdam(b).Update(d, b.Setting("lr"), parameters, b.Gradient(loss(b), read))
	d.Observe.Output("loss", loss(d.Observe))
	training, err := d.Training()
	if err != nil {
		t.Fatal(err)
	}
	return training
}
