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
	// A few rows at a time: differences from the largest, exponentials, sums.
	part := max(1, chunk/r.length) * r.length
	for from := 0; from < r.d.size; from += part {
		count := min(part, r.d.size-from)
		n := (count + m.k.Lanes - 1) / m.k.Lanes
		room := m.room(n*m.k.Lanes + count/r.length)
		e, sums := room[:n*m.k.Lanes], room[n*m.k.Lanes:]
		to, rest := d[from:from+count], x[from:from+count]
		for at := 0; at < count; at += r.length {
			subtract(to[at:at+r.length], rest[at:at+r.length], largest(rest[at:at+r.length]))
		}
		copy(e, to)
		for most := 0; most < n; most += chunk / 4 {
			p := &e[most*m.k.Lanes]
			m.functions[asm.Exp](p, p, p, p, 0, 0, uintptr(min(chunk/4, n-most)))
		}
		m.k.SumRows(sums, e, count/r.length, r.length)
		for i, total := range sums {
			row := to[i*r.length:][:r.length]
			if r.op == program.LogSoftmax {
				subtract(row, row, F(math.Log(float64(total))))
				continue
			}
			inverse := 1 / total
			for j, v := range e[i*r.length:][:r.length] {
				row[j] = v * inverse
			}
		}
	}
	return nil
}

func subtract[F asm.Float](d, x []F, by F) {
	for i, v := range x {
		d[i] = v - by
	}
}

// largest is the maximum, NaN if one element is NaN.
func largest[F asm.Float](x []F) F {
	most := x[0]
	for _, v := range x[1:] {
		if v > most || v != v {
			most = v
		}
	}
	return most
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
