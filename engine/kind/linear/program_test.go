package linear_test

import (
	"math"
	"slices"
	"testing"

	"modspec/engine/backend/reference"
	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/program"
	"modspec/engine/random"
)

// TestProgramDrawsInitialWeights: equal bits, also of the last of the most modules, whose
// draws have the largest numbers.
func TestProgramDrawsInitialWeights(t *testing.T) {
	p := dataset.NewPoint(2, 2, 1, 1, 1, 1)
	arch := network.Architecture{Name: "custom"}
	for range network.MaxModules {
		arch.Modules = append(arch.Modules, network.Module{Reads: dataset.Both, Writes: dataset.Gamma, Hidden: []int{3, 2}})
	}
	c := linear.Copy{Task: &linear.Task{Point: p}, Stream: random.Stream{Seed: 3, Point: 1 << 40}, InitScale: 0.37}
	want, err := network.Initial(arch, p, c.Stream, c.InitScale)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := c.Program(arch)
	if err != nil {
		t.Fatal(err)
	}
	m, err := reference.NewMachine(tr, c.Run())
	if err != nil {
		t.Fatal(err)
	}
	got := m.Place().Variables
	for k, layers := range want.Modules {
		for l, layer := range layers {
			a, b := layer.RawMatrix().Data, got[0]
			got = got[1:]
			for i := range a {
				if math.Float64bits(a[i]) != math.Float64bits(b[i]) {
					t.Fatalf("%s: weight %d is %v, want %v", linear.LayerName(k, l, len(layers)), i, b[i], a[i])
				}
			}
		}
	}
}

// TestCopiesOfOneShapeShareAProgram: what copies may differ in without having programs
// of their own is in their settings.
func TestCopiesOfOneShapeShareAProgram(t *testing.T) {
	one := linear.Copy{
		Task: &linear.Task{Point: dataset.Point{Bits: 3, InputBits: []int{0, 1}, OutputBits: []int{1}, KX: 2, KY: 1, R: 1}, Batch: 3},
		Rule: network.Rule{Beta: 0.1, Gamma: 0.2}, LearningRate: 0.1, InitScale: 0.2, Stream: random.Stream{Seed: 1},
	}
	other := linear.Copy{
		Task: &linear.Task{Point: dataset.Point{Bits: 3, InputBits: []int{0, 2}, OutputBits: []int{2}, KX: 2, KY: 1, R: 2}, Batch: 3},
		Rule: network.Rule{Beta: 0.3, Gamma: -0.2}, LearningRate: 0.3, InitScale: 0.4, Stream: random.Stream{Seed: 2},
	}
	text := func(c *linear.Copy) string {
		tr, err := c.Program(network.Dense(4, 3))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []*program.Program{tr.Start, tr.Step, tr.Observe} {
			for i := range p.Nodes {
				p.Nodes[i].Data = nil // written by address
			}
		}
		return tr.Start.String() + tr.Step.String() + tr.Observe.String()
	}
	if a, b := text(&one), text(&other); a != b {
		t.Errorf("the programs differ:\n%s\n%s", a, b)
	}
	if a, b := one.Run(), other.Run(); len(a.Settings) != len(b.Settings) || slices.Equal(a.Settings, b.Settings) {
		t.Errorf("the settings are %v and %v", a.Settings, b.Settings)
	}
}
