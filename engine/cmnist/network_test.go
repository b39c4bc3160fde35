package cmnist_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"modspec/engine/cmnist"
	"modspec/engine/random"
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
	p, err := cmnist.Zero(cmnist.Dense(3), c)
	if err != nil {
		t.Fatal(err)
	}
	var sizes []int
	for _, l := range p[0] {
		sizes = append(sizes, len(l.Weights), len(l.Biases))
	}
	if want := []int{32 * 9 * 27, 32, 0, 0, 32 * 32 * 7 * 21, 32, 0, 0, 32 * 32 * 5 * 15, 32, 0, 0, 1030 * 32 * 240, 1030}; !slices.Equal(sizes, want) {
		t.Errorf("dense has %v parameters, want %v", sizes, want)
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

// Work counts multiply-adds as one would by hand: for each convolution its kernel
// at every place, for the linear layer its weights, twice more for gradients but
// for the image's.
func TestWorkOfTheDenseNetwork(t *testing.T) {
	conv1, conv2 := 32*9*27*20*58, 32*32*7*21*14*38
	conv3, linear := 32*32*5*15*10*24, 1030*32*240
	want := float64(2 * (2*conv1 + 3*(conv2+conv3+linear)))
	got, err := cmnist.Dense(3).Work(cmnist.Paper())
	if err != nil || got != want {
		t.Errorf("an image takes %v operations (%v), want %v", got, err, want)
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

// Every layer draws from a random layer of its own, and the draws do not depend on
// the towers beside it.
func TestInitialParameters(t *testing.T) {
	c := cmnist.Composition{Digits: 2, R: 1}
	s := random.Stream{Seed: 5, Point: 9}
	p, err := cmnist.Initial(cmnist.Split(2), c, s, 0.01)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[float64]bool{}
	for tower := range p {
		for l, layer := range p[tower] {
			for i, list := range [][]float64{layer.Weights, layer.Biases} {
				want := make([]float64, len(list))
				s.Normals(want, uint32(tower*1024+2*l+i))
				for j := range want {
					if list[j] != want[j]*0.01 {
						t.Fatalf("tower %d, layer %d: parameter %d is %v, want %v", tower, l, j, list[j], want[j]*0.01)
					}
					if j == 0 && seen[list[j]] {
						t.Errorf("tower %d, layer %d starts like another layer", tower, l)
					}
				}
				if len(list) > 0 {
					seen[list[0]] = true
				}
			}
		}
	}
}

func TestParametersCheck(t *testing.T) {
	c, n := cmnist.Composition{Digits: 2, R: 1}, cmnist.Split(2)
	for _, f := range []struct {
		what  string
		spoil func(p cmnist.Parameters) cmnist.Parameters
		want  string
	}{
		{"a tower less", func(p cmnist.Parameters) cmnist.Parameters { return p[:1] }, "parameters for 1 towers"},
		{"a layer less", func(p cmnist.Parameters) cmnist.Parameters { p[1] = p[1][1:]; return p }, "tower 2 has parameters for 6 layers, but must have for 7"},
		{"weights", func(p cmnist.Parameters) cmnist.Parameters { p[0][0].Weights = nil; return p }, "layer 1 of tower 1 has 0 weights and 16 biases"},
		{"not finite", func(p cmnist.Parameters) cmnist.Parameters { p[0][2].Biases[3] = math.Inf(1); return p }, "layer 3 of tower 1 holds +Inf"},
	} {
		p, err := cmnist.Zero(n, c)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Check(n, c); err != nil {
			t.Fatal(err)
		}
		if err := f.spoil(p).Check(n, c); err == nil || !strings.Contains(err.Error(), f.want) {
			t.Errorf("%s: the error is %v, want one with %q", f.what, err, f.want)
		}
	}
}
