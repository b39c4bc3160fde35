package cmnist_test

import (
	"slices"
	"strings"
	"testing"

	"modspec/engine/cmnist"
)

// The paper's networks: 28 × 84 pixels go through kernels of 9 × 27, 7 × 21 and
// 5 × 15 to 10 × 24 places.
func TestThePaperNetworks(t *testing.T) {
	c := cmnist.Paper()
	shapes, err := cmnist.Dense(3).Towers[0].Shapes(c)
	if err != nil {
		t.Fatal(err)
	}
	want := []cmnist.Shape{{1, 28, 84}, {32, 20, 58}, {32, 20, 58}, {32, 14, 38}, {32, 14, 38}, {32, 10, 24}, {32, 10, 24}, {1030, 1, 1}}
	if !slices.Equal(shapes, want) {
		t.Errorf("dense puts out %v, want %v", shapes, want)
	}
	split := cmnist.Split(3)
	for i, outputs := range []int{30, 1000} {
		shapes, err := split.Towers[i].Shapes(c)
		if err != nil || shapes[len(shapes)-1].Size() != outputs || shapes[1].Channels != 16 {
			t.Errorf("split's tower %d puts out %v (%v)", i+1, shapes, err)
		}
	}
	for digits := 2; digits <= cmnist.MaxDigits; digits++ {
		for _, n := range []cmnist.Network{cmnist.Dense(digits), cmnist.Split(digits)} {
			if err := n.Check(cmnist.Composition{Digits: digits, R: 10}); err != nil {
				t.Errorf("%d digits: %v", digits, err)
			}
		}
	}
}

func TestNetworkCheckNamesWhatIsWrong(t *testing.T) {
	conv := func(channels, height, width int) cmnist.Layer {
		return cmnist.Layer{Convolution: &cmnist.Convolution{Channels: channels, Height: height, Width: width}}
	}
	one := func(writes cmnist.Block, layers ...cmnist.Layer) []cmnist.Tower {
		return []cmnist.Tower{{Writes: writes, Layers: layers}}
	}
	for _, c := range []struct {
		what   string
		towers []cmnist.Tower
		want   string
	}{
		{"no towers", nil, `the network "mine" has no towers`},
		{"unknown block", one("neither"), `tower 1 of the network "mine" writes "neither", but must write both, compositional or non-compositional`},
		{"overlap", append(one(cmnist.BothBlocks), one(cmnist.CompositionalBlock)...), `towers 1 and 2 of the network "mine" both write the compositional outputs`},
		{"kernel too high", one(cmnist.BothBlocks, conv(4, 29, 3)), `layer 1 (4@29×3): its kernel does not fit into the 28 × 84 values`},
		{"kernel after linear", one(cmnist.BothBlocks, cmnist.Layer{Linear: 10}, conv(4, 2, 1)), "layer 2 (4@2×1): its kernel does not fit into the 1 × 1 values"},
		{"no channels", one(cmnist.BothBlocks, conv(0, 3, 3)), "channels, height and width must be 1 to 268435456"},
		{"no width", one(cmnist.BothBlocks, conv(2, 3, 0)), "must be 1 to"},
		{"negative units", one(cmnist.BothBlocks, cmnist.Layer{Linear: -2}), "it has -2 units"},
		{"both kinds", one(cmnist.BothBlocks, cmnist.Layer{Linear: 2, Convolution: conv(1, 1, 1).Convolution}), "both a convolution and linear"},
		{"too large", one(cmnist.BothBlocks, cmnist.Layer{Linear: 1 << 20}), "weights and 1048576 values, but may have at most"},
		{"too deep", one(cmnist.BothBlocks, make([]cmnist.Layer, cmnist.MaxLayers+1)...), "it has 512 layers, but may have at most 511"},
	} {
		err := cmnist.Network{Name: "mine", Towers: c.towers}.Check(cmnist.Paper())
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, want one with %q", c.what, err, c.want)
		}
	}
}
