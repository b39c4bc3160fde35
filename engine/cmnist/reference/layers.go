package reference

import (
	"gonum.org/v1/gonum/mat"

	"modspec/engine/cmnist"
)

// parameters are a layer's: its weights as a matrix, units above × values below,
// its biases, their gradients and velocities.
type parameters struct {
	weights, gradient      *mat.Dense
	biases, slope          []float64
	velocity, biasVelocity []float64
}

func newParameters(state *cmnist.Checkpoint, t, l int) *parameters {
	own := state.Parameters[t][l]
	p := &parameters{biases: own.Biases, slope: make([]float64, len(own.Biases))}
	if len(own.Biases) > 0 {
		below := len(own.Weights) / len(own.Biases)
		p.weights = mat.NewDense(len(own.Biases), below, own.Weights)
		p.gradient = mat.NewDense(len(own.Biases), below, nil)
	}
	if state.Velocity != nil {
		p.velocity, p.biasVelocity = state.Velocity[t][l].Weights, state.Velocity[t][l].Biases
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
