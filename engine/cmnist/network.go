package cmnist

import (
	"errors"
	"fmt"
	"strings"
)

// A Network is a list of towers that share the image. Their output blocks do not
// overlap, so each tower has a squared error of its own and learns apart.
type Network struct {
	Name   string // for messages
	Towers []Tower
}

// A Tower is a module: the whole image, then layers, then a linear layer that
// writes an output block.
type Tower struct {
	Writes Block
	Layers []Layer
}

// A Layer is one layer of a tower: a convolution, a linear layer, or ReLU, which
// is the layer with neither.
type Layer struct {
	Convolution *Convolution
	Linear      int // units; 0: none
}

// A Convolution slides Channels kernels of Height × Width over its input, each
// through all channels of it, by one pixel at a time and never over the edge.
type Convolution struct {
	Channels int
	Height   int
	Width    int
}

// ReLU is the layer max(0, x).
var ReLU = Layer{}

// String returns a layer as the paper writes it: "32@9×27", "relu", "100".
func (l Layer) String() string {
	switch {
	case l.Convolution != nil:
		return fmt.Sprintf("%d@%d×%d", l.Convolution.Channels, l.Convolution.Height, l.Convolution.Width)
	case l.Linear != 0:
		return fmt.Sprint(l.Linear)
	}
	return "relu"
}

// tower is the paper's stack of three convolutions for a number of digits. The
// paper's kernels, 9 × 27, 7 × 21 and 5 × 15 for three digits, are as many times
// wider than high as the image has digits, and so they are here.
func tower(writes Block, channels, digits int) Tower {
	t := Tower{Writes: writes}
	for _, side := range []int{9, 7, 5} {
		t.Layers = append(t.Layers, Layer{Convolution: &Convolution{channels, side, side * digits}}, ReLU)
	}
	return t
}

// Dense returns the paper's dense network: one tower of 32 channels that writes
// both blocks.
func Dense(digits int) Network {
	return Network{Name: "dense", Towers: []Tower{tower(BothBlocks, 32, digits)}}
}

// Split returns the paper's split network: a tower of 16 channels for each block.
func Split(digits int) Network {
	return Network{Name: "split", Towers: []Tower{
		tower(CompositionalBlock, 16, digits), tower(NonCompositionalBlock, 16, digits),
	}}
}

// Check returns an error that names the first thing in the network that cannot be
// built for a composition.
func (n Network) Check(c Composition) error {
	if len(n.Towers) == 0 {
		return fmt.Errorf("the network %q has no towers", n.Name)
	}
	written := map[Block]int{}
	for i, t := range n.Towers {
		blocks := []Block{t.Writes}
		switch t.Writes {
		case BothBlocks:
			blocks = []Block{CompositionalBlock, NonCompositionalBlock}
		case CompositionalBlock, NonCompositionalBlock:
		default:
			return fmt.Errorf("tower %d of the network %q writes %q, but must write %s, %s or %s", i+1, n.Name, t.Writes, BothBlocks, CompositionalBlock, NonCompositionalBlock)
		}
		for _, b := range blocks {
			if before := written[b]; before > 0 {
				return fmt.Errorf("towers %d and %d of the network %q both write the %s outputs, but each output has one tower", before, i+1, n.Name, b)
			}
			written[b] = i + 1
		}
		if _, err := t.Shapes(c); err != nil {
			return fmt.Errorf("tower %d of the network %q: %w", i+1, n.Name, err)
		}
	}
	return nil
}

// A Shape is the output of a layer for one image: channels of height × width
// values. A linear layer's units are channels of a single value.
type Shape struct{ Channels, Height, Width int }

// Size returns the number of values.
func (s Shape) Size() int { return s.Channels * s.Height * s.Width }

// MaxValues bounds the values of one layer for one image, and the weights of one
// layer: 2²⁸ are a gibibyte in float32.
const MaxValues = 1 << 28

// All returns the tower's layers and the linear layer that writes its block.
func (t Tower) All(c Composition) []Layer {
	return append(append(make([]Layer, 0, len(t.Layers)+1), t.Layers...), Layer{Linear: c.Outputs(t.Writes)})
}

// Shapes returns what the image and each layer of the tower put out, the last
// being the output block: one more than the layers, and one for the linear layer
// that writes the block. A linear layer reads its input as one row of values,
// channel after channel, row after row.
func (t Tower) Shapes(c Composition) ([]Shape, error) {
	shapes := []Shape{{1, c.Height(), c.Width()}}
	if len(t.Layers) > MaxLayers {
		return nil, fmt.Errorf("it has %d layers, but may have at most %d", len(t.Layers), MaxLayers)
	}
	for i, l := range t.All(c) {
		in := shapes[len(shapes)-1]
		out, err := l.shape(in)
		if err != nil {
			return nil, fmt.Errorf("layer %d (%v): %w", i+1, l, err)
		}
		if weights := l.weights(in); weights > MaxValues || out.Size() > MaxValues {
			return nil, fmt.Errorf("layer %d (%v) has %d weights and %d values, but may have at most %d of each", i+1, l, weights, out.Size(), MaxValues)
		}
		shapes = append(shapes, out)
	}
	return shapes, nil
}

// shape returns what the layer puts out for an input.
func (l Layer) shape(in Shape) (Shape, error) {
	switch v := l.Convolution; {
	case v != nil && l.Linear != 0:
		return in, errors.New("it is both a convolution and linear, but must be one of them")
	case v != nil:
		if v.Channels < 1 || v.Height < 1 || v.Width < 1 || v.Channels > MaxValues {
			return in, fmt.Errorf("channels, height and width must be 1 to %d", MaxValues)
		}
		out := Shape{v.Channels, in.Height - v.Height + 1, in.Width - v.Width + 1}
		if out.Height < 1 || out.Width < 1 {
			return in, fmt.Errorf("its kernel does not fit into the %d × %d values that it reads", in.Height, in.Width)
		}
		return out, nil
	case l.Linear < 0 || l.Linear > MaxValues:
		return in, fmt.Errorf("it has %d units, but must have 1 to %d", l.Linear, MaxValues)
	case l.Linear > 0:
		return Shape{l.Linear, 1, 1}, nil
	}
	return in, nil // ReLU
}

// weights returns the number of the layer's weights, biases aside.
func (l Layer) weights(in Shape) int {
	switch {
	case l.Convolution != nil:
		return l.Convolution.Channels * in.Channels * l.Convolution.Height * l.Convolution.Width
	case l.Linear > 0:
		return l.Linear * in.Size()
	}
	return 0
}

// String returns the network in one line.
func (n Network) String() string {
	var towers []string
	for _, t := range n.Towers {
		var layers []string
		for _, l := range t.Layers {
			layers = append(layers, l.String())
		}
		towers = append(towers, strings.Join(append(layers, string(t.Writes)), " → "))
	}
	return fmt.Sprintf("%s: %s", n.Name, strings.Join(towers, "; "))
}
