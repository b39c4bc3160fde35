package cpu

import "modspec/engine/train/cpu/asm"

// mostThin is the most copies of a bundle that are trained one after the other:
// beyond it all lanes side by side take less time. BenchmarkFew measures both.
const mostThin = 2

// thinModule is one copy of a fusedModule by itself, its rows padded to whole vectors:
// columns fill the lanes that other copies leave empty. Sums go in the order of
// products over lanes, so a copy's bits do not depend on how many others there were.
type thinModule[F asm.Float] struct {
	w1, next, mapping, residual, drive, decay thinMatrix[F] // columns are coordinates
	w2, other                                 thinMatrix[F] // columns are outputs
}

// thinMatrix is rows of whole vectors.
type thinMatrix[F asm.Float] struct {
	data []F
	row  int
}

// thinCopy is the modules of the copy in a lane. Those without hidden layer stay in
// lanes.
type thinCopy[F asm.Float] struct {
	lane    int
	modules []thinModule[F]
	norm    []F
}

// thinned takes copies out of lanes if they are few, and returns nil where all lanes
// side by side are faster.
func (n *fusedNet[F]) thinned(lanes []*lane) []thinCopy[F] {
	live := 0
	for _, lane := range lanes {
		if lane != nil {
			live++
		}
	}
	if live > mostThin || !n.g.k.Slides() {
		return nil
	}
	return n.copiesOf(lanes)
}

// copiesOf takes copies out of lanes.
func (n *fusedNet[F]) copiesOf(lanes []*lane) []thinCopy[F] {
	var copies []thinCopy[F]
	for l, lane := range lanes {
		if lane == nil {
			continue
		}
		c := thinCopy[F]{lane: l, norm: aligned[F](n.g.k.Lanes)}
		for i := range n.modules {
			c.modules = append(c.modules, n.thin(&n.modules[i], l))
		}
		copies = append(copies, c)
	}
	return copies
}

// thin returns the copy of a module in a lane.
func (n *fusedNet[F]) thin(f *fusedModule[F], lane int) thinModule[F] {
	if f.hidden == 0 {
		return thinModule[F]{}
	}
	width := n.g.k.Lanes
	room := func(rows, cols int) thinMatrix[F] {
		row := (cols + width - 1) / width * width
		return thinMatrix[F]{aligned[F](rows * row), row}
	}
	outputs, coords := f.mapping.rows, f.mapping.cols
	t := thinModule[F]{
		w1: room(f.hidden, coords), next: room(f.hidden, coords), mapping: room(outputs, coords),
		residual: room(outputs, coords), drive: room(outputs, coords), decay: room(1, coords),
		w2: room(f.hidden, outputs), other: room(coords, outputs),
	}
	t.w1.take(f.w1, n.g.lanes, lane)
	t.w2.take(f.w2, n.g.lanes, lane)
	t.mapping.take(f.mapping, n.g.lanes, lane)
	t.drive.take(f.drive, n.g.lanes, lane)
	t.decay.take(f.decay, n.g.lanes, lane)
	return t
}

// take copies a lane of a matrix.
func (t thinMatrix[F]) take(from matrix[F], lanes, lane int) {
	for i := range from.rows {
		to := t.data[i*t.row:][:from.cols]
		at := from.data[from.at(i, 0, lanes)+lane:]
		for j := range to {
			to[j] = at[j*lanes]
		}
	}
}

// give copies into a lane of a matrix.
func (t thinMatrix[F]) give(to matrix[F], lanes, lane int) {
	for i := range to.rows {
		at := to.data[to.at(i, 0, lanes)+lane:]
		for j, v := range t.data[i*t.row:][:to.cols] {
			at[j*lanes] = v
		}
	}
}

