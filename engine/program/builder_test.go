package program_test

import (
	"strings"
	"testing"

	"modspec/engine/program"
)

// Every error names the operation, the line of the caller, the shapes, and what
// is allowed; the first error is the one that Build returns.
func TestShapeErrors(t *testing.T) {
	type B = program.Builder
	zeros := func(b *B, shape ...int) program.Value { return b.Zeros(shape...) }
	for _, c := range []struct {
		name string
		call func(b *B)
		want string
	}{
		{"scalar", func(b *B) { b.Add(zeros(b, 2), b.Scalar(1)) }, "[2] and [], but must have equal ones; give the scalar the other's shape with Like"},
		{"classes below 0", func(b *B) { b.OneHot(zeros(b, 2), -2) }, "the new axis has length -2, but must have 0 to"},
		{"elementwise", func(b *B) { b.Add(zeros(b, 2, 3), zeros(b, 3, 2)) }, "Add (builder_test.go:22): the operands have the shapes [2 3] and [3 2], but must have equal ones"},
		{"product", func(b *B) { b.MatMul(zeros(b, 2, 3), zeros(b, 4, 2), false, false) }, "[2 3] and [4 2], of which the inner axes have lengths 3 and 4"},
		{"transposed product", func(b *B) { b.MatMul(zeros(b, 2, 3), zeros(b, 2, 4), false, true) }, "[2 3] and [2 4] transposed, of which the inner axes have lengths 3 and 4"},
		{"product of vectors", func(b *B) { b.MatMul(zeros(b, 2), zeros(b, 2), false, false) }, "must be matrices with equal leading axes"},
		{"leading axes", func(b *B) { b.MatMul(zeros(b, 5, 2, 3), zeros(b, 4, 3, 2), false, false) }, "must be matrices with equal leading axes"},
		{"axis", func(b *B) { b.Sum(zeros(b, 2), 1) }, "the axis is 1, but the operand [2] has the axes 0 to 0"},
		{"negative axis", func(b *B) { b.Sum(zeros(b, 2), -1) }, "the axis is -1"},
		{"row of a scalar", func(b *B) { b.Softmax(b.Scalar(1)) }, "the operand is a scalar, but must have an axis"},
		{"slice", func(b *B) { b.Slice(zeros(b, 4), 0, 2, 5) }, "the part is 2 to 5, but axis 0 of [4] has the elements 0 to 4"},
		{"slice backwards", func(b *B) { b.Slice(zeros(b, 4), 0, 3, 2) }, "the part is 3 to 2"},
		{"pad", func(b *B) { b.Pad(zeros(b, 4), 0, -1, 0) }, "there are -1 and 0 elements to add"},
		{"concat", func(b *B) { b.Concat(0, zeros(b, 2, 3), zeros(b, 2, 4)) }, "may differ only in axis 0"},
		{"concat of nothing", func(b *B) { b.Concat(0) }, "there are no operands"},
		{"transpose", func(b *B) { b.Transpose(zeros(b, 2, 3), 0, 0) }, "must name each of 0 to 1 once"},
		{"transpose short", func(b *B) { b.Transpose(zeros(b, 2, 3), 1) }, "the operand [2 3] has 2 axes"},
		{"reshape", func(b *B) { b.Reshape(zeros(b, 2, 3), 5) }, "has 6 elements, but the shape [5] has 5"},
		{"broadcast", func(b *B) { b.Broadcast(zeros(b, 2), 2, 3) }, "the new axis is 2, but must be 0 to 1"},
		{"negative length", func(b *B) { b.Broadcast(zeros(b, 2), 0, -3) }, "has length -3"},
		{"too large", func(b *B) { b.Broadcast(b.Broadcast(zeros(b, 1<<20), 0, 1<<20), 0, 1<<20) }, "has more than 2147483647 elements"},
		{"top", func(b *B) { b.TopK(zeros(b, 3), 4) }, "the number of elements is 4, but must be 0 to 3"},
		{"table", func(b *B) { b.Gather(zeros(b, 0, 3), zeros(b, 2)) }, "must have 1 to 16777216 rows"},
		{"scalar table", func(b *B) { b.Gather(b.Scalar(1), zeros(b, 2)) }, "must have 1 to 16777216 rows"},
		{"channels", func(b *B) { b.Conv2D(zeros(b, 1, 2, 4, 4), zeros(b, 3, 1, 2, 2)) }, "have 2 channels, but the windows [3 1 2 2] have 1"},
		{"window", func(b *B) { b.Conv2D(zeros(b, 1, 1, 4, 4), zeros(b, 3, 1, 5, 2)) }, "are 5 × 2, but must be 1 × 1 to the images' 4 × 4"},
		{"axes of images", func(b *B) { b.Conv2D(zeros(b, 4, 4), zeros(b, 3, 1, 5, 2)) }, "must have four axes"},
		{"data", func(b *B) { b.Constant([]float64{1, 2}, 3) }, "there are 2 numbers for the shape [3]"},
		{"bytes", func(b *B) { b.ByteConstant([]byte{1, 2}, &[256]float64{}, 3) }, "there are 2 bytes for the shape [3]"},
		{"gradient of a vector", func(b *B) { x := zeros(b, 2); b.Gradient(x, []program.Value{x}) }, "the loss has the shape [2], but must be a scalar"},
		{"mean of nothing", func(b *B) { b.Mean(zeros(b, 0)) }, "has no elements"},
		{"batch", func(b *B) { b.Batch(program.Draw{}, 10, 11) }, "a batch has 11 of 10 examples"},
		{"whole", func(b *B) { b.Whole(program.Draw{}, 0, 3) }, "the bound is 0, but must be 1 to"},
		{"draw", func(b *B) { b.Normal(program.Draw{Number: 1 << 16}, 3) }, "the draw is number 65536, but must be 0 to 65535"},
		{"draw of a batch", func(b *B) { b.Batch(program.Draw{Number: 4096}, 4, 3) }, "the draw is number 4096, but must be 0 to 4095"},
		{"stream", func(b *B) { b.Normal(program.Draw{Stream: -1}, 3) }, "the stream is -1"},
		{"draw used twice", func(b *B) { b.Normal(program.Draw{}, 3); b.Normal(program.Draw{}, 4) }, "draw 0 of stream 0 is used for another node too"},
		{"draw of two kinds", func(b *B) { b.Normal(program.Draw{}, 3); b.Uniform(program.Draw{}, 3) }, "equal draws give equal numbers"},
		{"huber", func(b *B) { b.HuberLoss(zeros(b, 2), zeros(b, 2), 0) }, "the width is 0, but must be above 0"},
		{"cosine", func(b *B) { b.Cosine(b.Scalar(1), 0, 0) }, "the schedule has 0 steps"},
		{"decay", func(b *B) { b.Decay(b.Scalar(1), 0.5, 3, 3) }, "the steps are [3 3], but must ascend"},
		{"setting", func(b *B) { b.Setting("lr") }, "belongs to no training"},
		{"variable", func(b *B) { b.Read(3) }, "there is no variable 3"},
		{"no value", func(b *B) { b.Exp(program.None) }, "the operand 0 is no value of this program"},
		{"value of another program", func(b *B) { b.Exp(99) }, "the operand 99 is no value of this program"},
		{"result", func(b *B) { b.Output("a", b.Scalar(1)); b.Output("a", b.Scalar(2)) }, `two results are named "a"`},
	} {
		b := program.NewBuilder()
		c.call(b)
		b.Sum(b.Scalar(1), 9) // a later error does not replace the first
		_, err := b.Build()
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "(builder_test.go:") {
			t.Errorf("%s: the error is %v, want one with %q and the line", c.name, err, c.want)
		}
	}
}

