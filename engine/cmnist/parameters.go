package cmnist

import (
	"fmt"
	"math"

	"modspec/engine/random"
)

// Parameters are the weights and biases of a network: of each tower, of each
// layer, the layer that writes the output block last.
type Parameters [][]LayerParameters

// LayerParameters are those of one layer; ReLU has none. Weights are, for a
// convolution, channels × (channels of the input × height × width of the kernel),
// and for a linear layer units × inputs, row after row. Biases are one a channel
// or unit. A convolution does not turn its kernel round: output (y, x) is the
// sum of kernel (a, b) times input (y + a, x + b).
type LayerParameters struct {
	Weights, Biases []float64
}

// layersPerTower is how the random layers of a network are numbered: layer l of
// tower t draws its weights from layer t·layersPerTower + 2l and its biases from
// the one after that.
const layersPerTower = 1 << 10

// InitialLayer is the number of the random layer from which the weights of layer l of
// tower t are drawn; the one after it is that of the biases.
func InitialLayer(t, l int) uint32 { return uint32(t*layersPerTower + 2*l) }

// MaxLayers bounds the layers of a tower.
const MaxLayers = layersPerTower/2 - 1

// Initial draws the initial parameters of a network that has passed Check:
// independent normals of standard deviation scale, biases too, as the paper has
// them. They are a function of the stream and the network's shape alone.
func Initial(n Network, c Composition, stream random.Stream, scale float64) (Parameters, error) {
	return build(n, c, func(layer uint32, dst []float64) {
		stream.Normals(dst, layer)
		for i := range dst {
			dst[i] *= scale
		}
	})
}

// Zero returns parameters of a network that are all 0.
func Zero(n Network, c Composition) (Parameters, error) {
	return build(n, c, func(uint32, []float64) {})
}

func build(n Network, c Composition, fill func(layer uint32, dst []float64)) (Parameters, error) {
	p := make(Parameters, len(n.Towers))
	for t, tower := range n.Towers {
		shapes, err := tower.Shapes(c)
		if err != nil {
			return nil, err
		}
		for l, layer := range tower.All(c) {
			var out LayerParameters
			if size := layer.weights(shapes[l]); size > 0 {
				out.Weights, out.Biases = make([]float64, size), make([]float64, shapes[l+1].Channels)
				first := InitialLayer(t, l)
				fill(first, out.Weights)
				fill(first+1, out.Biases)
			}
			p[t] = append(p[t], out)
		}
	}
	return p, nil
}

// Clone returns a copy that shares no memory.
func (p Parameters) Clone() Parameters {
	out := make(Parameters, len(p))
	for t := range p {
		for _, l := range p[t] {
			out[t] = append(out[t], LayerParameters{append([]float64(nil), l.Weights...), append([]float64(nil), l.Biases...)})
		}
	}
	return out
}

// Check returns an error unless the parameters are finite and have the shapes of a
// network that has passed Check.
func (p Parameters) Check(n Network, c Composition) error {
	want, err := Zero(n, c)
	if err != nil {
		return err
	}
	if len(p) != len(want) {
		return fmt.Errorf("there are parameters for %d towers, but the network %q has %d", len(p), n.Name, len(want))
	}
	for t := range want {
		if len(p[t]) != len(want[t]) {
			return fmt.Errorf("tower %d has parameters for %d layers, but must have for %d", t+1, len(p[t]), len(want[t]))
		}
		for l := range want[t] {
			got, want := p[t][l], want[t][l]
			if len(got.Weights) != len(want.Weights) || len(got.Biases) != len(want.Biases) {
				return fmt.Errorf("layer %d of tower %d has %d weights and %d biases, but must have %d and %d",
					l+1, t+1, len(got.Weights), len(got.Biases), len(want.Weights), len(want.Biases))
			}
			for _, list := range [][]float64{got.Weights, got.Biases} {
				for _, v := range list {
					if math.IsNaN(v) || math.IsInf(v, 0) {
						return fmt.Errorf("layer %d of tower %d holds %v, but must be finite", l+1, t+1, v)
					}
				}
			}
		}
	}
	return nil
}
