package programs

import (
	"math"

	"modspec/engine/program"
	"modspec/engine/train/cpu/asm"
)

// convolution computes the three forms of a convolution. Images and results are copied
// so that the channels of a place are neighbours; then a row of the window, or a column
// of it, meets the places of a row in one panel, with no copy for each place. Channels
// that fill up the last vector hold anything, for no result has them.
type convolution[F asm.Float] struct {
	op                       program.Op
	images, windows, results place
	image, window, result    []int // shapes
	// summed are the channels that are read one by one, side those that are neighbours
	// in vectors: the filters, but for Conv2DInput the image's channels.
	summed, side int
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
	v.summed, v.side = v.window[1], v.window[0]
	if n.Op == program.Conv2DInput {
		v.summed, v.side = v.side, v.summed
	}
	sizes := v.sizes(maxLanes)
	c.plan.scratch = max(c.plan.scratch, sizes[0]+sizes[1]+sizes[2])
	return v
}

// maxLanes is the most elements of a vector.
const maxLanes = pad / 2

// sizes returns the elements of the copies: of the windows, of what is read one by one,
// and of what is read in vectors.
func (v *convolution[F]) sizes(lanes int) [3]int {
	side := filled(v.side, lanes)
	read, vectors := v.image, v.result
	if v.op == program.Conv2DInput {
		read, vectors = vectors, read
	}
	sizes := [3]int{v.window[2] * v.window[3] * v.summed * side, read[2] * read[3] * v.summed, vectors[2] * vectors[3] * side}
	for i := range sizes {
		sizes[i] = filled(sizes[i]+pad, maxLanes) // copies start on cache lines
	}
	return sizes
}

// filled rounds up to whole vectors.
func filled(n, lanes int) int { return (n + lanes - 1) / lanes * lanes }

func (v *convolution[F]) run(m *machine[F]) error {
	images, windows, results := m.at(v.images), m.at(v.windows), m.at(v.results)
	sizes := v.sizes(m.k.Lanes)
	room := m.room(sizes[0] + sizes[1] + sizes[2])
	packed, read, vectors := room[:sizes[0]], room[sizes[0]:][:sizes[1]], room[sizes[0]+sizes[1]:]
	if v.op == program.Conv2DWeights {
		clear(packed)
	} else {
		v.pack(m, packed, windows)
	}
	imageSize, resultSize := program.Size(v.image[1:]), program.Size(v.result[1:])
	pixels, places, side := v.image[2]*v.image[3], v.result[2]*v.result[3], filled(v.side, m.k.Lanes)
	for i := range v.result[0] {
		image, result := images[i*imageSize:], results[i*resultSize:]
		if v.op == program.Conv2DInput {
			for y := range v.result[2] {
				m.k.Transpose(read[y*v.summed:], result[y*v.result[3]:], v.summed, v.result[3], v.result[2]*v.summed, places)
			}
			v.share(m, v.image[2], func(lo, hi int) { v.backward(m, vectors, packed, read, lo, hi) })
			m.k.Transpose(image, vectors, pixels, v.side, pixels, side)
			continue
		}
		pixel := read
		if v.summed == 1 {
			pixel = image
		} else {
			m.k.Transpose(read, image, v.summed, pixels, v.summed, pixels)
		}
		if v.op == program.Conv2D {
			v.share(m, v.result[2], func(lo, hi int) { v.forward(m, vectors, packed, pixel, lo, hi) })
			m.k.Transpose(result, vectors, places, v.side, places, side)
		} else {
			m.k.Transpose(vectors, result, v.side, places, side, places)
			v.share(m, v.window[2], func(lo, hi int) { v.gradient(m, packed, pixel, vectors, lo, hi) })
		}
	}
	if v.op == program.Conv2DWeights {
		v.unpack(m, windows, packed)
	}
	return nil
}

// panels calls with each two vectors of side channels, of which the last may be one: the
// first channel, and the copied windows of a panel with room for width channels.
func (v *convolution[F]) panels(lanes int, packed []F, do func(p asm.Panel[F], first, width int, windows []F)) {
	size := v.window[2] * v.window[3] * v.summed
	for first := 0; first < v.side; first += 2 * lanes {
		vectors := min(2, (v.side-first+lanes-1)/lanes)
		do(asm.Panel[F]{Vectors: vectors, Low: F(math.Inf(-1))}, first, vectors*lanes, packed[size*first:][:size*vectors*lanes+pad])
	}
}

// pack copies the windows: for Conv2D by rows, columns and channels; for Conv2DInput by
// columns, rows from the last to the first, and filters.
func (v *convolution[F]) pack(m *machine[F], packed, windows []F) {
	height, width := v.window[2], v.window[3]
	area := height * width
	v.panels(m.k.Lanes, packed, func(_ asm.Panel[F], first, wide int, own []F) {
		count := min(wide, v.side-first)
		if v.op == program.Conv2D {
			for c := range v.summed {
				m.k.Transpose(own[c*wide:], windows[(first*v.summed+c)*area:], count, area, v.summed*wide, v.summed*area)
			}
			return
		}
		for f := range v.summed {
			for a := range height {
				m.k.Transpose(own[((height-1-a)*v.summed+f)*wide:], windows[(f*v.side+first)*area+a*width:],
					count, width, height*v.summed*wide, area)
			}
		}
	})
}

