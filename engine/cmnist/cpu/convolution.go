package cpu

import (
	"modspec/engine/cmnist"
	"modspec/engine/train/cpu/asm"
)

// convolution is a layer of kernels of height × width. Its weights are panels of
// rows (a, b, c), row a and column b of the kernel and channel c below, the
// channels filled up as they are below.
type convolution struct {
	values
	k            *asm.Kernels[float32]
	kernel       cmnist.Convolution
	below, above field
	weights      panels
	biases       []float32
	gradient     panels
	slope        []float32
	velocity     panels
	biasVelocity []float32
	across       []float32 // the weights from above to below: see turn
	run          int       // weights of one row of the kernel: width × stride below
	one          []float32
	hasVelocity  bool
}

func newConvolution(k *asm.Kernels[float32], kernel cmnist.Convolution, below field, out cmnist.Shape, room int, own, velocity cmnist.LayerParameters) *convolution {
	c := &convolution{k: k, kernel: kernel, below: below, above: fieldOf(k, out), one: []float32{1}}
	c.size = c.above.size()
	c.out, c.delta = make([]float32, room*c.size), make([]float32, room*c.size)
	c.run = kernel.Width * below.stride
	c.weights, c.gradient = newPanels(k, kernel.Height*c.run, kernel.Channels), newPanels(k, kernel.Height*c.run, kernel.Channels)
	c.biases, c.slope = make([]float32, c.above.stride), make([]float32, c.above.stride)
	c.each(func(from, to int) { c.weights.data[to] = float32(own.Weights[from]) })
	narrow(c.biases, own.Biases)
	if c.hasVelocity = velocity.Weights != nil; c.hasVelocity {
		c.velocity, c.biasVelocity = newPanels(k, c.weights.rows, kernel.Channels), make([]float32, c.above.stride)
		c.each(func(from, to int) { c.velocity.data[to] = float32(velocity.Weights[from]) })
		narrow(c.biasVelocity, velocity.Biases)
	}
	if below.stride%k.Lanes == 0 { // not the image, whose change nobody asks for
		c.across = make([]float32, kernel.Height*kernel.Width*c.above.stride*below.stride)
	}
	return c
}

func narrow(to []float32, from []float64) {
	for i, v := range from {
		to[i] = float32(v)
	}
}

// each calls back with every weight: its index in cmnist.LayerParameters and in
// panels.
func (c *convolution) each(do func(from, to int)) {
	from := 0
	for o := range c.kernel.Channels {
		for channel := range c.below.Channels {
			for a := range c.kernel.Height {
				for b := range c.kernel.Width {
					do(from, c.weights.at((a*c.kernel.Width+b)*c.below.stride+channel, o))
					from++
				}
			}
		}
	}
}

func (c *convolution) save(parameters, velocity *cmnist.LayerParameters) {
	c.each(func(from, to int) {
		parameters.Weights[from] = float64(c.weights.data[to])
		if velocity != nil {
			velocity.Weights[from] = float64(c.velocity.data[to])
		}
	})
	for o := range parameters.Biases {
		parameters.Biases[o] = float64(c.biases[o])
		if velocity != nil {
			velocity.Biases[o] = float64(c.biasVelocity[o])
		}
	}
}

// forward computes out for images [lo, hi) from in. A tile is neighbouring places of a row.
func (c *convolution) forward(in []float32, lo, hi int) {
	rowBelow, rowAbove := c.below.Width*c.below.stride, c.above.Width*c.above.stride
	tile := spread(c.above.Width, c.k.TileRows)
	for i := lo; i < hi; i++ {
		from, to := image(in, c.below.size(), i), image(c.out, c.size, i)
		for p := range c.weights.count() {
			weights, width, first := c.weights.panel(p)
			z := asm.Sliding{
				Outer: c.kernel.Height, Inner: c.run, ARow: c.below.stride, AStep: 1, AOuter: rowBelow,
				BStep: width, BOuter: c.run * width, DRow: c.above.stride,
			}
			for y := range c.above.Height {
				for x := 0; x < c.above.Width; x += tile {
					c.k.Slide(to[y*rowAbove+x*c.above.stride+first:], c.biases[first:], from[y*rowBelow+x*c.below.stride:], weights, 1,
						min(tile, c.above.Width-x), width/c.k.Lanes, &z)
				}
			}
		}
	}
	c.rectifyOut(lo, hi)
}

// turn writes the weights as backward wants them, for columns [lo, hi) of the kernel:
// for each its rows from the last to the first, each channels above × channels
// below.
func (c *convolution) turn(lo, hi int) {
	above, below := c.above.stride, c.below.stride
	for p := range c.weights.count() {
		weights, width, first := c.weights.panel(p)
		for b := lo; b < hi; b++ {
			for a := range c.kernel.Height {
				to := c.across[(b*c.kernel.Height+c.kernel.Height-1-a)*above*below+first*below:]
				from := weights[(a*c.kernel.Width+b)*below*width:]
				for channel := range below {
					for o, v := range from[channel*width:][:width] {
						to[o*below+channel] = v
					}
				}
			}
		}
	}
}