// forwardThin is forward for copies by themselves. Their norms are summed in another
// order than those of lanes; where that could matter, near overflow, it reports false
// and has put the maps into their lanes.
func (n *fusedNet[F]) forwardThin(norm []F) bool {
	for i := range n.modules {
		if f := &n.modules[i]; f.hidden == 0 {
			n.g.k.SumSquares(norm, f.mapping.data)
		}
	}
	safe := true
	for c := range n.few {
		few := &n.few[c]
		clear(few.norm)
		for i := range few.modules {
			f, t := &n.modules[i], &few.modules[i]
			if f.hidden == 0 {
				continue
			}
			n.g.k.Residual(t.residual.data, nil, t.mapping.data, t.drive.data, t.decay.data, few.norm, f.mapping.rows, t.mapping.row/n.g.k.Lanes, 0)
			t.transpose(f.mapping.rows, f.mapping.cols)
		}
		for _, part := range few.norm {
			norm[few.lane] += part
		}
		const far = 1e37 // from overflow, by more than any order of a sum of squares changes it
		safe = safe && norm[few.lane] < far
	}
	if safe {
		return true
	}
	for c := range n.few {
		for i := range n.modules {
			if f := &n.modules[i]; f.hidden > 0 {
				n.few[c].modules[i].mapping.give(f.mapping, n.g.lanes, n.few[c].lane)
			}
		}
	}
	clear(norm)
	return false
}

// transpose writes the transpose of the residual.
func (t *thinModule[F]) transpose(rows, cols int) {
	for i := range rows {
		from := t.residual.data[i*t.residual.row:][:cols]
		to := t.other.data[i:]
		for j, v := range from {
			to[j*t.other.row] = v
		}
	}
}

// updateThin makes the step of a module, for each copy by itself.
func (n *fusedNet[F]) updateThin(i int) {
	f := &n.modules[i]
	outputs, coords := f.mapping.rows, f.mapping.cols
	for c := range n.few {
		t := &n.few[c].modules[i]
		n.slide(t.next, t.w1, t.w2, t.w2.row, 1, t.residual, f.hidden, outputs)
		n.slide(t.w2, t.w2, t.w1, t.w1.row, 1, t.other, f.hidden, coords)
		sum := thinMatrix[F]{data: n.g.zeros(t.mapping.row)}
		for lo := 0; lo < f.hidden; lo += panelUnits {
			depth := min(panelUnits, f.hidden-lo)
			n.slide(t.mapping, sum, t.w2.below(lo), 1, t.w2.row, t.next.below(lo), outputs, depth)
			sum = t.mapping
		}
		t.w1, t.next = t.next, t.w1
	}
}

// below returns the rows from one on.
func (t thinMatrix[F]) below(row int) thinMatrix[F] { return thinMatrix[F]{t.data[row*t.row:], t.row} }

// slide computes d = c + a·b like [algebra.product] over lanes: rows of d and c, and
// elements of a that are aRow and aCol apart.
func (n *fusedNet[F]) slide(d, c, a thinMatrix[F], aRow, aCol int, b thinMatrix[F], rows, depth int) {
	k := n.g.k
	blocks := max(1, (depth+laneDepth-1)/laneDepth)
	for from, left := 0, blocks; left > 0; left-- {
		inner := (depth - from) / left
		z := asm.Sliding{Outer: 1, Inner: inner, ARow: aRow, AStep: aCol, BStep: b.row, DRow: d.row, CRow: c.row}
		k.SlideRows(d.data, c.data, a.data[from*aCol:], b.data[from*b.row:], 1, rows, d.row/k.Lanes, &z)
		c = d
		from += inner
	}
}

// settle writes the weights of copies by themselves back into their lanes.
func (n *fusedNet[F]) settle() {
	for _, c := range n.few {
		for i := range n.modules {
			if f := &n.modules[i]; f.hidden > 0 {
				c.modules[i].w1.give(f.w1, n.g.lanes, c.lane)
				c.modules[i].w2.give(f.w2, n.g.lanes, c.lane)
			}
		}
	}
	n.unsettled = false
}
