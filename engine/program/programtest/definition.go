package programtest

import (
	"math"

	"modspec/engine/program"
)

// An operand is a tensor of numbers.
type operand struct {
	shape []int
	data  []number
}

// at returns an element.
func (o operand) at(index ...int) number {
	if len(index) != len(o.shape) {
		panic("programtest: an index has another number of axes than its tensor")
	}
	return o.data[o.place(index)]
}

// place is where an element stands in row-major order.
func (o operand) place(at []int) int {
	place := 0
	for axis, i := range at {
		place = place*o.shape[axis] + i
	}
	return place
}

// A definition is the element of a node's result at an index.
type definition func(a arithmetic, n *program.Node, in []operand, at []int) number

// definitions has every operation but the sources, which the interpreter reads.
var definitions = map[program.Op]definition{
	program.Affine: func(a arithmetic, n *program.Node, in []operand, at []int) number {
		x := in[0].at(at...)
		return a.add(a.mul(a.constant(n.A), x), a.constant(n.B))
	},
	program.Add:      binary(arithmetic.add),
	program.Subtract: binary(arithmetic.sub),
	program.Multiply: binary(arithmetic.mul),
	program.Divide:   binary(arithmetic.div),
	program.Maximum: binary(func(_ arithmetic, x, y number) number {
		if math.IsNaN(x.v) || math.IsNaN(y.v) {
			return number{math.NaN(), 0}
		}
		switch {
		case x.v-x.e > y.v+y.e:
			return x
		case y.v-y.e > x.v+x.e:
			return y
		}
		return number{math.Max(x.v, y.v), math.Max(x.e, y.e)}
	}),
	program.Less: binary(func(_ arithmetic, x, y number) number {
		r := number{}
		if x.v < y.v {
			r.v = 1
		}
		if undetermined(x, y) {
			r.e = math.Inf(1)
		}
		return r
	}),
	program.Select: func(_ arithmetic, _ *program.Node, in []operand, at []int) number {
		c, r := in[0].at(at...), in[2].at(at...)
		if c.v != 0 {
			r = in[1].at(at...)
		}
		if undetermined(c, number{}) {
			r.e = math.Inf(1)
		}
		return r
	},
	program.Relu: unary(func(_ arithmetic, x number) number {
		switch {
		case x.v+x.e <= 0:
			return number{}
		case x.v < 0:
			x.v = 0
		}
		return x
	}),
	program.Exp: unary(func(a arithmetic, x number) number { v := math.Exp(x.v); return a.function(v, v, x) }),
	program.Log: unary(func(a arithmetic, x number) number {
		r := a.function(math.Log(x.v), 1/x.v, x)
		r.e += functionUnits * a.u // near 1 the error is absolute
		return r
	}),
	program.Sqrt: unary(func(a arithmetic, x number) number {
		v := math.Sqrt(x.v)
		return a.function(v, 0.5/v, x)
	}),
	program.Tanh: unary(func(a arithmetic, x number) number {
		v := math.Tanh(x.v)
		return a.function(v, 1-v*v, x)
	}),
	program.Sigmoid: unary(func(a arithmetic, x number) number {
		v := 1 / (1 + math.Exp(-x.v))
		return a.function(v, v*(1-v), x)
	}),
	program.Softplus: unary(func(a arithmetic, x number) number {
		v := math.Log1p(math.Exp(x.v))
		if x.v > 40 { // e^−40 is below the last place of 40
			v = x.v
		}
		return a.function(v, 1/(1+math.Exp(-x.v)), x)
	}),
	program.Erf: unary(func(a arithmetic, x number) number {
		return a.function(math.Erf(x.v), 2/math.SqrtPi*math.Exp(-x.v*x.v), x)
	}),
	program.Sin: unary(func(a arithmetic, x number) number { return turn(a, math.Sin(x.v), math.Cos(x.v), x) }),
	program.Cos: unary(func(a arithmetic, x number) number { return turn(a, math.Cos(x.v), -math.Sin(x.v), x) }),
	program.Atan2: binary(func(a arithmetic, y, x number) number {
		e := 0.0
		if x.e != 0 || y.e != 0 {
			e = (math.Abs(y.v)*x.e + math.Abs(x.v)*y.e) / (x.v*x.v + y.v*y.v)
		}
		return a.round(math.Atan2(y.v, x.v), e, 2*functionUnits)
	}),
	program.Stop: unary(func(_ arithmetic, x number) number { return x }),

	program.Reshape: func(_ arithmetic, n *program.Node, in []operand, at []int) number {
		return in[0].data[operand{shape: n.Shape}.place(at)]
	},
	program.Transpose: func(_ arithmetic, n *program.Node, in []operand, at []int) number {
		index := make([]int, len(at))
		for i, axis := range n.Order {
			index[axis] = at[i]
		}
		return in[0].at(index...)
	},
	program.Slice: func(_ arithmetic, n *program.Node, in []operand, at []int) number {
		return in[0].at(moved(at, n.Axis, n.Low)...)
	},
	program.Pad: func(_ arithmetic, n *program.Node, in []operand, at []int) number {
		if i := at[n.Axis] - n.Low; i < 0 || i >= in[0].shape[n.Axis] {
			return number{}
		}
		return in[0].at(moved(at, n.Axis, -n.Low)...)
	},
	program.Concat: func(_ arithmetic, n *program.Node, in []operand, at []int) number {
		first := 0
		for _, x := range in {
			if at[n.Axis] < first+x.shape[n.Axis] {
				return x.at(moved(at, n.Axis, -first)...)
			}
			first += x.shape[n.Axis]
		}
		panic("programtest: an index lies beyond all operands")
	},
	program.Broadcast: func(_ arithmetic, n *program.Node, in []operand, at []int) number {
		return in[0].at(without(at, n.Axis)...)
	},

	program.Sum: func(a arithmetic, n *program.Node, in []operand, at []int) number {
		var s accumulator
		for i := range in[0].shape[n.Axis] {
			s.add(in[0].at(with(at, n.Axis, i)...), number{1, 0})
		}
		return s.result(a)
	},
	program.Softmax: func(a arithmetic, _ *program.Node, in []operand, at []int) number {
		row, i := lastAxis(in[0], at)
		p, spread := softmax(a, row)
		return a.round(p[i], p[i]*(row[i].e+a.u*math.Abs(row[i].v-highest(row))+spread), 2)
	},
	program.LogSoftmax: func(a arithmetic, _ *program.Node, in []operand, at []int) number {
		row, i := lastAxis(in[0], at)
		m := highest(row)
		_, spread := softmax(a, row)
		total := 0.0
		for _, x := range row {
			total += math.Exp(x.v - m)
		}
		v := row[i].v - m - math.Log(total)
		return a.round(v, row[i].e+a.u*math.Abs(row[i].v-m)+spread+2*functionUnits*a.u*(1+math.Log(total)), 2)
	},
	program.TopK: func(_ arithmetic, n *program.Node, in []operand, at []int) number {
		row, i := lastAxis(in[0], at)
		r, before := number{}, 0
		for j := range row {
			if j != i && ranks(row, j, i) {
				before++
			}
			if j != i && undetermined(row[i], row[j]) {
				r.e = math.Inf(1)
			}
		}
		if before < n.Count {
			r.v = 1
		}
		return r
	},
	program.Gather: func(_ arithmetic, _ *program.Node, in []operand, at []int) number {
		axes := len(in[1].shape)
		row := int(in[1].at(at[:axes]...).v)
		if row < 0 {
			return number{}
		}
		return in[0].at(append([]int{row}, at[axes:]...)...)
	},
	program.MatMul: func(a arithmetic, n *program.Node, in []operand, at []int) number {
		lead, i, j := at[:len(at)-2], at[len(at)-2], at[len(at)-1]
		element := func(x operand, transposed bool, i, j int) number {
			if transposed {
				i, j = j, i
			}
			return x.at(append(append([]int{}, lead...), i, j)...)
		}
		x := in[0].shape
		inner := x[len(x)-1]
		if n.TX {
			inner = x[len(x)-2]
		}
		var s accumulator
		for k := range inner {
			s.add(element(in[0], n.TX, i, k), element(in[1], n.TY, k, j))
		}
		return s.result(a)
	},
	program.Conv2D: func(a arithmetic, _ *program.Node, in []operand, at []int) number {
		x, w := in[0], in[1]
		var s accumulator
		for c := range w.shape[1] {
			for k := range w.shape[2] {
				for l := range w.shape[3] {
					s.add(x.at(at[0], c, at[2]+k, at[3]+l), w.at(at[1], c, k, l))
				}
			}
		}
		return s.result(a)
	},
	program.Conv2DInput: func(a arithmetic, _ *program.Node, in []operand, at []int) number {
		y, w := in[0], in[1]
		var s accumulator
		for f := range w.shape[0] {
			for k := range w.shape[2] {
				for l := range w.shape[3] {
					i, j := at[2]-k, at[3]-l
					if i >= 0 && j >= 0 && i < y.shape[2] && j < y.shape[3] {
						s.add(y.at(at[0], f, i, j), w.at(f, at[1], k, l))
					}
				}
			}
		}
		return s.result(a)
	},
	program.Conv2DWeights: func(a arithmetic, _ *program.Node, in []operand, at []int) number {
		x, y := in[0], in[1]
		var s accumulator
		for b := range x.shape[0] {
			for i := range y.shape[2] {
				for j := range y.shape[3] {
					s.add(x.at(b, at[1], at[2]+i, at[3]+j), y.at(b, at[0], i, j))
				}
			}
		}
		return s.result(a)
	},
}

