package programs

import (
	"fmt"
	"math"
	"slices"

	"modspec/engine/program"
)

// maxAxes mirrors MAX_AXES of program_abi.cuh.
const maxAxes = 6

// An axis is a digit of an element's index, and how far it moves in the tensor.
type axis struct{ length, step int }

// An operand is a tensor as a chain reads or writes it: element i is the element offset +
// Σ digit·step, with the digits of i in the axes' lengths, the last axis first. Where the
// digit of the axis bounded lies outside [low, high) there is none.
type operand struct {
	root      int // the node whose result the tensor is
	offset    int
	flat      bool // element i is element offset + i
	axes      []axis
	bounded   int // −1: there are all elements
	low, high int
}

// key tells operands apart.
func (o *operand) key() string { return fmt.Sprint(*o) }

// elements is how many different elements an operand of so many has in memory at most.
func (o *operand) elements(size int) int {
	if o.flat {
		return size
	}
	n := 1
	for k, a := range o.axes {
		switch {
		case a.step == 0:
		case k == o.bounded:
			n *= o.high - o.low
		default:
			n *= a.length
		}
	}
	return n
}

// flat is the operand of a whole tensor, or of a part that is one stretch.
func flat(r stretch) operand {
	return operand{root: r.root, offset: r.offset, flat: true, bounded: -1}
}

// A stretch is a value as consecutive elements of the result of a root: a node that is computed or
// that lies in memory from the beginning.
type stretch struct {
	root, offset int
	part         bool // not the whole result
}

// resolve finds the root of a value: through operations that move nothing, which are
// reshapes, stopped gradients, and slices of one stretch.
func (p *plan) resolve(v program.Value) stretch {
	n := &p.nodes[v]
	switch n.Op {
	case program.Reshape, program.Stop:
		return p.resolve(n.In[0])
	case program.Slice:
		if program.Size(n.Shape[:n.Axis]) == 1 {
			r := p.resolve(n.In[0])
			r.offset += n.Low * program.Size(n.Shape[n.Axis+1:])
			r.part = r.part || n.Size() != p.nodes[n.In[0]].Size()
			return r
		}
	}
	return stretch{root: int(v)}
}

// immediate returns the number that all elements of a value are, if its constant says so.
func (p *plan) immediate(v program.Value) (float64, bool) {
	r := p.resolve(v)
	switch n := &p.nodes[r.root]; n.Op {
	case program.Constant:
		for _, x := range n.Data {
			if math.Float64bits(x) != math.Float64bits(n.Data[0]) {
				return 0, false
			}
		}
		return n.Data[0], true
	case program.Broadcast:
		return p.immediate(n.In[0])
	case program.Affine:
		x, ok := p.immediate(n.In[0])
		return float64(n.A*x) + n.B, ok
	}
	return 0, false
}

// A factor is an operand of a product of matrices: where its first matrix begins, and the
// elements from one row to the next and from one matrix of the batch to the next.
type factor struct {
	in         stretch
	row, batch int
}

// factor finds operand number k of a product of matrices. A part of rows or columns is
// read where it lies.
func (p *plan) factor(v, k int) factor {
	in := p.nodes[v].In[k]
	shape := p.nodes[in].Shape
	last := len(shape) - 1
	f := factor{p.resolve(in), shape[last], program.Size(shape[last-1:])}
	n := &p.nodes[f.in.root]
	if n.Op != program.Slice || f.in.part || n.Axis < last-1 || !slices.Equal(n.Shape, shape) {
		return f
	}
	whole := p.nodes[n.In[0]].Shape
	f.in = p.resolve(n.In[0])
	f.in.offset += n.Low * program.Size(whole[n.Axis+1:])
	return factor{f.in, whole[last], program.Size(whole[last-1:])}
}

// reads are the roots that a root which is no chain reads in memory.
func (p *plan) reads(v int) []int {
	var list []int
	for k, in := range p.nodes[v].In {
		if p.nodes[v].Op == program.MatMul {
			list = append(list, p.factor(v, k).in.root)
		} else {
			list = append(list, p.resolve(in).root)
		}
	}
	return list
}

