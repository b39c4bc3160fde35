package program

import (
	"fmt"
	"math"
	"slices"
)

// Gradient appends the derivatives of a loss in values that it depends on, by
// reverse mode, and returns one for each, of its shape. The loss is a scalar. A
// value that the loss does not depend on has zeros.
func (b *Builder) Gradient(loss Value, of []Value) []Value {
	out := make([]Value, len(of))
	if !b.valid("Gradient", append([]Value{loss}, of...)...) {
		return out
	}
	if shape := b.Shape(loss); len(shape) != 0 {
		b.fail("Gradient", fmt.Errorf("the loss has the shape %v, but must be a scalar", shape))
		return out
	}
	// Only nodes that depend on one of the values have a gradient that is used.
	depends := make([]bool, loss+1)
	for v := range loss + 1 {
		depends[v] = slices.Contains(of, v) || slices.ContainsFunc(b.nodes[v].In, func(in Value) bool { return depends[in] })
	}
	gradients := make([]Value, loss+1)
	gradients[loss] = b.Scalar(1)
	for v := loss; v > None; v-- {
		g, n := gradients[v], b.nodes[v]
		rule := Operations[n.Op].gradient
		if g == None || !depends[v] || rule == nil {
			continue
		}
		for i, contribution := range rule(b, &n, v, g) {
			in := n.In[i]
			switch {
			case contribution == None || !depends[in]:
			case gradients[in] == None:
				gradients[in] = contribution
			default:
				gradients[in] = b.Add(gradients[in], contribution)
			}
		}
	}
	for i, v := range of {
		if v <= loss && gradients[v] != None {
			out[i] = gradients[v]
		} else {
			out[i] = b.Zeros(b.Shape(v)...)
		}
	}
	return out
}

// The rules, one an operation: the gradients in the operands of v from g, the
// gradient in v. Contributions in operands that need none are removed when the
// program is built.

func gradAffine(b *Builder, n *Node, _, g Value) []Value { return []Value{b.Scale(g, n.A)} }
func gradAdd(_ *Builder, _ *Node, _, g Value) []Value    { return []Value{g, g} }
func gradSubtract(b *Builder, _ *Node, _, g Value) []Value {
	return []Value{g, b.Scale(g, -1)}
}
func gradMultiply(b *Builder, n *Node, _, g Value) []Value {
	return []Value{b.Multiply(g, n.In[1]), b.Multiply(g, n.In[0])}
}
func gradDivide(b *Builder, n *Node, v, g Value) []Value {
	x := b.Divide(g, n.In[1])
	return []Value{x, b.Scale(b.Multiply(x, v), -1)}
}
func gradMaximum(b *Builder, n *Node, _, g Value) []Value {
	first, zeros := b.Less(n.In[1], n.In[0]), b.Zeros(n.Shape...)
	return []Value{b.Select(first, g, zeros), b.Select(first, zeros, g)}
}
func gradSelect(b *Builder, n *Node, _, g Value) []Value {
	zeros := b.Zeros(n.Shape...)
	return []Value{None, b.Select(n.In[0], g, zeros), b.Select(n.In[0], zeros, g)}
}
func gradRelu(b *Builder, n *Node, v, g Value) []Value {
	zeros := b.Zeros(n.Shape...)
	return []Value{b.Select(b.Less(zeros, v), g, zeros)}
}
func gradExp(b *Builder, _ *Node, v, g Value) []Value { return []Value{b.Multiply(g, v)} }
func gradLog(b *Builder, n *Node, _, g Value) []Value { return []Value{b.Divide(g, n.In[0])} }
func gradSqrt(b *Builder, _ *Node, v, g Value) []Value {
	return []Value{b.Divide(b.Scale(g, 0.5), v)}
}
func gradTanh(b *Builder, _ *Node, v, g Value) []Value { // 1 − tanh²
	return []Value{b.Multiply(g, b.Affine(b.Multiply(v, v), -1, 1))}
}
func gradSigmoid(b *Builder, _ *Node, v, g Value) []Value { // σ(1 − σ)
	return []Value{b.Multiply(g, b.Multiply(v, b.Affine(v, -1, 1)))}
}
func gradSoftplus(b *Builder, n *Node, _, g Value) []Value {
	return []Value{b.Multiply(g, b.Sigmoid(n.In[0]))}
}
func gradErf(b *Builder, n *Node, _, g Value) []Value { // 2/√π·exp(−x²)
	x := n.In[0]
	return []Value{b.Multiply(g, b.Scale(b.Exp(b.Scale(b.Multiply(x, x), -1)), 2/math.Sqrt(math.Pi)))}
}
func gradSin(b *Builder, n *Node, _, g Value) []Value {
	return []Value{b.Multiply(g, b.Cos(n.In[0]))}
}
func gradCos(b *Builder, n *Node, _, g Value) []Value {
	return []Value{b.Scale(b.Multiply(g, b.Sin(n.In[0])), -1)}
}
func gradAtan2(b *Builder, n *Node, _, g Value) []Value { // (x, −y)/(x² + y²)
	y, x := n.In[0], n.In[1]
	s := b.Divide(g, b.Add(b.Multiply(x, x), b.Multiply(y, y)))
	return []Value{b.Multiply(s, x), b.Scale(b.Multiply(s, y), -1)}
}

