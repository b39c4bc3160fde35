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

func (c *compiler[F]) product(u *unit, d place, in []place) instruction[F] {
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

func (p *product[F]) run(m *machine[F]) error {
	d, x, y := m.at(p.d), m.at(p.x), m.at(p.y)
	c := m.zeros
	if p.hasBias {
		c = m.at(p.bias)
	}
	for i := range p.batch {
		m.multiply(d[i*p.s:], c, p.hasBias, p.low, p.m, p.k, p.n,
			matrix[F]{x[i*p.xSize:], p.xRow, p.xColumn}, matrix[F]{y[i*p.ySize:], p.yRow, p.yColumn})
	}
	return nil
}

// multiply computes d = max(low, c + a·b), an m × n matrix without gaps; c is a row,
// or zeros. Panels go from the last to the first and rows upwards, so that what a
// panel writes beyond the end of a row is overwritten; beyond d's end there is the
// pad.
func (r *machine[F]) multiply(d, c []F, hasC bool, low F, m, inner, n int, a, b matrix[F]) {
	if m == 0 || n == 0 {
		return
	}
	lanes := r.k.Lanes
	width := 2 * lanes
	p := asm.Panel[F]{Rows: m, Inner: inner, A: a.data, ARow: a.row, AStep: a.column, DRow: n, Low: low}
	for j := (n - 1) / width * width; j >= 0; j -= width {
		p.Vectors = min(2, (n-j+lanes-1)/lanes)
		columns := min(p.Vectors*lanes, n-j)
		switch {
		case inner == 0:
		case b.column == 1 && m <= r.k.TileRows:
			p.B, p.BRow = b.data[j:], b.row // read once: not worth a copy
		default:
			p.B, p.BRow = r.pack(b, j, inner, p.Vectors, columns), p.Vectors*lanes
		}
		p.D, p.C = d[j:], c
		if hasC {
			p.C = c[j:]
		}
		r.k.Panel(&p)
	}
}

// pack copies columns of a factor into a panel.
func (r *machine[F]) pack(b matrix[F], j, inner, vectors, columns int) []F {
	width := vectors * r.k.Lanes
	if len(r.packed) < inner*width {
		r.packed = asm.Aligned[F](inner * 2 * r.k.Lanes)
	}
	if b.column == 1 {
		r.k.CopyRows(r.packed, b.data[j:], inner, vectors, width, b.row)
	} else {
		r.k.Transpose(r.packed, b.data[j*b.column:], columns, inner, width, b.column)
	}
	return r.packed
}

// convolution computes the three forms of a convolution. An image is unfolded into a
// matrix of (channels·windowHeight·windowWidth) × (places of the result), so that
// each form is one product an image.
type convolution[F asm.Float] struct {
	op                        program.Op
	images, windows, results  place
	image, window, result     []int // shapes
	filters, places, unfolded int
}

func (c *compiler[F]) convolution(n *program.Node, d place, in []place) instruction[F] {
	first, second := c.shape(n.In[0]), c.shape(n.In[1])
	v := &convolution[F]{op: n.Op}
	switch n.Op {
	case program.Conv2D:
		v.images, v.windows, v.results = in[0], in[1], d
		v.image, v.window, v.result = first, second, n.Shape
	case program.Conv2DInput:
		v.results, v.windows, v.images = in[0], in[1], d
		v.result, v.window, v.image = first, second, n.Shape
	case program.Conv2DWeights:
		v.images, v.results, v.windows = in[0], in[1], d
		v.image, v.result, v.window = first, second, n.Shape
	}
	v.filters, v.places, v.unfolded = v.result[1], v.result[2]*v.result[3], program.Size(v.window[1:])
	c.plan.scratch = max(c.plan.scratch, v.unfolded*v.places+v.filters*v.unfolded+2*pad)
	return v
}

func (v *convolution[F]) run(m *machine[F]) error {
	images, windows, results := m.at(v.images), m.at(v.windows), m.at(v.results)
	size := program.Size(v.image[1:])
	room := m.room(v.unfolded*v.places + v.filters*v.unfolded + 2*pad)
	unfolded, part := room[:v.unfolded*v.places+pad], room[v.unfolded*v.places+pad:]
	none := F(math.Inf(-1))
	w := matrix[F]{windows, v.unfolded, 1}
	switch v.op {
	case program.Conv2DInput:
		clear(images[:v.images.size])
	case program.Conv2DWeights:
		clear(windows[:v.windows.size])
	}
	for i := range v.result[0] {
		image, result := images[i*size:], results[i*v.filters*v.places:]
		switch v.op {
		case program.Conv2D:
			v.unfold(unfolded, image)
			m.multiply(result, m.zeros, false, none, v.filters, v.unfolded, v.places, w, matrix[F]{unfolded, v.places, 1})
		case program.Conv2DInput:
			m.multiply(unfolded, m.zeros, false, none, v.unfolded, v.filters, v.places, matrix[F]{windows, 1, v.unfolded}, matrix[F]{result, v.places, 1})
			v.fold(image, unfolded)
		case program.Conv2DWeights:
			v.unfold(unfolded, image)
			m.multiply(part, m.zeros, false, none, v.filters, v.places, v.unfolded, matrix[F]{result, v.places, 1}, matrix[F]{unfolded, 1, v.places})
			for k, x := range part[:v.windows.size] {
				windows[k] += x
			}
		}
	}
	return nil
}

// unfold copies a row of an image to each place of a window.
func (v *convolution[F]) unfold(unfolded, image []F) {
	v.rows(func(u, x int) { copy(unfolded[u:][:v.result[3]], image[x:]) })
}

// fold adds what unfold would have copied.
func (v *convolution[F]) fold(image, unfolded []F) {
	v.rows(func(u, x int) {
		to := image[x:][:v.result[3]]
		for j, w := range unfolded[u:][:v.result[3]] {
			to[j] += w
		}
	})
}

// rows meets each row of the unfolded image with its row of pixels.
func (v *convolution[F]) rows(meet func(u, x int)) {
	u := 0
	for c := range v.image[1] {
		for k := range v.window[2] {
			for l := range v.window[3] {
				for i := range v.result[2] {
					meet(u, (c*v.image[2]+i+k)*v.image[3]+l)
					u += v.result[3]
				}
			}
		}
	}
}
