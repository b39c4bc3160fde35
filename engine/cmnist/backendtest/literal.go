package backendtest

import "modspec/engine/cmnist"

// literal answers an image by loops over the definition of every layer, one value
// at a time, with nothing shared with any backend.
func literal(n cmnist.Network, c cmnist.Composition, p cmnist.Parameters, x *cmnist.Examples, i int) []float64 {
	out := make([]float64, c.Outputs(cmnist.BothBlocks))
	image := make([]float32, c.Height()*c.Width())
	x.Image(image, i)
	for t, tower := range n.Towers {
		shapes, err := tower.Shapes(c)
		if err != nil {
			panic(err) // the jobs here are good
		}
		values := make([]float64, len(image))
		for at, v := range image {
			values[at] = float64(v)
		}
		for l, layer := range tower.All(c) {
			values = literalLayer(layer, p[t][l], shapes[l], shapes[l+1], values)
		}
		lo, hi := c.Range(tower.Writes)
		copy(out[lo:hi], values)
	}
	return out
}

func literalLayer(l cmnist.Layer, p cmnist.LayerParameters, in, out cmnist.Shape, values []float64) []float64 {
	result := make([]float64, out.Size())
	switch v := l.Convolution; {
	case v != nil:
		for channel := range out.Channels {
			for y := range out.Height {
				for x := range out.Width {
					sum := p.Biases[channel]
					for from := range in.Channels {
						for a := range v.Height {
							for b := range v.Width {
								weight := p.Weights[((channel*in.Channels+from)*v.Height+a)*v.Width+b]
								sum += weight * values[(from*in.Height+y+a)*in.Width+x+b]
							}
						}
					}
					result[(channel*out.Height+y)*out.Width+x] = sum
				}
			}
		}
	case l.Linear > 0:
		for unit := range result {
			result[unit] = p.Biases[unit]
			for j, v := range values {
				result[unit] += p.Weights[unit*len(values)+j] * v
			}
		}
	default:
		for j, v := range values {
			result[j] = max(v, 0)
		}
	}
	return result
}

// literalLoss is the loss of a batch: the squared error summed over the outputs,
// averaged over the images.
func literalLoss(n cmnist.Network, c cmnist.Composition, p cmnist.Parameters, x *cmnist.Examples, batch []int) float64 {
	sum := 0.0
	for _, i := range batch {
		for _, d := range residual(n, c, x, i, literal(n, c, p, x, i)) {
			sum += d * d
		}
	}
	return sum / float64(len(batch))
}

// residual returns the answers less the target, 0 for outputs that no tower
// writes.
func residual(n cmnist.Network, c cmnist.Composition, x *cmnist.Examples, i int, answers []float64) []float64 {
	target := make([]float32, len(answers))
	out := make([]float64, len(answers))
	x.Target(target, i, 0, len(target))
	for _, t := range n.Towers {
		lo, hi := c.Range(t.Writes)
		for o := lo; o < hi; o++ {
			out[o] = answers[o] - float64(target[o])
		}
	}
	return out
}

// literalGradient is the gradient of literalLoss, by the chain rule one value at a
// time.
func literalGradient(n cmnist.Network, c cmnist.Composition, p cmnist.Parameters, x *cmnist.Examples, batch []int) cmnist.Parameters {
	gradient, err := cmnist.Zero(n, c)
	if err != nil {
		panic(err) // the jobs here are good
	}
	image := make([]float32, c.Height()*c.Width())
	for _, i := range batch {
		x.Image(image, i)
		all := residual(n, c, x, i, literal(n, c, p, x, i))
		for t, tower := range n.Towers {
			shapes, err := tower.Shapes(c)
			if err != nil {
				panic(err)
			}
			values := [][]float64{make([]float64, len(image))}
			for at, v := range image {
				values[0][at] = float64(v)
			}
			layers := tower.All(c)
			for l, layer := range layers {
				values = append(values, literalLayer(layer, p[t][l], shapes[l], shapes[l+1], values[l]))
			}
			lo, hi := c.Range(tower.Writes)
			delta := make([]float64, hi-lo)
			for o := range delta {
				delta[o] = 2 * all[lo+o] / float64(len(batch))
			}
			for l := len(layers) - 1; l >= 0; l-- {
				delta = literalBackward(layers[l], p[t][l], gradient[t][l], shapes[l], shapes[l+1], values[l], delta)
			}
		}
	}
	return gradient
}

func literalBackward(l cmnist.Layer, p, gradient cmnist.LayerParameters, in, out cmnist.Shape, values, delta []float64) []float64 {
	below := make([]float64, len(values))
	switch v := l.Convolution; {
	case v != nil:
		for at, d := range delta {
			channel, y, x := at/(out.Height*out.Width), at/out.Width%out.Height, at%out.Width
			gradient.Biases[channel] += d
			for from := range in.Channels {
				for a := range v.Height {
					for b := range v.Width {
						weight := ((channel*in.Channels+from)*v.Height+a)*v.Width + b
						value := (from*in.Height+y+a)*in.Width + x + b
						gradient.Weights[weight] += d * values[value]
						below[value] += d * p.Weights[weight]
					}
				}
			}
		}
	case l.Linear > 0:
		for unit, d := range delta {
			gradient.Biases[unit] += d
			for j, v := range values {
				gradient.Weights[unit*len(values)+j] += d * v
				below[j] += d * p.Weights[unit*len(values)+j]
			}
		}
	default:
		for j, v := range values {
			if v > 0 {
				below[j] = delta[j]
			}
		}
	}
	return below
}

// literalTraining makes the steps of an epoch, in the run's own order.
func literalTraining(j *cmnist.Job, run int, state *cmnist.Checkpoint) {
	r := &j.Runs[run]
	order := r.Stream.Permutation(j.Data.Train.Count(), uint32(state.Epoch))
	for start := 0; start < len(order); start += j.Batch {
		batch := order[start:min(start+j.Batch, len(order))]
		gradient := literalGradient(r.Network, j.Data.Composition, state.Parameters, j.Data.Train, batch)
		for t := range gradient {
			for l := range gradient[t] {
				for i := range 2 {
					w, g := state.Parameters[t][l].Weights, gradient[t][l].Weights
					if i == 1 {
						w, g = state.Parameters[t][l].Biases, gradient[t][l].Biases
					}
					var v []float64
					if state.Velocity != nil {
						v = state.Velocity[t][l].Weights
						if i == 1 {
							v = state.Velocity[t][l].Biases
						}
					}
					for k := range w {
						d := g[k]
						if v != nil {
							v[k] = j.Momentum*v[k] + d
							d = v[k]
						}
						w[k] -= j.LearningRate * d
					}
				}
			}
		}
	}
	state.Epoch++
}
