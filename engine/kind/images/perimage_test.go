package images_test

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/cmnist"
	"modspec/engine/random"
)

// The oracle of this file trains and observes one image after the other, in float64 with
// gonum, layer by layer with gradients written out by hand. It shares images, labels and
// measures with the kind, and neither the program nor its gradients.

// perImage is how the oracle trains.
type perImage struct {
	data                  *cmnist.Data
	network               cmnist.Network
	epochs, batch         int
	rate, momentum, scale float64
	stream                random.Stream
}

// train returns the metrics by their names after every epoch, from 0 on, and the network
// after the last.
func (o *perImage) train() ([]map[string]float64, *net, error) {
	n, err := newNet(o)
	if err != nil {
		return nil, nil, err
	}
	list := []map[string]float64{n.observe(o)}
	for epoch := range o.epochs {
		order := o.stream.Permutation(o.data.Train.Count(), uint32(epoch))
		for len(order) > 0 {
			batch := order[:min(o.batch, len(order))]
			order = order[len(batch):]
			n.step(o, batch)
		}
		list = append(list, n.observe(o))
	}
	return list, n, nil
}

// observe measures the network.
func (n *net) observe(o *perImage) map[string]float64 {
	d := o.data
	out := map[string]float64{"company": math.NaN(), "style": math.NaN(), "systematicity": math.NaN()}
	put := func(set string, m cmnist.Measure) {
		out[set+"_compositional"], out[set+"_non_compositional"] = m.Compositional, m.NonCompositional
		out[set+"_all_digits"], out[set+"_number"] = m.AllDigits, m.Number
		for place := range cmnist.MaxDigits {
			v := math.NaN()
			if place < len(m.Digit) {
				v = m.Digit[place]
			}
			out[fmt.Sprintf("%s_digit%d", set, place+1)] = v
		}
	}
	prober := cmnist.NewProber(d, o.network)
	to := make([]float64, d.Composition.Outputs(cmnist.BothBlocks))
	each := func(x *cmnist.Examples, take func(i int, answers []float64)) {
		for i := range x.Count() {
			n.answers(x, i, to)
			take(i, to)
		}
	}
	for name, x := range map[string]*cmnist.Examples{"train": d.Seen, "test": d.Test, "unseen": d.Unseen} {
		meter := cmnist.NewMeter(d.Composition, o.network)
		each(x, func(i int, answers []float64) { meter.Add(x, i, answers) })
		put(name, meter.Measure())
	}
	if prober != nil {
		each(d.Seen, prober.Seen)
		each(d.Recombined, prober.Recombined)
		each(d.Swapped, prober.Swapped)
		p := prober.Probe()
		out["company"], out["style"], out["systematicity"] = p.Company, p.Style, p.Systematicity
		put("recombined", p.Recombined)
	}
	return out
}

// net is a network in training.
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

