//go:build gpu

package cuda

import (
	"modspec/engine/cmnist"
)

// net is a run's towers on a device. All its parameters lie in one stretch, and its
// velocities in another that is laid out alike.
type net struct {
	network    cmnist.Network
	towers     []tower
	parameters stretch
	velocity   stretch // of no bytes without momentum
	order      uint64  // int32: which image stands where in the epoch
}

// stretch is a part of the device's memory.
type stretch struct {
	address uint64
	bytes   int64
}

// tower is a tower on a device, with the outputs [lo, hi) that it writes.
type tower struct {
	lo, hi   int
	answers  []float32 // to some images, on the host
	layers   []placed
	partials uint64 // where sums come in parts: room for those of any of the layers
}

// placed is a layer with where its numbers lie, all float32.
type placed struct {
	layer
	weights, biases int64  // bytes from the beginning of the parameters
	values          uint64 // what the layer puts out, image after image
	change          uint64 // how the loss changes with values
}

// last returns the layer that writes the tower's outputs.
func (t *tower) last() *placed { return &t.layers[len(t.layers)-1] }

// newNet returns a network's towers, not yet laid out.
func newNet(n cmnist.Network, c cmnist.Composition) (*net, error) {
	out := &net{network: n}
	var inside room
	for _, spec := range n.Towers {
		layers, err := layersOf(spec, c)
		if err != nil {
			return nil, err
		}
		t := tower{}
		t.lo, t.hi = c.Range(spec.Writes)
		for _, l := range layers {
			t.layers = append(t.layers, placed{
				layer: l, weights: int64(inside.take(4 * int64(l.weights()))), biases: int64(inside.take(4 * int64(l.out.Channels))),
			})
		}
		out.towers = append(out.towers, t)
	}
	out.parameters.bytes = int64(inside.next)
	return out, nil
}

// layOut gives the network its memory: values of so many images, gradients of batches, and
// orders of as many images as are trained.
func (n *net) layOut(r *room, images, batch, trained int, momentum bool) {
	n.parameters.address = r.take(n.parameters.bytes)
	if momentum {
		n.velocity = stretch{r.take(n.parameters.bytes), n.parameters.bytes}
	}
	n.order = r.take(4 * int64(trained))
	for t := range n.towers {
		w := &n.towers[t]
		partials := int64(0)
		for l := range w.layers {
			partials = max(partials, 4*w.layers[l].partials(batch, images))
		}
		w.partials = r.take(partials)
		w.answers = make([]float32, images*(w.hi-w.lo))
		for l := range w.layers {
			p := &w.layers[l]
			bytes := 4 * int64(images) * int64(p.out.Size())
			p.values, p.change = r.take(bytes), r.take(bytes)
		}
	}
}

// pack writes parameters as they lie on the device.
func (n *net) pack(to []float32, from cmnist.Parameters) {
	n.each(to, from, func(device []float32, host []float64) {
		for i, v := range host {
			device[i] = float32(v)
		}
	})
}

// unpack reads parameters as they lie on the device.
func (n *net) unpack(to cmnist.Parameters, from []float32) {
	n.each(from, to, func(device []float32, host []float64) {
		for i := range host {
			host[i] = float64(device[i])
		}
	})
}

// each calls back with every list of numbers, as it lies on the device and as
// cmnist.Parameters has it.
func (n *net) each(device []float32, host cmnist.Parameters, do func(device []float32, host []float64)) {
	for t := range n.towers {
		for _, l := range n.towers[t].layers {
			p := host[t][l.at]
			do(device[l.weights/4:], p.Weights)
			do(device[l.biases/4:], p.Biases)
		}
	}
}
