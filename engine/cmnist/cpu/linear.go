package cpu

import (
	"modspec/engine/cmnist"
	"modspec/engine/train/cpu/asm"
)

// linear is a layer of units that read everything below. Its weights are panels of
// rows, one for each value below as it lies there, by units.
type linear struct {
	values
	k            *asm.Kernels[float32]
	below, above field
	units        int
	weights      panels
	biases       []float32
	slope        []float32
	velocity     panels
	biasVelocity []float32
	hasVelocity  bool
	turned       []float32 // delta, units × images filled up to vectors
	changes      []float32 // of what lies below, values × images
	vectors      int       // images filled up to vectors
	one          []float32
}

func newLinear(k *asm.Kernels[float32], below field, units, room int, own, velocity cmnist.LayerParameters) *linear {
	l := &linear{k: k, below: below, units: units, above: fieldOf(k, cmnist.Shape{Channels: units, Height: 1, Width: 1}), one: []float32{1}}
	l.size = l.above.size()
	l.out, l.delta = make([]float32, room*l.size), make([]float32, room*l.size)
	l.weights = newPanels(k, below.size(), units)
	l.biases, l.slope = make([]float32, l.above.stride), make([]float32, l.above.stride)
	l.each(func(from, to int) { l.weights.data[to] = float32(own.Weights[from]) })
	narrow(l.biases, own.Biases)
	if l.hasVelocity = velocity.Weights != nil; l.hasVelocity {
		l.velocity, l.biasVelocity = newPanels(k, below.size(), units), make([]float32, l.above.stride)
		l.each(func(from, to int) { l.velocity.data[to] = float32(velocity.Weights[from]) })
		narrow(l.biasVelocity, velocity.Biases)
	}
	l.vectors = (room + k.Lanes - 1) / k.Lanes * k.Lanes
	l.turned = make([]float32, l.above.stride*l.vectors)
	return l
}

// each calls back with every weight: its index in cmnist.LayerParameters, whose
// inputs go channel by channel, and in panels.
func (l *linear) each(do func(from, to int)) {
	from := 0
	places := l.below.Height * l.below.Width
	for unit := range l.units {
		for channel := range l.below.Channels {
			for place := range places {
				do(from, l.weights.at(place*l.below.stride+channel, unit))
				from++
			}
		}
	}
}

func (l *linear) save(parameters, velocity *cmnist.LayerParameters) {
	l.each(func(from, to int) {
		parameters.Weights[from] = float64(l.weights.data[to])
		if velocity != nil {
			velocity.Weights[from] = float64(l.velocity.data[to])
		}
	})
	for o := range parameters.Biases {
		parameters.Biases[o] = float64(l.biases[o])
		if velocity != nil {
			velocity.Biases[o] = float64(l.biasVelocity[o])
		}
	}
}

// forward computes out for a batch: threads share the panels, tiles are images.
func (l *linear) forward(n *net, in []float32, images int) {
	tile := spread(images, l.k.TileRows)
	n.parallel(l.weights.count(), func(lo, hi int) {
		for p := lo; p < hi; p++ {
			weights, width, first := l.weights.panel(p)
			z := asm.Sliding{Outer: 1, Inner: l.below.size(), ARow: l.below.size(), AStep: 1, BStep: width, DRow: l.size}
			for i := 0; i < images; i += tile {
				l.k.Slide(l.out[i*l.size+first:], l.biases[first:], in[i*l.below.size():], weights, 1, min(tile, images-i), width/l.k.Lanes, &z)
			}
		}
	})
	l.rectifyOut(0, images)
}

