package cpu

import (
	"sync"

	"modspec/engine/train/cpu/asm"
)

// Blocks of a packed product. A block of B, blockDepth × a tile's columns, stays
// in L1 (256 × 128 B = 32 kB) while it meets every tile of a block of A, blockRows ×
// blockDepth, which stays in L2 (168 × 256 × 4 B = 172 kB in float32). blockRows
// is a multiple of every set's tile rows (14, 6 and 4).
const (
	blockDepth   = 256
	blockRows    = 168
	blockColumns = 1024
)

// packing is one thread's packed operands and its room for a tile that sticks
// out of the matrix.
type packing[F asm.Float] struct{ a, b, edge []F }

// packedProduct is product for one lane. The sum over k is cut into blocks of
// blockDepth, each added to D in a rounding of its own, for every element in the
// same order on any number of threads.
func (g *algebra[F]) packedProduct(d, c matrix[F], s []F, a, b matrix[F]) {
	scale := F(1)
	if s != nil {
		scale = s[0]
	}
	// Work below a few hundred thousand multiply-adds ends before a second thread
	// starts.
	threads := 1
	if work := d.rows * d.cols * a.cols; work >= 1<<19 {
		threads = g.threads
	}
	for len(g.packed) < threads {
		g.packed = append(g.packed, packing[F]{})
	}
	if threads == 1 {
		g.packedPart(&g.packed[0], d, c, scale, a, b)
		return
	}
	var wait sync.WaitGroup
	for t := range threads {
		part := func(n, unit int) (lo, hi int) { // an even share in whole tiles
			units := (n + unit - 1) / unit
			return min(n, units*t/threads*unit), min(n, units*(t+1)/threads*unit)
		}
		d, c, a, b := d, c, a, b
		if d.rows >= d.cols {
			lo, hi := part(d.rows, g.k.TileRows)
			if lo == hi {
				continue
			}
			d, a = d.slice(lo, hi, 1), a.slice(lo, hi, 1)
			c.data = c.data[lo*c.row:]
		} else {
			lo, hi := part(d.cols, g.k.TileColumns)
			if lo == hi {
				continue
			}
			d = matrix[F]{d.data[lo:], d.rows, hi - lo, d.row, 1}
			b = matrix[F]{b.data[lo*b.col:], b.rows, hi - lo, b.row, b.col}
			c.data = c.data[lo:]
		}
		wait.Add(1)
		go func() {
			defer wait.Done()
			g.packedPart(&g.packed[t], d, c, scale, a, b)
		}()
	}
	wait.Wait()
}

func (g *algebra[F]) packedPart(p *packing[F], d, c matrix[F], scale F, a, b matrix[F]) {
	rows, cols := g.k.TileRows, g.k.TileColumns
	if p.a == nil {
		p.a = aligned[F]((blockRows + rows) * blockDepth)
		p.b = aligned[F]((blockColumns + cols) * blockDepth)
		p.edge = aligned[F](2 * rows * cols)
	}
	for j := 0; j < d.cols; j += blockColumns {
		n := min(blockColumns, d.cols-j)
		base := c
		for l := 0; l < a.cols || l == 0; l += blockDepth {
			depth := min(blockDepth, a.cols-l)
			pack(p.b, b.data, n, depth, cols, l*b.row+j*b.col, b.col, b.row)
			for i := 0; i < d.rows; i += blockRows {
				m := min(blockRows, d.rows-i)
				pack(p.a, a.data, m, depth, rows, i*a.row+l*a.col, a.row, a.col)
				g.tiles(p, d, base, scale, block{i, j, m, n, depth})
			}
			base = d // later blocks of the sum go on top
		}
	}
}

// block is the part of D that one pair of packed blocks contributes to.
type block struct{ row, col, rows, cols, depth int }

// tiles adds one block, tile by tile. A tile that sticks out is made in a
// place of its own.
func (g *algebra[F]) tiles(p *packing[F], d, c matrix[F], scale F, at block) {
	rows, cols := g.k.TileRows, g.k.TileColumns
	for j := 0; j < at.cols; j += cols {
		b := p.b[j*at.depth:]
		for i := 0; i < at.rows; i += rows {
			a := p.a[i*at.depth:]
			to := d.data[(at.row+i)*d.row+at.col+j:]
			from := c.data[(at.row+i)*c.row+at.col+j:]
			m, n := min(rows, at.rows-i), min(cols, at.cols-j)
			if m == rows && n == cols {
				g.k.Tile(to, from, a, b, scale, at.depth, d.row, c.row)
				continue
			}
			for r := range m {
				copy(p.edge[r*cols:][:n], from[r*c.row:])
			}
			g.k.Tile(p.edge, p.edge, a, b, scale, at.depth, cols, cols)
			for r := range m {
				copy(to[r*d.row:][:n], p.edge[r*cols:])
			}
		}
	}
}

// pack writes n × depth scalars, in src from start on and across or along
// apart, into panels of unit: dst[(p·depth + l)·unit + i] is scalar (p·unit + i, l).
// The last panel is filled up with zeros.
func pack[F asm.Float](dst, src []F, n, depth, unit, start, across, along int) {
	for p := 0; p < n; p += unit {
		panel := dst[p*depth:][:unit*depth]
		count := min(unit, n-p)
		if count < unit {
			clear(panel)
		}
		from := start + p*across
		if across == 1 {
			for l := range depth {
				copy(panel[l*unit:][:count], src[from+l*along:])
			}
			continue
		}
		for i := range count {
			for l, at := 0, from+i*across; l < depth; l++ {
				panel[l*unit+i] = src[at]
				at += along
			}
		}
	}
}