func unary(f func(arithmetic, number) number) definition {
	return func(a arithmetic, _ *program.Node, in []operand, at []int) number { return f(a, in[0].at(at...)) }
}

func binary(f func(a arithmetic, x, y number) number) definition {
	return func(a arithmetic, _ *program.Node, in []operand, at []int) number {
		return f(a, in[0].at(at...), in[1].at(at...))
	}
}

// turn is a sine or cosine: near its zeros its error is one of the angle's last
// places.
func turn(a arithmetic, v, slope float64, x number) number {
	r := a.function(v, slope, x)
	if !math.IsNaN(v) {
		r.e += functionUnits * a.u * (1 + math.Abs(x.v))
	}
	return r
}

func moved(at []int, axis, by int) []int {
	index := append([]int{}, at...)
	index[axis] += by
	return index
}

func without(at []int, axis int) []int {
	return append(append([]int{}, at[:axis]...), at[axis+1:]...)
}

func with(at []int, axis, i int) []int {
	return append(append(append([]int{}, at[:axis]...), i), at[axis:]...)
}

// lastAxis returns the row of an element, and its place in it.
func lastAxis(x operand, at []int) ([]number, int) {
	last := len(at) - 1
	var row []number
	for i := range x.shape[last] {
		row = append(row, x.at(append(append([]int{}, at[:last]...), i)...))
	}
	return row, at[last]
}

func highest(row []number) float64 {
	m := math.Inf(-1)
	for _, x := range row {
		m = math.Max(m, x.v)
	}
	return m
}

// softmax returns the probabilities of a row and a bound of the relative error of
// their divisor: the mean of the exponents' errors, and the rounding of a sum.
func softmax(a arithmetic, row []number) (p []float64, spread float64) {
	m, total := highest(row), 0.0
	for _, x := range row {
		e := math.Exp(x.v - m)
		p = append(p, e)
		total += e
	}
	for i, x := range row {
		p[i] /= total
		spread += p[i] * (x.e + a.u*math.Abs(x.v-m))
	}
	return p, spread + a.u*float64(len(row)+4*functionUnits)
}

// ranks reports whether element j of a row comes before element i: it is larger,
// or equal and earlier; NaN comes after all numbers.
func ranks(row []number, j, i int) bool {
	x, y := row[j].v, row[i].v
	switch {
	case math.IsNaN(x) && math.IsNaN(y):
		return j < i
	case math.IsNaN(x):
		return false
	case math.IsNaN(y):
		return true
	}
	return x > y || x == y && j < i
}