// backward computes how the loss changes with what lies below: threads share
// its values, tiles are values, and the images lie side by side in vectors.
func (l *linear) backward(n *net, below *values, images int) {
	vectors := (images + l.k.Lanes - 1) / l.k.Lanes * l.k.Lanes
	for unit := range l.above.stride {
		for i := range vectors {
			v := float32(0)
			if i < images {
				v = l.delta[i*l.size+unit]
			}
			l.turned[unit*vectors+i] = v
		}
	}
	if l.changes == nil {
		l.changes = make([]float32, l.below.size()*l.vectors)
	}
	tile := l.k.TileRows
	n.parallel((l.below.size()+tile-1)/tile, func(lo, hi int) {
		for r := lo * tile; r < min(hi*tile, l.below.size()); r += tile {
			rows := min(tile, l.below.size()-r)
			for first := 0; first < vectors; first += 2 * l.k.Lanes {
				columns := min(2, (vectors-first)/l.k.Lanes)
				l.row(r, rows, first, columns, vectors)
			}
			for i := range images {
				to := below.delta[i*below.size+r:][:rows]
				for j := range to {
					to[j] = l.changes[(r+j)*vectors+i]
				}
			}
		}
	})
	n.parallel(images, below.rectify)
}

// row computes some rows of changes, the sum over all units: first those in panels
// of two vectors, then those of a last narrow one.
func (l *linear) row(r, rows, first, columns, vectors int) {
	d := l.changes[r*vectors+first:]
	for j := range rows {
		clear(d[j*vectors:][:columns*l.k.Lanes])
	}
	wide := l.weights.columns / (2 * l.k.Lanes)
	z := asm.Sliding{
		Outer: wide, Inner: 2 * l.k.Lanes, ARow: 2 * l.k.Lanes, AStep: 1, AOuter: l.weights.rows * 2 * l.k.Lanes,
		BStep: vectors, BOuter: 2 * l.k.Lanes * vectors, DRow: vectors, CRow: vectors,
	}
	if wide > 0 {
		l.k.Slide(d, d, l.weights.data[r*2*l.k.Lanes:], l.turned[first:], 1, rows, columns, &z)
	}
	if l.weights.columns%(2*l.k.Lanes) != 0 {
		weights, width, unit := l.weights.panel(wide)
		z = asm.Sliding{Outer: 1, Inner: width, ARow: width, AStep: 1, BStep: vectors, DRow: vectors, CRow: vectors}
		l.k.Slide(d, d, weights[r*width:], l.turned[unit*vectors+first:], 1, rows, columns, &z)
	}
}

// updateRows is how many rows of weights a part has.
const updateRows = 256

func (l *linear) parts() int { return (l.weights.rows + updateRows - 1) / updateRows }

// update implements layer. A tile is neighbouring values below; the images are
// summed over. Without momentum the weights move as their gradient is computed.
func (l *linear) update(in []float32, images, lo, hi int, rate, momentum float32) {
	end := min(hi*updateRows, l.weights.rows)
	for p := range l.weights.count() {
		weights, width, first := l.weights.panel(p)
		z := asm.Sliding{Outer: 1, Inner: images, ARow: 1, AStep: l.below.size(), BStep: l.size, DRow: width, CRow: width}
		to, scale := weights, -rate
		if l.hasVelocity {
			to, _, _ = l.velocity.panel(p)
			scale = 1
			for i, v := range to[lo*updateRows*width : end*width] {
				to[lo*updateRows*width+i] = momentum * v
			}
		}
		for r := lo * updateRows; r < end; r += l.k.TileRows {
			d := to[r*width:]
			l.k.Slide(d, d, in[r:], l.delta[first:], scale, min(l.k.TileRows, end-r), width/l.k.Lanes, &z)
		}
		if l.hasVelocity {
			for i := lo * updateRows * width; i < end*width; i++ {
				weights[i] -= float32(rate * to[i])
			}
		}
	}
	if lo == 0 {
		clear(l.slope)
		z := asm.Sliding{Outer: 1, Inner: images, BStep: l.size}
		for first := 0; first < l.above.stride; first += 2 * l.k.Lanes {
			d := l.slope[first:]
			l.k.Slide(d, d, l.one, l.delta[first:], 1, 1, min(2, (l.above.stride-first)/l.k.Lanes), &z)
		}
		move(l.biases, l.slope, l.biasVelocity, rate, momentum)
	}
}
