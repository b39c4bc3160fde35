package cmnist

import (
	"slices"

	"modspec/engine/yamlfile"
)

// NetworkFileExample is the YAML of a network. The linear layer that writes the block
// is not named; every tower ends with it.
const NetworkFileExample = `  name: two towers
  towers:
    - writes: compositional        # or non-compositional, or both
      layers:
        - conv: {channels: 16, height: 9, width: 27}
        - relu
        - linear: 100
    - writes: non-compositional
      layers: []`

// networkFile is what messages call a file such as [NetworkFileExample].
const networkFile yamlfile.Kind = "network file"

// ReadNetwork reads a network from a YAML file. What is wrong in the file is of
// type [yamlfile.Faults]. The network has not been checked for a composition.
func ReadNetwork(path string) (Network, error) {
	y, err := networkFile.Read(path)
	if err != nil {
		return Network{}, err
	}
	return readNetwork(y)
}

// ParseNetwork reads a network from the text of a file, which faults call by name.
func ParseNetwork(name string, data []byte) (Network, error) {
	y, err := networkFile.Parse(name, data)
	if err != nil {
		return Network{}, err
	}
	return readNetwork(y)
}

func readNetwork(y *yamlfile.Reader) (Network, error) {
	r := reader{y}
	n := r.network()
	if err := r.Err(); err != nil {
		return Network{}, err
	}
	return n, nil
}

// reader reads a network from a file's tree.
type reader struct{ *yamlfile.Reader }

func (r reader) network() Network {
	var n Network
	switch r.Root.Kind {
	case yamlfile.Mapping:
	case yamlfile.Empty:
		r.Fault(nil, "the file is empty; a network file needs a name and towers")
		return n
	default:
		r.Fault(r.Root, "a network file has the keys name and towers, but this is %s", r.Root.Describe())
		return n
	}
	keys := r.Keys(r.Root, "key", []string{"name", "towers"}, nil)
	if e, ok := keys["name"]; !ok {
		r.Fault(r.Root, "the network has no name; add name: and a word for it")
	} else if n.Name, ok = r.Word(e); ok && n.Name == "" {
		r.Fault(e.Value, "the name is empty; write a word for it")
	}
	if e, ok := keys["towers"]; ok {
		for _, item := range r.list(e) {
			n.Towers = append(n.Towers, r.tower(item))
		}
	}
	return n
}

// list returns the items of an entry's list.
func (r reader) list(e yamlfile.Entry) []*yamlfile.Node {
	if e.Value.Kind != yamlfile.List {
		r.Fault(e.Value, "%s is %s, but must be a list; [] is an empty one", e.Key.Text, e.Value.Describe())
	}
	return e.Value.Items
}

func (r reader) tower(at *yamlfile.Node) Tower {
	var t Tower
	if at.Kind != yamlfile.Mapping {
		r.Fault(at, "a tower has the keys writes and layers, but this is %s", at.Describe())
		return t
	}
	keys := r.Keys(at, "key of a tower", []string{"writes", "layers"}, nil)
	blocks := []string{string(BothBlocks), string(CompositionalBlock), string(NonCompositionalBlock)}
	if e, ok := keys["writes"]; !ok {
		r.Fault(at, "the tower has no writes; add writes: %s, %s or %s", blocks[0], blocks[1], blocks[2])
	} else if word, ok := r.Word(e); ok {
		if !slices.Contains(blocks, word) {
			r.Unknown(e.Value, "block", blocks)
		}
		t.Writes = Block(word)
	}
	if e, ok := keys["layers"]; ok {
		for _, item := range r.list(e) {
			t.Layers = append(t.Layers, r.layer(item))
		}
	}
	return t
}

const layerForms = "relu, conv: {channels: …, height: …, width: …} or linear: units"

func (r reader) layer(at *yamlfile.Node) Layer {
	if at.Kind == yamlfile.Scalar && at.Text == "relu" {
		return ReLU
	}
	if at.Kind != yamlfile.Mapping {
		r.Fault(at, "a layer is %s, but must be %s", at.Describe(), layerForms)
		return ReLU
	}
	keys := r.Keys(at, "kind of layer", []string{"relu", "conv", "linear"}, nil)
	conv, isConv := keys["conv"]
	linear, isLinear := keys["linear"]
	switch {
	case isConv && isLinear || len(at.Entries) != 1:
		r.Fault(at, "a layer must be one of %s", layerForms)
	case isConv:
		return Layer{Convolution: r.convolution(conv)}
	case isLinear:
		return Layer{Linear: r.size(linear)}
	case len(keys) > 0:
		r.Fault(at, "relu has no sizes; write the word alone")
	}
	return ReLU
}

func (r reader) convolution(e yamlfile.Entry) *Convolution {
	var c Convolution
	if e.Value.Kind != yamlfile.Mapping {
		r.Fault(e.Value, "conv is %s, but must be {channels: …, height: …, width: …}", e.Value.Describe())
		return &c
	}
	sizes := []string{"channels", "height", "width"}
	keys := r.Keys(e.Value, "size of conv", sizes, nil)
	for i, to := range []*int{&c.Channels, &c.Height, &c.Width} {
		if size, ok := keys[sizes[i]]; ok {
			*to = r.size(size)
		} else {
			r.Fault(e.Value, "conv has no %s; write conv: {channels: …, height: …, width: …}", sizes[i])
		}
	}
	return &c
}

// size reads a number of units, channels or pixels.
func (r reader) size(e yamlfile.Entry) int {
	n, err := yamlfile.Whole(e.Value, 1, MaxValues)
	if err != nil {
		r.Fault(e.Value, "%s %v", e.Key.Text, err)
	}
	return n
}