func gradReshape(b *Builder, n *Node, _, g Value) []Value {
	return []Value{b.Reshape(g, b.Shape(n.In[0])...)}
}
func gradTranspose(b *Builder, n *Node, _, g Value) []Value {
	inverse := make([]int, len(n.Order))
	for i, axis := range n.Order {
		inverse[axis] = i
	}
	return []Value{b.Transpose(g, inverse...)}
}
func gradSlice(b *Builder, n *Node, _, g Value) []Value {
	return []Value{b.Pad(g, n.Axis, n.Low, b.Shape(n.In[0])[n.Axis]-n.High)}
}
func gradPad(b *Builder, n *Node, _, g Value) []Value {
	return []Value{b.Slice(g, n.Axis, n.Low, n.Low+b.Shape(n.In[0])[n.Axis])}
}
func gradConcat(b *Builder, n *Node, _, g Value) []Value {
	var out []Value
	at := 0
	for _, in := range n.In {
		length := b.Shape(in)[n.Axis]
		out = append(out, b.Slice(g, n.Axis, at, at+length))
		at += length
	}
	return out
}
func gradBroadcast(b *Builder, n *Node, _, g Value) []Value { return []Value{b.Sum(g, n.Axis)} }
func gradSum(b *Builder, n *Node, _, g Value) []Value {
	return []Value{b.Broadcast(g, n.Axis, b.Shape(n.In[0])[n.Axis])}
}
func gradSoftmax(b *Builder, n *Node, v, g Value) []Value { // v·(g − Σ g·v)
	last := len(n.Shape) - 1
	mean := b.Sum(b.Multiply(g, v), last)
	return []Value{b.Multiply(v, b.Subtract(g, b.Broadcast(mean, last, n.Shape[last])))}
}
func gradLogSoftmax(b *Builder, n *Node, v, g Value) []Value { // g − softmax·Σ g
	last := len(n.Shape) - 1
	return []Value{b.Subtract(g, b.Multiply(b.Exp(v), b.Broadcast(b.Sum(g, last), last, n.Shape[last])))}
}

// gradGather adds the gradients of equal rows by a product with the matrix that
// is 1 where an index names a row, so the order of additions is that of a
// product.
func gradGather(b *Builder, n *Node, _, g Value) []Value {
	table, indices := b.Shape(n.In[0]), b.Shape(n.In[1])
	count, width := Size(indices), Size(table[1:])
	chosen := b.OneHot(b.Reshape(n.In[1], count), table[0])
	rows := b.MatMul(chosen, b.Reshape(g, count, width), true, false)
	return []Value{b.Reshape(rows, table...), None}
}
func gradMatMul(b *Builder, n *Node, _, g Value) []Value {
	x, y := n.In[0], n.In[1]
	var dx, dy Value
	if n.TX {
		dx = b.MatMul(y, g, n.TY, true)
	} else {
		dx = b.MatMul(g, y, false, !n.TY)
	}
	if n.TY {
		dy = b.MatMul(g, x, true, n.TX)
	} else {
		dy = b.MatMul(x, g, !n.TX, false)
	}
	return []Value{dx, dy}
}

// The three forms of a convolution are the derivatives of one trilinear form
// Σ y·conv(x, w) in y, x and w, so the gradient of each is the other two.

func gradConv2D(b *Builder, n *Node, _, g Value) []Value {
	return []Value{b.Conv2DInput(g, n.In[1]), b.Conv2DWeights(n.In[0], g)}
}
func gradConv2DInput(b *Builder, n *Node, _, g Value) []Value {
	return []Value{b.Conv2D(g, n.In[1]), b.Conv2DWeights(g, n.In[0])}
}
func gradConv2DWeights(b *Builder, n *Node, _, g Value) []Value {
	return []Value{b.Conv2DInput(n.In[1], g), b.Conv2D(n.In[0], g)}
}
