package reference

import (
	"modspec/engine/cmnist"
)

// net is a network in training. Its parameters and velocity are those of a
// checkpoint, changed in place.
type net struct {
	composition cmnist.Composition
	towers      []*tower
	image       []float32
	target      []float32
}

// tower is one tower: its layers, and the outputs [lo, hi) that it writes.
type tower struct {
	lo, hi int
	layers []layer
}

// A layer computes its output from its input and, on the way back, adds to its
// gradient and returns the gradient of its input. backward follows forward of the
// same input.
type layer interface {
	forward(in []float64) []float64
	backward(delta []float64) []float64
	step(rate, momentum float64)
}

func newNet(network cmnist.Network, c cmnist.Composition, state *cmnist.Checkpoint) (*net, error) {
	n := &net{composition: c, image: make([]float32, c.Height()*c.Width())}
	for t, spec := range network.Towers {
		shapes, err := spec.Shapes(c)
		if err != nil {
			return nil, err
		}
		to := &tower{}
		to.lo, to.hi = c.Range(spec.Writes)
		for l, kind := range spec.All(c) {
			p := newParameters(state, t, l)
			switch {
			case kind.Convolution != nil:
				to.layers = append(to.layers, newConvolution(p, *kind.Convolution, shapes[l], shapes[l+1]))
			case kind.Linear > 0:
				to.layers = append(to.layers, newLinear(p, shapes[l].Size()))
			default:
				to.layers = append(to.layers, &relu{})
			}
		}
		n.towers = append(n.towers, to)
	}
	n.target = make([]float32, c.Outputs(cmnist.BothBlocks))
	return n, nil
}

// read brings an image in as the input of the towers.
func (n *net) read(x *cmnist.Examples, i int) []float64 {
	x.Image(n.image, i)
	in := make([]float64, len(n.image))
	for p, v := range n.image {
		in[p] = float64(v)
	}
	return in
}

// answers writes the outputs for image i; those that no tower writes stay as they
// are.
func (n *net) answers(x *cmnist.Examples, i int, to []float64) {
	in := n.read(x, i)
	for _, t := range n.towers {
		copy(to[t.lo:t.hi], t.forward(in))
	}
}

func (t *tower) forward(in []float64) []float64 {
	for _, l := range t.layers {
		in = l.forward(in)
	}
	return in
}

// step makes one step of gradient descent on a batch of training images.
func (n *net) step(job *cmnist.Job, batch []int) {
	for _, i := range batch {
		in := n.read(job.Data.Train, i)
		for _, t := range n.towers {
			out := t.forward(in)
			job.Data.Train.Target(n.target, i, t.lo, t.hi)
			delta := make([]float64, len(out)) // ∂L/∂ŷ = 2(ŷ − y)/batch
			for o := range delta {
				delta[o] = 2 * (out[o] - float64(n.target[o])) / float64(len(batch))
			}
			for l := len(t.layers) - 1; l >= 0; l-- {
				delta = t.layers[l].backward(delta)
			}
		}
	}
	for _, t := range n.towers {
		for _, l := range t.layers {
			l.step(job.LearningRate, job.Momentum)
		}
	}
}