// isView reports whether a root only copies elements of others.
func isView(op program.Op) bool {
	switch op {
	case program.Transpose, program.Slice, program.Pad, program.Concat, program.Broadcast:
		return true
	}
	return false
}

// behind is where a view finds the elements of an operand: in its root, or, where that
// repeats a single element, in that element.
func (p *plan) behind(v program.Value) (r stretch, scalar bool) {
	r = p.resolve(v)
	if n := &p.nodes[r.root]; n.Op == program.Broadcast && p.nodes[n.In[0]].Size() == 1 {
		r = p.resolve(n.In[0])
		return r, true
	}
	return r, p.nodes[v].Size() == 1
}

// sources are the roots that a view reads.
func (p *plan) sources(view int) []int {
	var list []int
	for _, in := range p.nodes[view].In {
		if p.nodes[in].Size() > 0 {
			r, _ := p.behind(in)
			list = append(list, r.root)
		}
	}
	return list
}

// view returns the operands that make up the result of a view one after the other, each
// over the elements that those before it do not have, and whether elements that none of
// them has are 0.
func (p *plan) view(number int) (list []operand, zeros bool, err error) {
	n := &p.nodes[number]
	at := 0
	for _, in := range n.In {
		x := &p.nodes[in]
		if x.Size() == 0 {
			continue
		}
		r, scalar := p.behind(in)
		o := operand{root: r.root, offset: r.offset, bounded: -1}
		switch n.Op {
		case program.Transpose:
			for i := len(n.Order) - 1; i >= 0; i-- {
				o.axes = append(o.axes, axis{n.Shape[i], program.Size(x.Shape[n.Order[i]+1:])})
			}
		default:
			before, length, after := program.Size(n.Shape[:n.Axis]), n.Shape[n.Axis], program.Size(n.Shape[n.Axis+1:])
			o.axes = []axis{{after, 1}, {length, after}, {before, after}}
			if n.Op == program.Broadcast {
				o.axes[1].step = 0
				break
			}
			have := x.Shape[n.Axis]
			o.axes[2].step = have * after
			switch n.Op {
			case program.Slice:
				if !scalar {
					o.offset += n.Low * after
				}
				o.simplify(scalar)
				list = append(list, o)
				continue
			case program.Pad:
				at = n.Low
			}
			o.bounded, o.low, o.high = 1, at, at+have
			if !scalar {
				o.offset -= at * after
			}
			at += have
		}
		o.simplify(scalar)
		list = append(list, o)
	}
	for _, o := range list {
		if len(o.axes) > maxAxes {
			return nil, false, fmt.Errorf("%s of %v moves %d axes apart, but the cuda backend moves at most %d; join axes by a reshape, or transpose in two steps",
				n.Op, p.nodes[n.In[0]].Shape, len(o.axes), maxAxes)
		}
	}
	return list, n.Op == program.Pad, nil
}

// simplify joins and leaves out axes where that names the same elements. Of a scalar all
// elements are one.
func (o *operand) simplify(scalar bool) {
	bound := axis{-1, 0}
	if o.bounded >= 0 {
		if a := o.axes[o.bounded]; o.low > 0 || o.high < a.length {
			bound = a
		}
	}
	var axes []axis
	bounded := -1
	for k, a := range o.axes {
		if scalar {
			a.step = 0
		}
		isBound := bound.length >= 0 && k == o.bounded
		if a.length == 1 && !isBound {
			continue
		}
		last := len(axes) - 1
		if last >= 0 && !isBound && bounded != last && a.step == axes[last].step*axes[last].length {
			axes[last].length *= a.length
			continue
		}
		if isBound {
			bounded = len(axes)
		}
		axes = append(axes, a)
	}
	o.axes, o.bounded = axes, bounded
	if bounded < 0 {
		o.low, o.high = 0, 0
		if !slices.ContainsFunc(axes, func(a axis) bool { return a.step != 0 }) {
			o.axes = nil
		} else if len(axes) == 1 && axes[0].step == 1 {
			o.axes, o.flat = nil, true
		}
	}
}
