package programs

import (
	"math"

	"modspec/engine/program"
	"modspec/engine/train/cpu/asm"
)

// A matrix is the part of a product's factor: element (i, j) is
// data[i·row + j·column], and row or column is 1.
type matrix[F asm.Float] struct {
	data        []F
	row, column int
}

// product multiplies batches of m × inner and inner × n matrices.
type product[F asm.Float] struct {
	d, x, y         place
	bias            place // of n elements, where hasBias
	hasBias         bool
	low             F // 0 for a Relu, otherwise −∞
	batch, m, k, n  int
	xRow, xColumn   int
	yRow, yColumn   int
	xSize, ySize, s int // elements of a matrix
}

func (c *compiler[F]) product(u *unit, d place, in []place) *product[F] {
	n := &c.nodes[u.nodes[0]]
	x := c.shape(n.In[0])
	last := len(n.Shape) - 1
	p := &product[F]{
		d: d, x: in[0], y: in[1], low: F(math.Inf(-1)),
		batch: program.Size(n.Shape[:last-1]), m: n.Shape[last-1], k: x[last], n: n.Shape[last],
	}
	if n.TX {
		p.k = x[last-1]
	}
	c.plan.inner = max(c.plan.inner, p.k)
	p.xRow, p.xColumn = strides(p.m, p.k, n.TX)
	p.yRow, p.yColumn = strides(p.k, p.n, n.TY)
	p.xSize, p.ySize, p.s = p.m*p.k, p.k*p.n, p.m*p.n
	if u.product.bias >= 0 {
		p.bias, p.hasBias = c.places[u.product.bias], true
	}
	if u.product.relu {
		p.low = 0
	}
	return p
}

// strides returns those of a rows × columns matrix that may lie transposed.
func strides(rows, columns int, transposed bool) (row, column int) {
	if transposed {
		return 1, rows
	}
	return columns, 1
}

// from returns what sums start from.
func (p *product[F]) from(m *machine[F]) []F {
	if p.hasBias {
		return m.at(p.bias)
	}
	return m.zeros
}

func (p *product[F]) run(m *machine[F]) error {
	d, x, y, c := m.at(p.d), m.at(p.x), m.at(p.y), p.from(m)
	for i := range p.batch {
		m.multiply(d[i*p.s:], c, p.hasBias, p.low, p.m, p.k, p.n,
			matrix[F]{x[i*p.xSize:], p.xRow, p.xColumn}, matrix[F]{y[i*p.ySize:], p.yRow, p.yColumn})
	}
	return nil
}

// Blocks of a product, in elements. A panel of blockDepth is 16 kB of float32, half of
// a small L1 cache; blockRows × blockDepth of the first factor are 200 kB, half of a
// small L2 cache. Sums of at most wholeDepth are not cut.
const (
	blockDepth = 256
	blockRows  = 192
	wholeDepth = 320
	// rowGap keeps rows of a copied block apart by no power of 2, at which they would
	// map to a few sets of the L1 cache.
	rowGap    = 16
	firstSize = (blockRows+1)*(wholeDepth+rowGap) + pad
	// Rows of a second factor that are farRow elements apart meet in so few sets of the L1
	// cache that only fewInner of them stay there.
	farRow, fewInner = 1024, 64
	// leastShared is the fewest multiply-adds that threads share: fewer take no longer
	// than to hand them over, about a microsecond.
	leastShared = 1 << 17
)

// A packing is one thread's copies of a product's factors.
type packing[F asm.Float] struct {
	second []F // a panel
	first  []F // rows of a block
}

// growFirst gives room for a block of the first factor, growSecond for elements of the
// second.
func (own *packing[F]) growFirst() {
	if own.first == nil {
		own.first = asm.Aligned[F](firstSize)
	}
}

func (own *packing[F]) growSecond(elements int) {
	if len(own.second) < elements {
		own.second = asm.Aligned[F](elements)
	}
}

// multiply computes d = max(low, c + a·b), an m × n matrix without gaps; c is a row,
// or zeros. A long sum over inner
// is in blocks, each added to what is there.
//
// Columns that are no whole panel go first: what they write beyond the end of a row is
// overwritten by later panels and rows, and beyond d's end there is the pad.
//
// Threads share rows, where no row is written beyond its end; what an element is does
// not depend on their number.
func (r *machine[F]) multiply(d, c []F, hasC bool, low F, m, inner, n int, a, b matrix[F]) {
	small := m*inner*n < leastShared
	if !small && a.column == 1 && b.row == 1 && r.k.Lanes/2 <= m && m <= 2*r.k.Lanes {
		r.multiplyTurned(d, c, hasC, low, m, inner, n, a, b)
		return
	}
	tiles := (m + r.k.TileRows - 1) / r.k.TileRows
	threads := min(len(r.threads), tiles)
	if small || n%(2*r.k.Lanes) != 0 || threads < 2 {
		r.multiplyRows(&r.threads[0].packing, d, c, hasC, low, m, inner, n, a, b)
		return
	}
	r.team.share(threads, func(t, piece int) {
		from, to := tiles*piece/threads*r.k.TileRows, min(m, tiles*(piece+1)/threads*r.k.TileRows)
		r.multiplyRows(&r.threads[t].packing, d[from*n:], c, hasC, low, to-from, inner, n, matrix[F]{a.data[from*a.row:], a.row, a.column}, b)
	})
}

