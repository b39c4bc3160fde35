package cpu

import (
	"context"
	"sync"

	"modspec/engine/cmnist"
	"modspec/engine/train/cpu/asm"
)

// net is one run in training.
type net struct {
	k           *asm.Kernels[float32]
	threads     int
	network     cmnist.Network
	composition cmnist.Composition
	rate        float32
	momentum    float32
	images      []float32 // of the batch
	pixels      int
	room        int // images that a batch may have
	towers      []*tower
}

// tower is one tower: its layers with weights, ReLU being part of the layer that it
// follows, and the outputs [lo, hi) that it writes.
type tower struct {
	lo, hi  int
	layers  []layer
	targets []float32 // of one image
}

// A layer holds what it puts out for each image of a batch, and how the loss
// changes with that. It is a *convolution, of which threads compute different
// images, or a *linear, of which they compute different units. Its weights come in
// parts, of which threads move different ones.
type layer interface {
	held() *values
	// parts is how many parts the weights have.
	parts() int
	// update moves the weights of parts [lo, hi) by what a batch of images says;
	// in is what lies below.
	update(in []float32, images, lo, hi int, rate, momentum float32)
	save(parameters, velocity *cmnist.LayerParameters)
}

// values are what a layer puts out: size numbers an image.
type values struct {
	size       int
	out, delta []float32
	rectified  bool // ReLU follows
}

func (v *values) held() *values { return v }

// image returns the part of image i of a list with size numbers an image.
func image(list []float32, size, i int) []float32 { return list[i*size : (i+1)*size] }

// evaluated is how many images are answered at a time between epochs, if batches
// are not larger.
const evaluated = 32

func newNet(network cmnist.Network, job *cmnist.Job, state *cmnist.Checkpoint, k *asm.Kernels[float32], threads int) (*net, error) {
	c := job.Data.Composition
	n := &net{
		k: k, threads: threads, network: network, composition: c, room: max(job.Batch, evaluated),
		rate: float32(job.LearningRate), momentum: float32(job.Momentum), pixels: c.Height() * c.Width(),
	}
	n.images = make([]float32, n.room*n.pixels)
	for t, spec := range network.Towers {
		shapes, err := spec.Shapes(c)
		if err != nil {
			return nil, err
		}
		to := &tower{}
		to.lo, to.hi = c.Range(spec.Writes)
		to.targets = make([]float32, to.hi-to.lo)
		below := field{shapes[0], 1}
		for l, kind := range spec.All(c) {
			velocity := cmnist.LayerParameters{}
			if state.Velocity != nil {
				velocity = state.Velocity[t][l]
			}
			switch {
			case kind.Convolution != nil:
				made := newConvolution(k, *kind.Convolution, below, shapes[l+1], n.room, state.Parameters[t][l], velocity)
				to.layers, below = append(to.layers, made), made.above
			case kind.Linear > 0:
				made := newLinear(k, below, kind.Linear, n.room, state.Parameters[t][l], velocity)
				to.layers, below = append(to.layers, made), made.above
			case len(to.layers) > 0:
				// A ReLU on the image itself does nothing: no pixel is negative.
				to.layers[len(to.layers)-1].held().rectified = true
			}
		}
		n.towers = append(n.towers, to)
	}
	return n, nil
}

// field is how values lie: of each place its channels, filled up to stride.
type field struct {
	cmnist.Shape
	stride int
}

func (f field) size() int { return f.Height * f.Width * f.stride }

// fieldOf returns how a layer's output lies.
func fieldOf(k *asm.Kernels[float32], s cmnist.Shape) field {
	return field{s, (s.Channels + k.Lanes - 1) / k.Lanes * k.Lanes}
}

// parallel shares 0 … count−1 out between the threads, in even stretches.
func (n *net) parallel(count int, do func(lo, hi int)) {
	threads := min(n.threads, count)
	if threads <= 1 {
		do(0, count)
		return
	}
	var wait sync.WaitGroup
	var mu sync.Mutex
	var failure any
	for t := range threads {
		wait.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					mu.Lock()
					failure = r
					mu.Unlock()
				}
			}()
			do(count*t/threads, count*(t+1)/threads)
		})
	}
	wait.Wait()
	if failure != nil {
		panic(failure)
	}
}

// epoch makes the steps of an epoch.
func (n *net) epoch(ctx context.Context, job *cmnist.Job, order []int) error {
	for len(order) > 0 {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		batch := order[:min(job.Batch, len(order))]
		order = order[len(batch):]
		n.load(job.Data.Train, batch)
		n.forward(len(batch))
		n.backward(job.Data.Train, batch)
		n.update(len(batch))
	}
	return nil
}

// load brings images in.
func (n *net) load(x *cmnist.Examples, list []int) {
	n.parallel(len(list), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			x.Image(image(n.images, n.pixels, i), list[i])
		}
	})
}

// forward computes every layer's output for the images that are there.
func (n *net) forward(count int) {
	for _, t := range n.towers {
		below := n.images
		for l := 0; l < len(t.layers); {
			if whole, ok := t.layers[l].(*linear); ok {
				whole.forward(n, below, count)
				below = whole.out
				l++
				continue
			}
			stack := convolutions(t.layers[l:])
			from := below
			n.parallel(count, func(lo, hi int) {
				in := from
				for _, c := range stack {
					c.forward(in, lo, hi)
					in = c.out
				}
			})
			l += len(stack)
			below = t.layers[l-1].held().out
		}
	}
}

// convolutions returns the convolutions that some layers start with. An image goes
// through them without waiting for others.
func convolutions(layers []layer) []*convolution {
	var stack []*convolution
	for _, l := range layers {
		c, ok := l.(*convolution)
		if !ok {
			break
		}
		stack = append(stack, c)
	}
	return stack
}

// backward computes how the loss changes with every layer's output.
func (n *net) backward(x *cmnist.Examples, batch []int) {
	for _, t := range n.towers {
		last := t.layers[len(t.layers)-1].held()
		for i := range batch {
			x.Target(t.targets, batch[i], t.lo, t.hi)
			delta, out := image(last.delta, last.size, i), image(last.out, last.size, i)
			for o, want := range t.targets {
				delta[o] = 2 * (out[o] - want) / float32(len(batch))
			}
		}
		for l := len(t.layers) - 1; l > 0; l-- {
			below := t.layers[l-1].held()
			switch above := t.layers[l].(type) {
			case *linear:
				above.backward(n, below, len(batch))
			case *convolution:
				n.parallel(above.kernel.Width, above.turn)
				n.parallel(len(batch), func(lo, hi int) {
					above.backward(below.delta, lo, hi)
					below.rectify(lo, hi)
				})
			}
		}
	}
}

// rectify stops the change of values that ReLU made 0.
func (v *values) rectify(lo, hi int) {
	if !v.rectified {
		return
	}
	delta := v.delta[lo*v.size : hi*v.size]
	for i, out := range v.out[lo*v.size : hi*v.size] {
		if !(out > 0) {
			delta[i] = 0
		}
	}
}

// rectifyOut makes negative values 0.
func (v *values) rectifyOut(lo, hi int) {
	if !v.rectified {
		return
	}
	out := v.out[lo*v.size : hi*v.size]
	for i, value := range out {
		if value < 0 {
			out[i] = 0
		}
	}
}

// update moves all weights.
func (n *net) update(count int) {
	for _, t := range n.towers {
		below := n.images
		for _, l := range t.layers {
			n.parallel(l.parts(), func(lo, hi int) { l.update(below, count, lo, hi, n.rate, n.momentum) })
			below = l.held().out
		}
	}
}
