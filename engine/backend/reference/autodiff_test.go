package reference_test

import (
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"modspec/engine/backend/reference"
	"modspec/engine/program"
	"modspec/engine/program/programtest"
	"modspec/engine/random"
)

// TestGradientsAreThoseOfGorgonia compares the gradients of a network with a
// hidden layer, ½·mean over rows of ‖tanh(x·W1ᵀ)·W2ᵀ − y‖², with those of another
// library's automatic differentiation, which applies other rules in another order.
func TestGradientsAreThoseOfGorgonia(t *testing.T) {
	const rows, inputs, hidden, outputs = 6, 5, 7, 3
	shapes := [][]int{{rows, inputs}, {rows, outputs}, {hidden, inputs}, {outputs, hidden}}
	var at program.Place
	for i, shape := range shapes {
		data := make([]float64, program.Size(shape))
		random.Stream{Seed: 4}.Normals(data, uint32(i))
		at.Variables = append(at.Variables, data)
	}

	d := program.NewDraft()
	b := d.Observe
	var in []program.Value
	for i, name := range []string{"x", "y", "w1", "w2"} {
		in = append(in, b.Read(d.State(name, d.Start.Zeros(shapes[i]...))))
	}
	answer := b.Linear(b.Tanh(b.Linear(in[0], in[2], program.None)), in[3], program.None)
	loss := b.Scale(b.Total(b.SquareLoss(answer, in[1])), 1.0/rows)
	b.Output("loss", loss)
	for i, g := range b.Gradient(loss, in[2:]) {
		b.Output([]string{"w1", "w2"}[i], g)
	}
	p, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	got, err := reference.Evaluate(p, at)
	if err != nil {
		t.Fatal(err)
	}
	if err := programtest.Compare(p, at, got, 0x1p-53); err != nil {
		t.Error(err)
	}
	want, err := gorgoniaGradients(shapes, at.Variables)
	if err != nil {
		t.Fatal(err)
	}
	if err := programtest.Compare(p, at, want, 0x1p-53); err != nil {
		t.Errorf("gorgonia: %v", err)
	}
}

// gorgoniaGradients returns the loss and its derivatives in w1 and w2.
func gorgoniaGradients(shapes [][]int, values [][]float64) ([][]float64, error) {
	g := gorgonia.NewGraph()
	var nodes gorgonia.Nodes
	for i, shape := range shapes {
		value := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(append([]float64{}, values[i]...)))
		nodes = append(nodes, gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithShape(shape...), gorgonia.WithName(string(rune('a'+i))), gorgonia.WithValue(value)))
	}
	var err error
	apply := func(node *gorgonia.Node, e error) *gorgonia.Node {
		if err == nil {
			err = e
		}
		return node
	}
	layer := func(x, w *gorgonia.Node) *gorgonia.Node { return apply(gorgonia.Mul(x, apply(gorgonia.Transpose(w)))) }
	answer := layer(apply(gorgonia.Tanh(layer(nodes[0], nodes[2]))), nodes[3])
	squares := apply(gorgonia.Square(apply(gorgonia.Sub(answer, nodes[1]))))
	loss := apply(gorgonia.Mul(apply(gorgonia.Sum(squares)), gorgonia.NewConstant(0.5/float64(shapes[0][0]))))
	if err != nil {
		return nil, err
	}
	derivatives, err := gorgonia.Grad(loss, nodes[2], nodes[3])
	if err != nil {
		return nil, err
	}
	machine := gorgonia.NewTapeMachine(g)
	defer machine.Close()
	if err := machine.RunAll(); err != nil {
		return nil, err
	}
	return [][]float64{
		{loss.Value().Data().(float64)},
		derivatives[0].Value().Data().([]float64),
		derivatives[1].Value().Data().([]float64),
	}, nil
}