// multiplyTurned is multiply for few rows and a second factor that lies transposed, such as
// the weights of a layer: the panel is the first factor, turned, and rows are those of the
// second as they lie, none of which is copied. Sums are the same.
//
// Threads share columns of d.
func (r *machine[F]) multiplyTurned(d, c []F, hasC bool, low F, m, inner, n int, a, b matrix[F]) {
	vectors := (m + r.k.Lanes - 1) / r.k.Lanes
	width := vectors * r.k.Lanes
	blocks := (n + blockRows - 1) / blockRows
	threads := min(len(r.threads), blocks)
	do := func(t, piece int) {
		own := &r.threads[t].packing
		own.growFirst()
		own.growSecond(blockDepth*width + pad)
		p := asm.Panel[F]{Vectors: vectors, A: a.data, ARow: b.column, AStep: 1, B: own.second, BRow: width, D: own.first, DRow: width}
		for first := blocks * piece / threads * blockRows; first < min(n, blocks*(piece+1)/threads*blockRows); first += blockRows {
			p.Rows, p.C, p.CRow = min(blockRows, n-first), c, 0
			if hasC {
				r.k.Spread(own.first, c[first:], p.Rows, width)
				p.C, p.CRow = own.first, width
			}
			for l := 0; l < inner; l += blockDepth {
				p.Inner, p.Low = min(blockDepth, inner-l), F(math.Inf(-1))
				if l+p.Inner == inner {
					p.Low = low
				}
				r.k.Transpose(own.second, a.data[l:], m, p.Inner, width, a.row)
				p.A = b.data[first*b.column+l:]
				r.k.Panel(&p)
				p.C, p.CRow = own.first, width
			}
			r.k.Transpose(d[first:], own.first, p.Rows, m, n, width)
		}
	}
	if threads < 2 {
		do(0, 0)
		return
	}
	r.team.share(threads, do)
}

// multiplyRows is multiply on one thread.
func (r *machine[F]) multiplyRows(own *packing[F], d, c []F, hasC bool, low F, m, inner, n int, a, b matrix[F]) {
	if m == 0 || n == 0 {
		return
	}
	lanes := r.k.Lanes
	width := 2 * lanes
	p := asm.Panel[F]{A: a.data, ARow: a.row, AStep: a.column, DRow: n}
	whole := n / width * width
	if whole < n {
		p.Rows, p.Inner, p.Low = m, inner, low
		p.Vectors = (n - whole + lanes - 1) / lanes
		p.D, p.C = d[whole:], c
		if hasC {
			p.C = c[whole:]
		}
		r.second(own, &p, b, whole, min(p.Vectors*lanes, n-whole), m)
		r.k.Panel(&p)
	}
	p.Vectors = 2
	// The first factor's block is copied only if several panels read it.
	depth, wide := max(inner, 1), n >= 8*width
	if wide && inner > wholeDepth {
		depth = blockDepth
	}
	for l := 0; whole > 0 && (l < inner || l == 0); l += depth {
		p.Inner, p.Low = min(depth, inner-l), F(math.Inf(-1))
		if l+p.Inner == inner {
			p.Low = low
		}
		part := matrix[F]{b.data[l*b.row:], b.row, b.column}
		for i := 0; i < m; i += blockRows {
			p.Rows = min(blockRows, m-i)
			p.A, p.ARow, p.AStep = a.data[i*a.row+l*a.column:], a.row, a.column
			if wide && (depth < inner || a.row == 1) {
				r.first(own, &p)
			}
			for j := 0; j < whole; j += width {
				p.D = d[i*n+j:]
				switch {
				case l > 0:
					p.C, p.CRow = p.D, n
				case hasC:
					p.C = c[j:]
				default:
					p.C = c
				}
				r.second(own, &p, part, j, width, m)
				r.k.Panel(&p)
			}
		}
	}
}

// first copies the block of the first factor that a panel reads, row after row.
func (r *machine[F]) first(own *packing[F], p *asm.Panel[F]) {
	stride := p.Inner + rowGap
	own.growFirst()
	if p.ARow == 1 {
		r.k.Transpose(own.first, p.A, p.Inner, p.Rows, stride, p.AStep)
	} else {
		r.k.CopyRows(own.first, p.A, p.Rows, (p.Inner+r.k.Lanes-1)/r.k.Lanes, stride, p.ARow)
	}
	p.A, p.ARow, p.AStep = own.first, stride, 1
}

// second gives a panel columns of the second factor, from column j on: where they lie,
// if few rows read them or they are near each other, or a copy.
func (r *machine[F]) second(own *packing[F], p *asm.Panel[F], b matrix[F], j, columns, rows int) {
	width := p.Vectors * r.k.Lanes
	switch {
	case p.Inner == 0:
		return
	case b.column == 1 && (b.row <= 16*r.k.Lanes || rows <= r.k.TileRows || rows <= 6*r.k.TileRows && (b.row < farRow || p.Inner <= fewInner)):
		p.B, p.BRow = b.data[j:], b.row
		return
	}
	own.growSecond(p.Inner*width + pad)
	if b.column == 1 {
		r.k.CopyRows(own.second, b.data[j:], p.Inner, p.Vectors, width, b.row)
	} else {
		r.k.Transpose(own.second, b.data[j*b.column:], columns, p.Inner, width, b.column)
	}
	p.B, p.BRow = own.second, width
}
