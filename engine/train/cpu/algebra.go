package cpu

import "modspec/engine/train/cpu/asm"

// algebra computes with matrices of one of two kinds. With many lanes an element
// is a vector, one scalar for each copy. With one lane an element is a scalar of
// the only copy; rows are padded with zeros to whole vectors, so the elementwise
// kernels run along them, and products are packed. It holds scratch memory and
// serves one goroutine.
type algebra[F asm.Float] struct {
	k       *asm.Kernels[F]
	lanes   int // copies side by side: k.Lanes, or 1
	threads int // that share one packed product
	// skewed adds a column of zeros to lanes' matrices whose rows would be a multiple
	// of 16 vectors apart, as they are wherever coordinates are 2ⁿ. Rows of a tile of 8
	// or 9 columns would map to a few sets of the L1 cache and evict each other.
	skewed  bool
	zero    []F // a row of zeros
	scratch []F // a transposed operand
	packed  []packing[F]
}

func newAlgebra[F asm.Float](k *asm.Kernels[F], lanes, threads int) *algebra[F] {
	return &algebra[F]{k: k, lanes: lanes, threads: threads}
}

// new returns a zero matrix without gaps, but for the padding of rows.
func (g *algebra[F]) new(rows, cols int) matrix[F] {
	return g.shape(aligned[F](g.scalars(rows, cols)), rows, cols)
}

// scalars is the size of a rows × cols matrix in memory.
func (g *algebra[F]) scalars(rows, cols int) int { return rows * g.stride(cols) * g.lanes }

func (g *algebra[F]) stride(cols int) int {
	if g.lanes > 1 {
		if g.skewed && cols%16 == 0 {
			return cols + 1
		}
		return cols
	}
	return (cols + g.k.Lanes - 1) / g.k.Lanes * g.k.Lanes
}

// shape returns a matrix in the memory of another or of a buffer.
func (g *algebra[F]) shape(data []F, rows, cols int) matrix[F] {
	return matrix[F]{data[:g.scalars(rows, cols)], rows, cols, g.stride(cols), 1}
}

// vectors is the number of vectors in a row of a matrix without gaps.
func (g *algebra[F]) vectors(m matrix[F]) int { return m.row * g.lanes / g.k.Lanes }

// fill returns a vector of one value.
func (g *algebra[F]) fill(v float64) []F {
	s := aligned[F](g.k.Lanes)
	for i := range s {
		s[i] = F(v)
	}
	return s
}

// zeros returns at least n zeros.
func (g *algebra[F]) zeros(n int) []F {
	if len(g.zero) < n {
		g.zero = aligned[F](n)
	}
	return g.zero[:n]
}

// product computes d = c + s∘(a·b); s is one vector, nil for 1, and c without
// data stands for 0. d and c have columns one element apart.
func (g *algebra[F]) product(d, c matrix[F], s []F, a, b matrix[F]) {
	if c.data == nil {
		c = matrix[F]{data: g.zeros((b.cols + g.k.TileColumns) * g.lanes)}
	}
	if g.lanes == 1 {
		g.packedProduct(d, c, s, a, b)
		return
	}
	if b.col != 1 {
		b = g.straightened(b)
	}
	p := asm.Product[F]{
		M: d.rows, N: d.cols, D: d.data, C: c.data, Scale: s,
		DRow: d.row, CRow: c.row, ARow: a.row, ACol: a.col, BRow: b.row,
	}
	blocks := max(1, (a.cols+laneDepth-1)/laneDepth)
	for from, left := 0, blocks; left > 0; left-- {
		p.K = (a.cols - from) / left
		p.A, p.B = a.data[from*a.col*g.lanes:], b.data[from*b.row*g.lanes:]
		g.k.Product(&p)
		p.C, p.CRow = p.D, p.DRow
		from += p.K
	}
}

// laneDepth is the longest sum that a product over lanes makes in one go; longer
// ones are cut into equal blocks, each added to D in a rounding of its own. The
// rows of B that a tile of 9 columns reads, 72 · 9 · 64 B = 41 kB, then stay in a
// 48 kB L1 cache.
const laneDepth = 72

// straightened returns a copy of a matrix with columns one element apart, in
// scratch memory that the next call uses again.
func (g *algebra[F]) straightened(m matrix[F]) matrix[F] {
	if n := g.scalars(m.rows, m.cols); len(g.scratch) < n {
		g.scratch = aligned[F](n)
	}
	to := g.shape(g.scratch, m.rows, m.cols)
	g.k.Rearrange(to.data, m.data, m.rows, m.cols, to.row, to.col, m.row, m.col)
	return to
}

// copy copies a matrix of any strides into one of the same shape.
func (g *algebra[F]) copy(d, x matrix[F]) {
	if g.lanes > 1 {
		g.k.Rearrange(d.data, x.data, d.rows, d.cols, d.row, d.col, x.row, x.col)
		return
	}
	for i := 0; i < d.rows; i++ {
		to, from := d.data[i*d.row:], x.data[i*x.row:]
		for j := 0; j < d.cols; j++ {
			to[j*d.col] = from[j*x.col]
		}
	}
}

// addScaled computes d += s∘x for matrices of one shape without gaps.
func (g *algebra[F]) addScaled(d matrix[F], s []F, x matrix[F]) {
	g.k.Combine(d.data, d.data, s, x.data)
}

// finite reports whether a copy's sum of squares is a finite number. With one
// lane the sum is spread over the vector.
func (g *algebra[F]) finite(norm []F, lane int) bool {
	v := norm[lane]
	if g.lanes == 1 {
		for _, part := range norm[1:] {
			v += part
		}
	}
	return v-v == 0
}
