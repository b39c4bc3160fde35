package images

import (
	"fmt"
	"slices"
	"strings"

	"modspec/engine/cmnist"
	"modspec/engine/number"
)

// Text returns the one form of a network's towers: those of the paper by name, others
// as "layer>…>block;…", a layer being "channels@height x width" without spaces, "relu"
// or a number of units.
func Text(n cmnist.Network, digits int) string {
	text := written(n)
	switch text {
	case written(cmnist.Dense(digits)):
		return dense
	case written(cmnist.Split(digits)):
		return split
	}
	return text
}

// written returns the towers layer by layer.
func written(n cmnist.Network) string {
	var towers []string
	for _, t := range n.Towers {
		var parts []string
		for _, l := range t.Layers {
			parts = append(parts, strings.ReplaceAll(l.String(), "×", "x"))
		}
		towers = append(towers, strings.Join(append(parts, string(t.Writes)), ">"))
	}
	return strings.Join(towers, ";")
}

// parse reads what Text writes; spaces and × for x are allowed. Whether the network can
// be built depends on the number of digits and is not checked.
func parse(text string, digits int) (cmnist.Network, error) {
	switch text = strings.Join(strings.Fields(text), ""); text {
	case dense:
		return cmnist.Dense(digits), nil
	case split:
		return cmnist.Split(digits), nil
	}
	n := cmnist.Network{Name: custom}
	for i, tower := range strings.Split(text, ";") {
		parts := strings.Split(tower, ">")
		last := len(parts) - 1
		t := cmnist.Tower{Writes: cmnist.Block(parts[last])}
		if !slices.Contains(cmnist.Blocks, t.Writes) {
			return n, fmt.Errorf("%q is no architecture (dense, split or towers such as 16@9x27>relu>100>both): tower %d must end with the block that it writes: both, compositional or non-compositional", text, i+1)
		}
		for _, part := range parts[:last] {
			l, err := layer(part)
			if err != nil {
				return n, fmt.Errorf("tower %d: %w", i+1, err)
			}
			t.Layers = append(t.Layers, l)
		}
		n.Towers = append(n.Towers, t)
	}
	return n, nil
}

func layer(text string) (cmnist.Layer, error) {
	if text == cmnist.ReLU.String() {
		return cmnist.ReLU, nil
	}
	bad := fmt.Errorf("the layer %q must be relu, a number of units, or channels@height x width as in 16@9x27", text)
	size := func(text string) int {
		v, err := number.Whole(text, 1, cmnist.MaxValues)
		if err != nil {
			return 0
		}
		return int(v)
	}
	channels, window, convolution := strings.Cut(strings.ReplaceAll(text, "×", "x"), "@")
	if !convolution {
		if n := size(text); n > 0 {
			return cmnist.Layer{Linear: n}, nil
		}
		return cmnist.Layer{}, bad
	}
	height, width, _ := strings.Cut(window, "x")
	c := cmnist.Convolution{Channels: size(channels), Height: size(height), Width: size(width)}
	if c.Channels == 0 || c.Height == 0 || c.Width == 0 {
		return cmnist.Layer{}, bad
	}
	return cmnist.Layer{Convolution: &c}, nil
}
