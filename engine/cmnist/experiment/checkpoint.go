package experiment

import (
	"fmt"
	"io"
	"path/filepath"
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

// The texts of a checkpoint: the epoch that it was made after, the identity of its
// experiment, and the name of the file, which says of which run it is.
const (
	epochKey      = "epoch"
	experimentKey = "experiment"
	fileKey       = "file"
)

// tensorsFile is where a session keeps tensors of its experiment.
type tensorsFile struct{ path, experiment string }

// write keeps a checkpoint. Weights of a convolution are channels ×
// channels below × height × width, of a linear layer units × inputs: what PyTorch's
// layers of these kinds load as they are.
func (t tensorsFile) write(c *cmnist.Checkpoint, n cmnist.Network, composition cmnist.Composition, double bool) error {
	f := safetensors.File{
		Double: double, Tensors: map[string]safetensors.Tensor{},
		Metadata: map[string]string{
			epochKey: strconv.Itoa(c.Epoch), "network": n.String(), experimentKey: t.experiment, fileKey: filepath.Base(t.path),
		},
	}
	for prefix, p := range map[string]cmnist.Parameters{"": c.Parameters, velocityPrefix: c.Velocity} {
		for tower := range p {
			shapes, err := n.Towers[tower].Shapes(composition)
			if err != nil {
				return err
			}
			for l, layer := range n.Towers[tower].All(composition) {
				if len(p[tower][l].Weights) == 0 {
					continue
				}
				shape := []int{layer.Linear, shapes[l].Size()}
				if v := layer.Convolution; v != nil {
					shape = []int{v.Channels, shapes[l].Channels, v.Height, v.Width}
				}
				f.Tensors[prefix+tensorName(tower, l, "weight")] = safetensors.Tensor{Shape: shape, Data: p[tower][l].Weights}
				f.Tensors[prefix+tensorName(tower, l, "bias")] = safetensors.Tensor{Shape: []int{len(p[tower][l].Biases)}, Data: p[tower][l].Biases}
			}
		}
	}
	return disk.writeFile(t.path, func(w io.Writer) error { return safetensors.Write(w, f) })
}

// read reads what write wrote for the same run and network. Errors that wrap an
// [fs.PathError] are the system's; any other says why the file is none of this run's.
func (t tensorsFile) read(n cmnist.Network, composition cmnist.Composition) (*cmnist.Checkpoint, error) {
	zero, err := cmnist.Zero(n, composition)
	if err != nil {
		return nil, err
	}
	most := int64(0)
	for _, tower := range zero {
		for _, layer := range tower {
			most += 2 * 8 * int64(len(layer.Weights)+len(layer.Biases)) // and as many of momentum, of 8 bytes
		}
	}
	f, err := safetensors.Read(t.path, most)
	if err != nil {
		return nil, err
	}
	if f.Metadata[experimentKey] != t.experiment || f.Metadata[fileKey] != filepath.Base(t.path) {
		return nil, fmt.Errorf("%s: it is of another experiment or run", t.path)
	}
	c := &cmnist.Checkpoint{}
	if c.Epoch, err = strconv.Atoi(f.Metadata[epochKey]); err != nil {
		return nil, fmt.Errorf("%s: its epoch is %q, but must be a number", t.path, f.Metadata[epochKey])
	}
	if c.Parameters, err = fromTensors(f, "", n, composition); err != nil {
		return nil, fmt.Errorf("%s: %w", t.path, err)
	}
	if _, moving := f.Tensors[velocityPrefix+firstTensor(n, composition)]; moving {
		if c.Velocity, err = fromTensors(f, velocityPrefix, n, composition); err != nil {
			return nil, fmt.Errorf("%s: %w", t.path, err)
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
