package programs

import (
	"fmt"

	"modspec/engine/program"
	"modspec/engine/train/cpu/asm"
)

// transpose exchanges axes. Neighbouring axes that stay together are one.
type transpose[F asm.Float] struct {
	d, x   place
	shape  []int // of the result
	stride []int // of its axes, in x
}

func newTranspose[F asm.Float](d, x place, order, shape []int) *transpose[F] {
	t := &transpose[F]{d: d, x: x}
	for i, axis := range order {
		length, stride := shape[axis], program.Size(shape[axis+1:])
		if last := len(t.shape) - 1; i > 0 && axis == order[i-1]+1 {
			t.shape[last] *= length
			t.stride[last] = stride
			continue
		}
		t.shape, t.stride = append(t.shape, length), append(t.stride, stride)
	}
	return t
}

func (t *transpose[F]) run(m *machine[F]) error {
	d, x := m.at(t.d), m.at(t.x)
	inner := len(t.shape) - 1
	if inner < 0 {
		d[0] = x[0]
		return nil
	}
	matrices := inner > 0 && t.stride[inner] != 1
	if matrices {
		inner-- // the last two axes together
	}
	last := len(t.shape) - 1
	at := make([]int, inner)
	from := 0
	step := program.Size(t.shape[inner:])
	for to := 0; to < t.d.size; to += step {
		switch {
		case matrices && t.stride[last-1] == 1:
			m.k.Transpose(d[to:], x[from:], t.shape[last], t.shape[last-1], t.shape[last], t.stride[last])
		case matrices:
			for i := range t.shape[last-1] {
				t.gather(d[to+i*t.shape[last]:], x[from+i*t.stride[last-1]:])
			}
		default:
			t.gather(d[to:], x[from:])
		}
		for axis := inner - 1; axis >= 0; axis-- {
			at[axis]++
			from += t.stride[axis]
			if at[axis] < t.shape[axis] {
				break
			}
			from -= t.stride[axis] * at[axis]
			at[axis] = 0
		}
	}
	return nil
}

// gather copies along the last axis.
func (t *transpose[F]) gather(d, x []F) {
	last := len(t.shape) - 1
	if t.stride[last] == 1 {
		copy(d[:t.shape[last]], x)
		return
	}
	for i, from := 0, 0; i < t.shape[last]; i++ {
		d[i] = x[from]
		from += t.stride[last]
	}
}

// A block is length neighbouring elements of x that go to d, once for each row.
type block struct {
	x                place
	from, to         int // the first elements
	xStride, dStride int
	length           int
}

// join copies blocks along an axis: parts beside each other (Concat), a part of x
// (Slice), or x between zeros (Pad).
type join[F asm.Float] struct {
	d      place
	count  int
	clear  bool
	blocks []block
}

func (c *compiler[F]) join(d place, n *program.Node, in []place) instruction[F] {
	before, length, after := around(n.Shape, n.Axis)
	j := &join[F]{d: d, count: before, clear: n.Op == program.Pad}
	at := 0
	for i, x := range in {
		own := c.shape(n.In[i])[n.Axis]
		from, count := 0, own
		switch n.Op {
		case program.Slice:
			from, count = n.Low, length
		case program.Pad:
			at = n.Low
		}
		if count*after > 0 {
			j.blocks = append(j.blocks, block{x: x, from: from * after, to: at * after, xStride: own * after, dStride: length * after, length: count * after})
		}
		at += count
	}
	return j
}

func (j *join[F]) run(m *machine[F]) error {
	d := m.at(j.d)
	if j.clear {
		clear(d[:j.d.size])
	}
	for b := range j.blocks {
		b := &j.blocks[b]
		x := m.at(b.x)
		if b.length%m.k.Lanes == 0 {
			m.k.CopyRows(d[b.to:], x[b.from:], j.count, b.length/m.k.Lanes, b.dStride, b.xStride)
			continue
		}
		for i := range j.count {
			copy(d[b.to+i*b.dStride:][:b.length], x[b.from+i*b.xStride:])
		}
	}
	return nil
}

// repeat is a Broadcast that is not read in place.
type repeat[F asm.Float] struct {
	d, x                  place
	before, length, after int
}

func (r *repeat[F]) run(m *machine[F]) error {
	d, x := m.at(r.d), m.at(r.x)
	if r.after == 1 {
		m.k.Spread(d, x, r.before, r.length)
		return nil
	}
	for i := range r.before {
		to := d[i*r.length*r.after:][:r.length*r.after]
		for done := copy(to, x[i*r.after:(i+1)*r.after]); done < len(to); {
			done += copy(to[done:], to[:done])
		}
	}
	return nil
}

// gather takes rows of a table, or of bytes that stand for numbers.
type gather[F asm.Float] struct {
	d, table, indices place
	rows, width       int
	bytes             []byte
	numbers           [256]F
}

func (c *compiler[F]) gather(n *program.Node, d place, in []place) instruction[F] {
	shape := c.shape(n.In[0])
	g := &gather[F]{d: d, indices: in[len(in)-1], rows: shape[0], width: program.Size(shape[1:])}
	if table := c.root[n.In[0]]; c.readAsBytes(table) {
		g.bytes = c.nodes[table].Bytes
		fill(g.numbers[:], c.nodes[table].Data)
	} else {
		g.table = in[0]
	}
	return g
}

func (g *gather[F]) run(m *machine[F]) error {
	var table []F
	if g.bytes == nil {
		table = m.at(g.table)
	}
	d := m.at(g.d)
	for i, v := range m.at(g.indices)[:g.indices.size] {
		to := d[i*g.width:][:g.width]
		row := int(v)
		switch {
		case F(row) != v || row < -1 || row >= g.rows:
			return fmt.Errorf("the index %v is no row of a table of %d", v, g.rows)
		case row < 0:
			clear(to)
		case g.bytes != nil:
			for k, code := range g.bytes[row*g.width:][:g.width] {
				to[k] = g.numbers[code]
			}
		default:
			copy(to, table[row*g.width:])
		}
	}
	return nil
}
