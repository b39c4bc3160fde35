package programs

import (
	"cmp"
	"math"
	"slices"

	"modspec/engine/program"
	"modspec/engine/train/cpu/asm"
)

// sum adds along the middle of three axes.
type sum[F asm.Float] struct {
	d, x                  place
	before, length, after int
}

func (s *sum[F]) run(m *machine[F]) error {
	d, x := m.at(s.d), m.at(s.x)
	if s.after == 1 {
		m.k.SumRows(d, x, s.before, s.length)
		return nil
	}
	vectors := (s.after + m.k.Lanes - 1) / m.k.Lanes
	// What goes beyond the end of a row is overwritten by the next.
	for i := range s.before {
		m.k.SumColumns(d[i*s.after:], x[i*s.length*s.after:], s.length, vectors, s.after)
	}
	return nil
}

// rows computes an operation on each row of the last axis.
type rows[F asm.Float] struct {
	op     program.Op
	d, x   place
	length int
	count  int // TopK
}

func (r *rows[F]) run(m *machine[F]) error {
	d, x := m.at(r.d), m.at(r.x)
	if r.op == program.TopK {
		for at := 0; at < r.d.size; at += r.length {
			topK(d[at:at+r.length], x[at:at+r.length], r.count)
		}
		return nil
	}
	// A few rows at a time: differences from the largest, exponentials, sums. NaN in a
	// row makes its sum NaN, and with it all of its elements.
	count := max(1, chunk/r.length) // rows
	size := (count*r.length + pad + m.k.Lanes - 1) / m.k.Lanes * m.k.Lanes
	room := m.room(2*size + count)
	e, repeated, each := room[:size], room[size:2*size], room[2*size:]
	for from := 0; from < r.d.size; from += count * r.length {
		count := min(count, (r.d.size-from)/r.length)
		to := d[from:]
		m.k.MaxRows(each, x[from:], count, r.length)
		m.k.Spread(repeated, each, count, r.length)
		r.apply(m, asm.Subtract, e, x[from:], repeated, count)
		if r.op == program.LogSoftmax {
			copy(to, e[:count*r.length])
		}
		r.apply(m, asm.Exp, e, e, e, count)
		m.k.SumRows(each, e, count, r.length)
		for i, total := range each[:count] {
			if r.op == program.LogSoftmax {
				subtract(to[i*r.length:][:r.length], F(math.Log(float64(total))))
			} else {
				each[i] = 1 / total
			}
		}
		if r.op == program.Softmax {
			m.k.Spread(repeated, each, count, r.length)
			r.apply(m, asm.Multiply, e, e, repeated, count)
			copy(to, e[:count*r.length])
		}
	}
	return nil
}

// apply computes a function for a few rows.
func (r *rows[F]) apply(m *machine[F], f asm.Function, d, x, y []F, count int) {
	n := (count*r.length + m.k.Lanes - 1) / m.k.Lanes
	const most = 1024 // vectors of a call
	for from := 0; from < n; from += most {
		at := from * m.k.Lanes
		m.functions[f](&d[at], &x[at], &y[at], &y[at], 0, 0, uintptr(min(most, n-from)))
	}
}

func subtract[F asm.Float](x []F, by F) {
	for i := range x {
		x[i] -= by
	}
}

// topK marks the count largest elements. Of equal ones the earlier is larger, and
// NaN is smaller than any number, as in the order of package cmp.
func topK[F asm.Float](to, from []F, count int) {
	clear(to)
	if count == 1 {
		best := 0
		for i, v := range from {
			if cmp.Compare(v, from[best]) > 0 {
				best = i
			}
		}
		to[best] = 1
		return
	}
	order := make([]int, len(from))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(from[j], from[i]) })
	for _, i := range order[:count] {
		to[i] = 1
	}
}
