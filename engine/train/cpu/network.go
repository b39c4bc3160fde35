package cpu

import (
	"modspec/engine/kind/linear"
	"modspec/engine/train/cpu/asm"
)

// A net is the networks of a group in training, every module in its own
// coordinates. There are two:
//
//   - [fusedNet], for lanes, gradient descent, full batches, modules with at most
//     one hidden layer and outputs of their own: the case of large sweeps. It takes
//     one copy or two out of their lanes (thin.go);
//   - [generalNet], for everything, on lanes or a single copy.
type net[F asm.Float] interface {
	// layer is where layer l of module m is now: its rows are units above, its
	// columns units below.
	layer(m, l int) matrix[F]
	// prepare takes over the copies' tasks and rates once their weights are in
	// place. lanes[i] is nil where there is no copy.
	prepare(lanes []*lane)
	// forward computes the modules' maps and adds the sum of their squares to norm.
	forward(norm []F)
	// update makes one step from the maps that forward has left.
	update()
}

// lane is one copy of a group.
type lane struct {
	index int // in the job
	copy  *linear.Copy
	task  *task
}

// rate writes a number of each lane into a vector; for a single copy it fills
// the vector.
func (g *algebra[F]) rate(dst []F, lanes []*lane, of func(*lane) float64) {
	for i := range dst {
		l := lanes[0]
		if g.lanes > 1 {
			l = lanes[i]
		}
		dst[i] = 0
		if l != nil {
			dst[i] = F(of(l))
		}
	}
}