// newNet draws the initial weights and biases: independent normals, those of each layer
// from a draw of its own.
func newNet(o *perImage) (*net, error) {
	c := o.data.Composition
	n := &net{composition: c, image: make([]float32, c.Height()*c.Width())}
	for t, spec := range o.network.Towers {
		shapes, err := spec.Shapes(c)
		if err != nil {
			return nil, err
		}
		to := &tower{}
		to.lo, to.hi = c.Range(spec.Writes)
		for l, kind := range spec.All(c) {
			in := shapes[l]
			switch v := kind.Convolution; {
			case v != nil:
				p := newParameters(o, t, l, v.Channels, in.Channels*v.Height*v.Width)
				to.layers = append(to.layers, newConvolution(p, *v, in, shapes[l+1]))
			case kind.Linear > 0:
				to.layers = append(to.layers, newLinear(newParameters(o, t, l, kind.Linear, in.Size()), in.Size()))
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
func (n *net) step(o *perImage, batch []int) {
	for _, i := range batch {
		in := n.read(o.data.Train, i)
		for _, t := range n.towers {
			out := t.forward(in)
			o.data.Train.Target(n.target, i, t.lo, t.hi)
			delta := make([]float64, len(out)) // ∂L/∂ŷ = 2(ŷ − y)/batch
			for k := range delta {
				delta[k] = 2 * (out[k] - float64(n.target[k])) / float64(len(batch))
			}
			for l := len(t.layers) - 1; l >= 0; l-- {
				delta = t.layers[l].backward(delta)
			}
		}
	}
	for _, t := range n.towers {
		for _, l := range t.layers {
			l.step(o.rate, o.momentum)
		}
	}
}

// parameters are a layer's: its weights as a matrix, units above × values below,
// its biases, their gradients and velocities.
type parameters struct {
	weights, gradient      *mat.Dense
	biases, slope          []float64
	velocity, biasVelocity []float64
}

func newParameters(o *perImage, t, l, above, below int) *parameters {
	draw := func(number uint32, count int) []float64 {
		list := make([]float64, count)
		o.stream.Normals(list, number)
		for i := range list {
			list[i] *= o.scale
		}
		return list
	}
	first := cmnist.InitialLayer(t, l)
	p := &parameters{
		weights: mat.NewDense(above, below, draw(first, above*below)), gradient: mat.NewDense(above, below, nil),
		biases: draw(first+1, above), slope: make([]float64, above),
	}
	if o.momentum > 0 {
		p.velocity, p.biasVelocity = make([]float64, above*below), make([]float64, above)
	}
	return p
}

// step moves the parameters and forgets the gradient.
func (p *parameters) step(rate, momentum float64) {
	move(p.weights.RawMatrix().Data, p.gradient.RawMatrix().Data, p.velocity, rate, momentum)
	move(p.biases, p.slope, p.biasVelocity, rate, momentum)
}

func move(values, gradient, velocity []float64, rate, momentum float64) {
	for i, g := range gradient {
		if velocity != nil {
			velocity[i] = momentum*velocity[i] + g
			g = velocity[i]
		}
		values[i] -= rate * g
	}
	clear(gradient)
}

// linear is ŷ = W·x + b.
type linear struct {
	*parameters
	in *mat.VecDense
}

func newLinear(p *parameters, inputs int) *linear {
	return &linear{p, mat.NewVecDense(inputs, nil)}
}

func (l *linear) forward(in []float64) []float64 {
	copy(l.in.RawVector().Data, in)
	out := mat.NewVecDense(len(l.biases), append([]float64(nil), l.biases...))
	var product mat.VecDense
	product.MulVec(l.weights, l.in)
	out.AddVec(out, &product)
	return out.RawVector().Data
}

func (l *linear) backward(delta []float64) []float64 {
	d := mat.NewVecDense(len(delta), delta)
	l.gradient.RankOne(l.gradient, 1, d, l.in)
	for i, v := range delta {
		l.slope[i] += v
	}
	var below mat.VecDense
	below.MulVec(l.weights.T(), d)
	return below.RawVector().Data
}

// convolution is a matrix product: every place of the output is a column of the
// input's values under the kernel there.
type convolution struct {
	*parameters
	kernel  cmnist.Convolution
	in, out cmnist.Shape
	columns *mat.Dense // values under the kernel × places
}

func newConvolution(p *parameters, kernel cmnist.Convolution, in, out cmnist.Shape) *convolution {
	return &convolution{p, kernel, in, out, mat.NewDense(in.Channels*kernel.Height*kernel.Width, out.Height*out.Width, nil)}
}

// each calls back with every value under the kernel at every place: its row and
// column in columns, and where it is in the input.
func (c *convolution) each(do func(row, column, at int)) {
	row := 0
	for channel := range c.in.Channels {
		for a := range c.kernel.Height {
			for b := range c.kernel.Width {
				for y := range c.out.Height {
					for x := range c.out.Width {
						do(row, y*c.out.Width+x, (channel*c.in.Height+y+a)*c.in.Width+x+b)
					}
				}
				row++
			}
		}
	}
}

func (c *convolution) forward(in []float64) []float64 {
	c.each(func(row, column, at int) { c.columns.Set(row, column, in[at]) })
	var out mat.Dense
	out.Mul(c.weights, c.columns)
	for channel, bias := range c.biases {
		row := out.RawRowView(channel)
		for i := range row {
			row[i] += bias
		}
	}
	return out.RawMatrix().Data
}

func (c *convolution) backward(delta []float64) []float64 {
	d := mat.NewDense(c.out.Channels, c.out.Height*c.out.Width, delta)
	var gradient, columns mat.Dense
	gradient.Mul(d, c.columns.T())
	c.gradient.Add(c.gradient, &gradient)
	for channel := range c.slope {
		for _, v := range d.RawRowView(channel) {
			c.slope[channel] += v
		}
	}
	columns.Mul(c.weights.T(), d)
	below := make([]float64, c.in.Size())
	c.each(func(row, column, at int) { below[at] += columns.At(row, column) })
	return below
}

// relu is max(0, x). Its slope at 0 is taken to be 0.
type relu struct{ out []float64 }

func (r *relu) forward(in []float64) []float64 {
	r.out = make([]float64, len(in))
	for i, v := range in {
		if v > 0 || v != v {
			r.out[i] = v
		}
	}
	return r.out
}

func (r *relu) backward(delta []float64) []float64 {
	below := make([]float64, len(delta))
	for i, v := range r.out {
		if v > 0 {
			below[i] = delta[i]
		}
	}
	return below
}

func (r *relu) step(float64, float64) {}

// parameters returns those of a layer that has any.
func (t *tower) parameters(l int) *parameters {
	switch v := t.layers[l].(type) {
	case *linear:
		return v.parameters
	case *convolution:
		return v.parameters
	}
	return nil
}