// unpack copies windows back that lie by rows, columns and channels.
func (v *convolution[F]) unpack(m *machine[F], windows, packed []F) {
	area := v.window[2] * v.window[3]
	v.panels(m.k.Lanes, packed, func(_ asm.Panel[F], first, wide int, own []F) {
		for c := range v.summed {
			m.k.Transpose(windows[(first*v.summed+c)*area:], own[c*wide:], area, min(wide, v.side-first), v.summed*area, v.summed*wide)
		}
	})
}

// blocks cuts a sum into parts of which the vectors stay in the L1 cache; an empty sum is
// one part.
func blocks(length int, do func(from, length int)) {
	depth := max(length, 1)
	if length > wholeDepth {
		depth = blockDepth
	}
	for from := 0; from < length || from == 0; from += depth {
		do(from, min(depth, length-from))
	}
}

// share cuts rows among the threads of a run, each to be computed with all panels: what
// an element is does not depend on their number.
func (v *convolution[F]) share(m *machine[F], rows int, do func(from, to int)) {
	threads := min(1+len(m.team.helpers), rows)
	if threads < 2 || program.Size(v.window)*v.result[2]*v.result[3] < leastShared {
		do(0, rows)
		return
	}
	m.team.share(threads, func(_, piece int) { do(rows*piece/threads, rows*(piece+1)/threads) })
}

// forward computes rows [lo, hi) of a result from an image: each sum runs over rows,
// columns and channels.
func (v *convolution[F]) forward(m *machine[F], result, packed, image []F, lo, hi int) {
	side, row := filled(v.side, m.k.Lanes), v.image[3]*v.summed
	part := v.window[3] * v.summed // of a window, in one row
	v.panels(m.k.Lanes, packed, func(p asm.Panel[F], first, width int, windows []F) {
		p.Rows, p.ARow, p.AStep, p.BRow, p.DRow = v.result[3], v.summed, 1, width, side
		for a := range v.window[2] {
			blocks(part, func(from, length int) {
				p.Inner, p.B = length, windows[(a*part+from)*width:]
				for y := lo; y < hi; y++ {
					p.A, p.D = image[(y+a)*row+from:], result[y*v.result[3]*side+first:]
					if a+from == 0 {
						p.C, p.CRow = m.zeros, 0
					} else {
						p.C, p.CRow = p.D, side
					}
					m.k.Panel(&p)
				}
			})
		}
	})
}

// backward computes rows [lo, hi) of an image from a result that lies by columns, rows
// and filters. Row y has a sum of the rows of the result that a window took from it, which
// are neighbours in a column. Each sum runs over columns of the window, rows of the result
// and filters.
func (v *convolution[F]) backward(m *machine[F], image, packed, result []F, lo, hi int) {
	height, rows := v.window[2], v.result[2]
	side := filled(v.side, m.k.Lanes)
	clear(image[lo*v.image[3]*side : hi*v.image[3]*side])
	v.panels(m.k.Lanes, packed, func(p asm.Panel[F], first, width int, windows []F) {
		p.Rows, p.ARow, p.AStep, p.BRow, p.DRow, p.CRow = v.result[3], rows*v.summed, 1, width, side, side
		for b := range v.window[3] {
			for y := lo; y < hi; y++ {
				top, end := max(0, y-height+1), min(y+1, rows)
				skipped := height - 1 - (y - top) // rows of the window, from the last
				blocks((end-top)*v.summed, func(from, length int) {
					p.Inner, p.A, p.B = length, result[top*v.summed+from:], windows[((b*height+skipped)*v.summed+from)*width:]
					p.D = image[(y*v.image[3]+b)*side+first:]
					p.C = p.D
					m.k.Panel(&p)
				})
			}
		}
	})
}

// gradient adds what an image and a result contribute to rows [lo, hi) of the windows:
// each sum runs over the places of the result.
func (v *convolution[F]) gradient(m *machine[F], packed, image, result []F, lo, hi int) {
	side, row := filled(v.side, m.k.Lanes), v.image[3]*v.summed
	part := v.window[3] * v.summed // of a window, in one row
	v.panels(m.k.Lanes, packed, func(p asm.Panel[F], first, width int, windows []F) {
		p.Rows, p.ARow, p.AStep, p.BRow, p.DRow, p.CRow = part, 1, v.summed, side, width, width
		for a := lo; a < hi; a++ {
			p.D = windows[a*part*width:]
			p.C = p.D
			for y := range v.result[2] {
				blocks(v.result[3], func(from, length int) {
					p.Inner, p.A, p.B = length, image[(y+a)*row+from*v.summed:], result[(y*v.result[3]+from)*side+first:]
					m.k.Panel(&p)
				})
			}
		}
	})
}
