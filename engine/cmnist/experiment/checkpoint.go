package experiment

import (
	"fmt"
	"strconv"

	"modspec/engine/cmnist"
	"modspec/engine/safetensors"
)

// The names that tensors have: those of the parameters, as PyTorch would give them
// to a list of towers of layers, and the same below "velocity." for momentum.
func tensorName(tower, layer int, what string) string {
	return fmt.Sprintf("towers.%d.layers.%d.%s", tower, layer, what)
}

// velocityPrefix marks the tensors that belong to momentum.
const velocityPrefix = "velocity."

// epochKey is where a checkpoint's metadata has its epoch.
const epochKey = "epoch"

// writeCheckpoint keeps a checkpoint. Weights of a convolution are channels ×
// channels below × height × width, of a linear layer units × inputs: what PyTorch's
// layers of these kinds load as they are.
func writeCheckpoint(path string, c *cmnist.Checkpoint, n cmnist.Network, composition cmnist.Composition, double bool) error {
	f := safetensors.File{
		Double: double, Tensors: map[string]safetensors.Tensor{},
		Metadata: map[string]string{epochKey: strconv.Itoa(c.Epoch), "network": n.String()},
	}
	for prefix, p := range map[string]cmnist.Parameters{"": c.Parameters, velocityPrefix: c.Velocity} {
		for t := range p {
			shapes, err := n.Towers[t].Shapes(composition)
			if err != nil {
				return err
			}
			for l, layer := range n.Towers[t].All(composition) {
				if len(p[t][l].Weights) == 0 {
					continue
				}
				shape := []int{layer.Linear, shapes[l].Size()}
				if v := layer.Convolution; v != nil {
					shape = []int{v.Channels, shapes[l].Channels, v.Height, v.Width}
				}
				f.Tensors[prefix+tensorName(t, l, "weight")] = safetensors.Tensor{Shape: shape, Data: p[t][l].Weights}
				f.Tensors[prefix+tensorName(t, l, "bias")] = safetensors.Tensor{Shape: []int{len(p[t][l].Biases)}, Data: p[t][l].Biases}
			}
		}
	}
	return safetensors.Write(path, f)
}

// readCheckpoint reads what writeCheckpoint wrote for the same network.
func readCheckpoint(path string, n cmnist.Network, composition cmnist.Composition) (*cmnist.Checkpoint, error) {
	f, err := safetensors.Read(path)
	if err != nil {
		return nil, err
	}
	c := &cmnist.Checkpoint{}
	if c.Epoch, err = strconv.Atoi(f.Metadata[epochKey]); err != nil {
		return nil, fmt.Errorf("%s: its epoch is %q, but must be a number; it is no checkpoint of modspec", path, f.Metadata[epochKey])
	}
	if c.Parameters, err = fromTensors(f, "", n, composition); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if _, moving := f.Tensors[velocityPrefix+firstTensor(n, composition)]; moving {
		if c.Velocity, err = fromTensors(f, velocityPrefix, n, composition); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return c, nil
}

// firstTensor returns the name of the first weights of a network.
func firstTensor(n cmnist.Network, composition cmnist.Composition) string {
	for l, layer := range n.Towers[0].All(composition) {
		if layer.Convolution != nil || layer.Linear > 0 {
			return tensorName(0, l, "weight")
		}
	}
	return ""
}

func fromTensors(f safetensors.File, prefix string, n cmnist.Network, composition cmnist.Composition) (cmnist.Parameters, error) {
	p, err := cmnist.Zero(n, composition)
	if err != nil {
		return nil, err
	}
	for t := range p {
		for l := range p[t] {
			if len(p[t][l].Weights) > 0 {
				p[t][l].Weights = f.Tensors[prefix+tensorName(t, l, "weight")].Data
				p[t][l].Biases = f.Tensors[prefix+tensorName(t, l, "bias")].Data
			}
		}
	}
	return p, p.Check(n, composition)
}
