package programtest

import "modspec/engine/program"

type build = func(b *program.Builder, in []program.Value) program.Value

// cases is every operation over shapes that matter to it: scalars, axes of 1, odd
// lengths, empty axes.
func cases() []testCase {
	var list []testCase
	for _, e := range elementwiseCases {
		for _, shape := range [][]int{{}, {1}, {7}, {3, 5}, {0}, {2, 0, 3}, {33}} {
			c := e
			c.edges = len(shape) > 0
			for range program.Operations[e.op].Operands {
				c.shapes = append(c.shapes, shape)
			}
			list = append(list, c)
		}
	}
	return append(list, otherCases...)
}

func on1(f func(*program.Builder, program.Value) program.Value) build {
	return func(b *program.Builder, in []program.Value) program.Value { return f(b, in[0]) }
}

func on2(f func(b *program.Builder, x, y program.Value) program.Value) build {
	return func(b *program.Builder, in []program.Value) program.Value { return f(b, in[0], in[1]) }
}

var elementwiseCases = []testCase{
	{op: program.Affine, low: -2, high: 2, build: on1(func(b *program.Builder, x program.Value) program.Value { return b.Affine(x, -1.5, 0.25) })},
	{op: program.Add, low: -2, high: 2, build: on2((*program.Builder).Add)},
	{op: program.Subtract, low: -2, high: 2, build: on2((*program.Builder).Subtract)},
	{op: program.Multiply, low: -2, high: 2, build: on2((*program.Builder).Multiply)},
	{op: program.Divide, low: 0.5, high: 2, build: on2((*program.Builder).Divide)},
	{op: program.Maximum, low: -2, high: 2, build: on2((*program.Builder).Maximum)},
	{op: program.Less, low: -2, high: 2, constant: true, build: on2((*program.Builder).Less)},
	{op: program.Select, low: -2, high: 2, steps: []int{0}, build: func(b *program.Builder, in []program.Value) program.Value {
		return b.Select(b.Less(in[0], b.Zeros(b.Shape(in[0])...)), in[1], in[2])
	}},
	{op: program.Relu, low: -2, high: 2, build: on1((*program.Builder).Relu)},
	{op: program.Exp, low: -3, high: 3, build: on1((*program.Builder).Exp)},
	{op: program.Log, low: 0.1, high: 4, build: on1((*program.Builder).Log)},
	{op: program.Sqrt, low: 0.1, high: 4, build: on1((*program.Builder).Sqrt)},
	{op: program.Tanh, low: -3, high: 3, build: on1((*program.Builder).Tanh)},
	{op: program.Sigmoid, low: -5, high: 5, build: on1((*program.Builder).Sigmoid)},
	{op: program.Softplus, low: -5, high: 5, build: on1((*program.Builder).Softplus)},
	{op: program.Erf, low: -3, high: 3, build: on1((*program.Builder).Erf)},
	{op: program.Sin, low: -4, high: 4, build: on1((*program.Builder).Sin)},
	{op: program.Cos, low: -4, high: 4, build: on1((*program.Builder).Cos)},
	{op: program.Atan2, low: 0.2, high: 2, build: on2((*program.Builder).Atan2)},
	{op: program.Stop, low: -2, high: 2, build: on1((*program.Builder).Stop)},
}