// The program has only what its results depend on, and equal nodes once.
func TestNodesAreNeededAndApart(t *testing.T) {
	b := program.NewBuilder()
	x := b.Normal(program.Draw{}, 3)
	b.Exp(x) // not needed
	once, twice := b.Tanh(x), b.Tanh(x)
	if once != twice || b.Affine(x, 2, 0) == b.Affine(x, 2, 1) || b.Sum(b.Zeros(2, 2), 0) == b.Sum(b.Zeros(2, 2), 1) {
		t.Error("nodes are equal if and only if operation, operands and attributes are")
	}
	if b.Normal(program.Draw{}, 3) != x {
		t.Error("an equal draw is another node")
	}
	if seven, again := b.OneHot(x, 7), b.OneHot(x, 7); seven != again || seven == b.OneHot(x, 8) {
		t.Error("one-hot rows of equal numbers and lengths are one node, of others two")
	}
	b.Output("y", b.Add(b.Tanh(x), b.Tanh(x)))
	p, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	want := "%0 [3] = Normal stream 0 draw 0 0\n%1 [3] = Tanh %0\n%2 [3] = Add %1 %1\ny = %2\n"
	if p.String() != want {
		t.Errorf("the program is\n%swant\n%s", p, want)
	}
}

// A value that the loss does not depend on has zeros; so has one that stands
// after the loss.
func TestGradientOfNothing(t *testing.T) {
	b := program.NewBuilder()
	x, y := b.Normal(program.Draw{}, 3), b.Normal(program.Draw{Number: 1}, 2)
	loss := b.Total(b.Square(x))
	after := b.Exp(y)
	g := b.Gradient(loss, []program.Value{y, after, x})
	if g[0] != b.Zeros(2) || g[1] != b.Zeros(2) || g[2] == b.Zeros(3) {
		t.Errorf("the gradients are %v", g)
	}
}

func TestDraftErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		call func(d *program.Draft)
		want string
	}{
		{"name twice", func(d *program.Draft) {
			d.State("a", d.Start.Scalar(0))
			d.State("a", d.Start.Scalar(0))
		}, `a variable is named "a", but must have a name of its own`},
		{"shape", func(d *program.Draft) {
			d.Set(d.State("a", d.Start.Zeros(2)), d.Step.Zeros(3))
		}, `the variable "a" has the shape [2], but its new value has [3]`},
		{"set twice", func(d *program.Draft) {
			a := d.State("a", d.Start.Zeros(2))
			d.Set(a, d.Step.Zeros(2))
			d.Set(a, d.Step.Zeros(2))
		}, `the variable "a" is set twice`},
		{"start from a variable", func(d *program.Draft) {
			a := d.State("a", d.Start.Zeros(2))
			d.State("b", d.Start.Exp(d.Start.Read(a)))
		}, "reads a variable, which has no value yet"},
		{"error of a builder", func(d *program.Draft) { d.Observe.Sum(d.Observe.Scalar(1), 0) }, "Sum (builder_test.go:"},
	} {
		d := program.NewDraft()
		c.call(d)
		if _, err := d.Training(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, want one with %q", c.name, err, c.want)
		}
	}
}

// TestOneErrorOfADraft: what is wrong in a function that Step and Observe share is said
// once.
func TestOneErrorOfADraft(t *testing.T) {
	d := program.NewDraft()
	for _, p := range []*program.Builder{d.Step, d.Observe} {
		p.Add(p.Zeros(2), p.Zeros(3))
	}
	if _, err := d.Training(); err == nil || strings.Count(err.Error(), "\n") > 0 {
		t.Errorf("the error is %v, want one line", err)
	}
}

// A variable that is not set keeps its value; runs must bring what the training
// names.
func TestTraining(t *testing.T) {
	d := program.NewDraft()
	a := d.Parameter("a", d.Start.Normal(program.Draw{Stream: 1}, 2))
	d.State("b", d.Start.Scalar(3))
	d.Set(a, d.Step.Multiply(d.Step.Read(a), d.Step.Fill(d.Step.Setting("lr"), 2)))
	d.Observe.Output("size", d.Observe.Total(d.Observe.Read(a)))
	training, err := d.Training()
	if err != nil {
		t.Fatal(err)
	}
	if training.Streams != 2 || len(training.Settings) != 1 || training.Settings[0] != "lr" || !training.Variables[0].Trained || training.Variables[1].Trained {
		t.Errorf("the training is %+v", training)
	}
	if kept := training.Step.Nodes[training.Step.Outputs[1].Value]; kept.Op != program.Read || kept.Count != 1 {
		t.Errorf("the variable that is not set becomes %v", kept)
	}
	if err := (&program.Run{}).Check(training); err == nil || !strings.Contains(err.Error(), "the run has 0 streams of random numbers, but its training uses 2") {
		t.Errorf("a run without streams: %v", err)
	}
}

// The network of a study: three encoders and a core of E = 32, D = 128, whose
// forward pass takes 7.24·10⁴ operations a sample by that study's own count.
func TestCost(t *testing.T) {
	const batch = 256
	b := program.NewBuilder()
	layer := func(x program.Value, in, out int) program.Value {
		return b.Linear(x, b.Constant(make([]float64, in*out), out, in), program.None)
	}
	x := b.Constant(make([]float64, batch), batch, 1)
	digit := layer(b.Relu(layer(x, 1, 32)), 32, 32)
	rule := layer(b.Relu(layer(b.Constant(make([]float64, batch*8), batch, 8), 8, 32)), 32, 32)
	all := b.Concat(1, digit, digit, rule)
	core := layer(b.Relu(layer(all, 96, 128)), 128, 128)
	b.Output("y", layer(b.Relu(layer(core, 128, 32)), 32, 1))
	p, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	// 1·32 + 32·32 (the digit's encoder, once), 8·32 + 32·32, 96·128 + 128·128,
	// 128·32 + 32·1.
	if want := int64(batch * (32 + 1024 + 256 + 1024 + 12288 + 16384 + 4096 + 32)); p.Cost().Products != want {
		t.Errorf("there are %d multiply-adds, want %d", p.Cost().Products, want)
	}
	c := program.NewBuilder()
	y := c.Exp(c.Normal(program.Draw{}, 5, 2))
	c.Output("y", c.Sum(c.Reshape(y, 2, 5), 1))
	q, err := c.Build()
	if err != nil {
		t.Fatal(err)
	}
	// Draws 10, exponentials 10, a sum of 10; Reshape costs nothing.
	if got, want := q.Cost(), (program.Cost{Elements: 30, Read: 20, Written: 22}); got != want || got.FLOPs() != 30 {
		t.Errorf("the cost is %+v, want %+v", got, want)
	}
}