// backward computes how the loss changes with what lies below. Row v below hears from the rows v − a above that there
// are, summed upwards, and place x + b of it from place x of them.
func (c *convolution) backward(below []float32, lo, hi int) {
	rowBelow, rowAbove := c.below.Width*c.below.stride, c.above.Width*c.above.stride
	block := c.above.stride * c.below.stride // weights of one place of the kernel
	tile := spread(c.above.Width, c.k.TileRows)
	z := asm.Sliding{
		Inner: c.above.stride, ARow: c.above.stride, AStep: 1, AOuter: rowAbove,
		BStep: c.below.stride, BOuter: block, DRow: c.below.stride, CRow: c.below.stride,
	}
	for i := lo; i < hi; i++ {
		from, to := image(c.delta, c.size, i), image(below, c.below.size(), i)
		clear(to)
		for v := range c.below.Height {
			top := max(0, v-c.kernel.Height+1)
			z.Outer = min(v, c.above.Height-1) - top + 1
			skipped := c.kernel.Height - 1 - (v - top) // rows of the kernel, from the last, that find nothing
			for b := range c.kernel.Width {
				weights := c.across[(b*c.kernel.Height+skipped)*block:]
				for x := 0; x < c.above.Width; x += tile {
					rows := min(tile, c.above.Width-x)
					for first := 0; first < c.below.stride; first += 2 * c.k.Lanes {
						d := to[v*rowBelow+(x+b)*c.below.stride+first:]
						c.k.Slide(d, d, from[top*rowAbove+x*c.above.stride:], weights[first:], 1,
							rows, min(2, (c.below.stride-first)/c.k.Lanes), &z)
					}
				}
			}
		}
	}
}

// parts implements layer: rows of the kernel.
func (c *convolution) parts() int { return c.kernel.Height }

// update implements layer. A tile is neighbouring weights of a row of the kernel.
func (c *convolution) update(in []float32, images, lo, hi int, rate, momentum float32) {
	rowBelow, rowAbove := c.below.Width*c.below.stride, c.above.Width*c.above.stride
	tile := spread(c.run, c.k.TileRows)
	for p := range c.gradient.count() {
		gradient, width, first := c.gradient.panel(p)
		clear(gradient[lo*c.run*width : hi*c.run*width])
		z := asm.Sliding{
			Outer: c.above.Height, Inner: c.above.Width, ARow: 1, AStep: c.below.stride, AOuter: rowBelow,
			BStep: c.above.stride, BOuter: rowAbove, DRow: width, CRow: width,
		}
		for a := lo; a < hi; a++ {
			for r := 0; r < c.run; r += tile {
				d := gradient[(a*c.run+r)*width:]
				for i := range images {
					c.k.Slide(d, d, image(in, c.below.size(), i)[a*rowBelow+r:], image(c.delta, c.size, i)[first:], 1,
						min(tile, c.run-r), width/c.k.Lanes, &z)
				}
			}
		}
		weights, _, _ := c.weights.panel(p)
		var velocity []float32
		if c.hasVelocity {
			velocity, _, _ = c.velocity.panel(p)
			velocity = velocity[lo*c.run*width : hi*c.run*width]
		}
		move(weights[lo*c.run*width:hi*c.run*width], gradient[lo*c.run*width:hi*c.run*width], velocity, rate, momentum)
	}
	if lo == 0 {
		c.updateBiases(images, rate, momentum)
	}
}

func (c *convolution) updateBiases(images int, rate, momentum float32) {
	clear(c.slope)
	z := asm.Sliding{Outer: images, Inner: c.above.Height * c.above.Width, BStep: c.above.stride, BOuter: c.size}
	for first := 0; first < c.above.stride; first += 2 * c.k.Lanes {
		d := c.slope[first:]
		c.k.Slide(d, d, c.one, c.delta[first:], 1, 1, min(2, (c.above.stride-first)/c.k.Lanes), &z)
	}
	move(c.biases, c.slope, c.biasVelocity, rate, momentum)
}

// move makes a step: v ← momentum·v + g, w ← w − rate·v; without velocity v is g.
func move(weights, gradient, velocity []float32, rate, momentum float32) {
	if velocity == nil {
		for i, g := range gradient {
			weights[i] -= float32(rate * g)
		}
		return
	}
	for i, g := range gradient {
		velocity[i] = float32(momentum*velocity[i]) + g
		weights[i] -= float32(rate * velocity[i])
	}
}
