package programs

import (
	"fmt"

	"modspec/engine/program"
)

// A tile is a shape of the product kernels: the tile of a block, and its threads. The
// list is that of program_product.cu and program_product_tf32.cu.
type tile struct{ rows, cols, m, n int }

// name is the class of the kernels.
func (t tile) name() string { return fmt.Sprintf("r%dc%d", t.rows, t.cols) }

// tiles returns the large and the small tile.
func (o Options) tiles() (large, small tile) {
	if o.Precision == Float64 {
		return tile{64, 64, 8, 4}, tile{32, 32, 4, 4}
	}
	return tile{128, 64, 8, 8}, tile{64, 32, 8, 4}
}

// blocks is the tiles of a matrix.
func (t tile) blocks(rows, cols int) int {
	return (rows + t.rows - 1) / t.rows * ((cols + t.cols - 1) / t.cols)
}

// tile chooses the tile of a product by its shape: the small one where the large one
// would be less than three quarters full. The number of runs has no part in it.
func (p *plan) tile(v int) tile {
	large, small := p.options.tiles()
	s := p.product(v)
	if 4*s.rows*s.cols < 3*large.blocks(s.rows, s.cols)*large.rows*large.cols {
		return small
	}
	return large
}

// digits are the lengths of the last two digits of an index.
type digits struct{ height, width int }

// steps is how far elements are apart whose digits differ by one.
type steps struct{ outer, y, x int }

// A side is a factor of a product; see ProgramSide.
type side struct {
	in            stretch
	batch         int
	wide, bounded bool
	height, width int
	extent, depth steps
}

// A shape is a product as its kernel sees it; see ProgramProduct.
type shape struct {
	batch, rows, cols, depth          int
	rowStep                           int
	colStep                           steps
	rowDigits, colDigits, depthDigits digits
	left, right                       side
}

// product returns the shape of a product or a convolution.
func (p *plan) product(v int) shape {
	n := &p.nodes[v]
	x, y := p.nodes[n.In[0]].Shape, p.nodes[n.In[1]].Shape
	first, second := side{in: p.resolve(n.In[0])}, side{in: p.resolve(n.In[1])}
	one := digits{1, 1}
	switch n.Op {
	case program.MatMul:
		last := len(n.Shape) - 1
		left, right := p.factor(v, 0), p.factor(v, 1)
		s := shape{batch: program.Size(n.Shape[:last-1]), rows: n.Shape[last-1], cols: n.Shape[last], depth: x[last], rowStep: n.Shape[last],
			colStep: steps{x: 1}, rowDigits: one, colDigits: one, depthDigits: one}
		s.left = side{in: left.in, batch: left.batch, wide: n.TX, extent: steps{x: left.row}, depth: steps{x: 1}}
		s.right = side{in: right.in, batch: right.batch, wide: !n.TY, extent: steps{x: 1}, depth: steps{x: right.row}}
		if n.TX {
			s.depth = x[last-1]
			s.left.extent, s.left.depth = s.left.depth, s.left.extent
		}
		if n.TY {
			s.right.extent, s.right.depth = s.right.depth, s.right.extent
		}
		return s
	case program.Conv2D: // rows: filters; columns: images and places; depth: channels and windows
		images, w, places := strides(x), strides(y), n.Shape[2]*n.Shape[3]
		return shape{batch: 1, rows: y[0], cols: x[0] * places, depth: y[1] * y[2] * y[3],
			rowStep: places, colStep: steps{y[0] * places, n.Shape[3], 1},
			rowDigits: one, colDigits: digits{n.Shape[2], n.Shape[3]}, depthDigits: digits{y[2], y[3]},
			left:  side{in: second.in, extent: steps{outer: w[0]}, depth: steps{w[1], w[2], 1}},
			right: side{in: first.in, wide: true, extent: steps{images[0], images[2], 1}, depth: steps{images[1], images[2], 1}},
		}
	case program.Conv2DInput: // rows: channels; columns: images and pixels; depth: filters and windows
		results, w, pixels := strides(x), strides(y), n.Shape[2]*n.Shape[3]
		return shape{batch: 1, rows: y[1], cols: x[0] * pixels, depth: y[0] * y[2] * y[3],
			rowStep: pixels, colStep: steps{y[1] * pixels, n.Shape[3], 1},
			rowDigits: one, colDigits: digits{n.Shape[2], n.Shape[3]}, depthDigits: digits{y[2], y[3]},
			left: side{in: second.in, extent: steps{outer: w[1]}, depth: steps{w[0], w[2], 1}},
			right: side{in: first.in, wide: true, bounded: true, height: x[2], width: x[3],
				extent: steps{results[0], results[2], 1}, depth: steps{results[1], -results[2], -1}},
		}
	default: // Conv2DWeights: rows: filters; columns: channels and windows; depth: images and places
		images, results := strides(x), strides(y)
		return shape{batch: 1, rows: y[1], cols: x[1] * n.Shape[2] * n.Shape[3], depth: y[0] * y[2] * y[3],
			rowStep: program.Size(n.Shape[1:]), colStep: steps{n.Shape[2] * n.Shape[3], n.Shape[3], 1},
			rowDigits: one, colDigits: digits{n.Shape[2], n.Shape[3]}, depthDigits: digits{y[2], y[3]},
			left:  side{in: second.in, extent: steps{outer: results[1]}, depth: steps{results[0], results[2], 1}},
			right: side{in: first.in, extent: steps{images[1], images[2], 1}, depth: steps{images[0], images[2], 1}},
		}
	}
}

// strides are how far elements of a tensor of four axes are apart.
func strides(shape []int) [4]int {
	return [4]int{shape[1] * shape[2] * shape[3], shape[2] * shape[3], shape[3], 1}
}

// products is the multiply-adds of a run.
func (s *shape) products() int64 {
	return int64(s.batch) * int64(s.rows) * int64(s.cols) * int64(s.depth)
}