var otherCases = append([]testCase{
	{op: program.Reshape, shapes: [][]int{{2, 6}}, low: -2, high: 2, build: on1(func(b *program.Builder, x program.Value) program.Value { return b.Reshape(x, 3, 4) })},
	{op: program.Reshape, shapes: [][]int{{1, 1}}, low: -2, high: 2, build: on1(func(b *program.Builder, x program.Value) program.Value { return b.Reshape(x) })},
	{op: program.Reshape, shapes: [][]int{{0, 6}}, low: -2, high: 2, build: on1(func(b *program.Builder, x program.Value) program.Value { return b.Reshape(x, 5, 0) })},
	{op: program.Transpose, shapes: [][]int{{2, 3, 5}}, low: -2, high: 2, build: transpose(2, 0, 1)},
	{op: program.Transpose, shapes: [][]int{{7, 1}}, low: -2, high: 2, build: transpose(1, 0)},
	{op: program.Transpose, shapes: [][]int{{2, 3, 4, 5}}, low: -2, high: 2, build: transpose(0, 2, 1, 3)},
	{op: program.Transpose, shapes: [][]int{{2, 0, 5}}, low: -2, high: 2, build: transpose(2, 1, 0)},
	{op: program.Transpose, shapes: [][]int{{}}, low: -2, high: 2, build: transpose()},
	{op: program.Slice, shapes: [][]int{{3, 7, 2}}, low: -2, high: 2, build: slice(1, 2, 6)},
	{op: program.Slice, shapes: [][]int{{7}}, low: -2, high: 2, build: slice(0, 3, 3)},
	{op: program.Slice, shapes: [][]int{{4, 3}}, low: -2, high: 2, build: slice(0, 1, 4)},
	{op: program.Pad, shapes: [][]int{{3, 2, 2}}, low: -2, high: 2, build: pad(1, 2, 1)},
	{op: program.Pad, shapes: [][]int{{3}}, low: -2, high: 2, build: pad(0, 0, 2)},
	{op: program.Pad, shapes: [][]int{{0, 3}}, low: -2, high: 2, build: pad(0, 1, 1)},
	{op: program.Concat, shapes: [][]int{{2, 3}, {2, 1}, {2, 0}, {2, 4}}, low: -2, high: 2, build: concat(1)},
	{op: program.Concat, shapes: [][]int{{1, 3}, {2, 3}}, low: -2, high: 2, build: concat(0)},
	{op: program.Concat, shapes: [][]int{{5}}, low: -2, high: 2, build: concat(0)},
	{op: program.Broadcast, shapes: [][]int{{}}, low: -2, high: 2, build: broadcast(0, 5)},
	{op: program.Broadcast, shapes: [][]int{{2, 3}}, low: -2, high: 2, build: broadcast(1, 4)},
	{op: program.Broadcast, shapes: [][]int{{3}}, low: -2, high: 2, build: broadcast(1, 7)},
	{op: program.Broadcast, shapes: [][]int{{3}}, low: -2, high: 2, build: broadcast(0, 0)},
	{op: program.Sum, shapes: [][]int{{7}}, low: -2, high: 2, edges: true, build: sum(0)},
	{op: program.Sum, shapes: [][]int{{2, 5, 3}}, low: -2, high: 2, edges: true, build: sum(1)},
	{op: program.Sum, shapes: [][]int{{3, 1}}, low: -2, high: 2, edges: true, build: sum(1)},
	{op: program.Sum, shapes: [][]int{{0, 3}}, low: -2, high: 2, build: sum(0)},
	{op: program.Sum, shapes: [][]int{{3, 0}}, low: -2, high: 2, build: sum(0)},
	{op: program.Sum, shapes: [][]int{{1025}}, low: -2, high: 2, build: sum(0)},

	{op: program.Gather, shapes: [][]int{{5, 3}, {4}}, low: -2, high: 2, whole: []int{1}, build: on2((*program.Builder).Gather)},
	{op: program.Gather, shapes: [][]int{{5}, {2, 3}}, low: -2, high: 2, whole: []int{1}, build: on2((*program.Builder).Gather)},
	{op: program.Gather, shapes: [][]int{{1, 2, 2}, {}}, low: -2, high: 2, whole: []int{1}, build: on2((*program.Builder).Gather)},
	{op: program.Gather, shapes: [][]int{{3, 2}, {0}}, low: -2, high: 2, whole: []int{1}, build: on2((*program.Builder).Gather)},
	{op: program.Gather, shapes: [][]int{{3, 0}, {4}}, low: -2, high: 2, whole: []int{1}, build: on2((*program.Builder).Gather)},
}, append(append(rowCases(), productCases()...), convolutionCases()...)...)

func transpose(order ...int) build {
	return on1(func(b *program.Builder, x program.Value) program.Value { return b.Transpose(x, order...) })
}

func slice(axis, low, high int) build {
	return on1(func(b *program.Builder, x program.Value) program.Value { return b.Slice(x, axis, low, high) })
}

func pad(axis, before, after int) build {
	return on1(func(b *program.Builder, x program.Value) program.Value { return b.Pad(x, axis, before, after) })
}

func concat(axis int) build {
	return func(b *program.Builder, in []program.Value) program.Value { return b.Concat(axis, in...) }
}

func broadcast(axis, count int) build {
	return on1(func(b *program.Builder, x program.Value) program.Value { return b.Broadcast(x, axis, count) })
}

func sum(axis int) build {
	return on1(func(b *program.Builder, x program.Value) program.Value { return b.Sum(x, axis) })
}

func rowCases() []testCase {
	var list []testCase
	for _, shape := range [][]int{{1}, {7}, {3, 5}, {2, 3, 17}, {4, 1}, {0, 3}, {3, 0}} {
		list = append(list,
			testCase{op: program.Softmax, shapes: [][]int{shape}, low: -3, high: 3, build: on1((*program.Builder).Softmax)},
			testCase{op: program.LogSoftmax, shapes: [][]int{shape}, low: -3, high: 3, build: on1((*program.Builder).LogSoftmax)})
		for count := range 3 {
			if count <= shape[len(shape)-1] {
				list = append(list, testCase{op: program.TopK, shapes: [][]int{shape}, low: -3, high: 3, edges: true, constant: true,
					build: on1(func(b *program.Builder, x program.Value) program.Value { return b.TopK(x, count) })})
			}
		}
	}
	return list
}

func productCases() []testCase {
	var list []testCase
	for _, s := range []struct{ lead, m, k, n int }{{0, 1, 1, 1}, {0, 3, 5, 2}, {0, 17, 33, 9}, {3, 2, 4, 5}, {0, 1, 7, 1}, {0, 4, 0, 3}, {0, 0, 3, 2}, {2, 3, 1, 0}} {
		for flags := range 4 {
			tx, ty := flags&1 != 0, flags&2 != 0
			x, y := []int{s.m, s.k}, []int{s.k, s.n}
			if tx {
				x = []int{s.k, s.m}
			}
			if ty {
				y = []int{s.n, s.k}
			}
			if s.lead > 0 {
				x, y = append([]int{s.lead}, x...), append([]int{s.lead}, y...)
			}
			list = append(list, testCase{op: program.MatMul, shapes: [][]int{x, y}, low: -2, high: 2,
				build: on2(func(b *program.Builder, x, y program.Value) program.Value { return b.MatMul(x, y, tx, ty) })})
		}
	}
	return list
}

func convolutionCases() []testCase {
	var list []testCase
	for _, s := range []struct{ images, channels, height, width, filters, h, w int }{
		{1, 1, 1, 1, 1, 1, 1}, {2, 3, 5, 7, 4, 2, 3}, {3, 1, 4, 4, 2, 4, 4}, {0, 2, 3, 3, 2, 2, 2}, {2, 2, 6, 5, 1, 1, 5},
		{1, 17, 3, 4, 33, 2, 2}, {2, 33, 4, 3, 17, 3, 2}, {2, 19, 2, 3, 18, 1, 1}, {1, 3, 9, 8, 1, 9, 8}, {1, 40, 2, 12, 3, 2, 9},
	} {
		x, w := []int{s.images, s.channels, s.height, s.width}, []int{s.filters, s.channels, s.h, s.w}
		y := []int{s.images, s.filters, s.height - s.h + 1, s.width - s.w + 1}
		list = append(list,
			testCase{op: program.Conv2D, shapes: [][]int{x, w}, low: -2, high: 2, build: on2((*program.Builder).Conv2D)},
			testCase{op: program.Conv2DInput, shapes: [][]int{y, w}, low: -2, high: 2, build: on2((*program.Builder).Conv2DInput)},
			testCase{op: program.Conv2DWeights, shapes: [][]int{x, y}, low: -2, high: 2, build: on2((*program.Builder).Conv2DWeights)})
	}
	return list
}
