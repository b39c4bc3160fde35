package network

import (
	"fmt"
	"slices"

	"modspec/engine/dataset"
	"modspec/engine/names"
)

// A Module is a part of a network: the blocks it reads and writes and the
// widths of its hidden layers (none for a shallow module).
type Module struct {
	Reads, Writes dataset.Blocks
	Hidden        []int
}

// View returns what theory needs to know of the module.
func (m Module) View() dataset.View { return dataset.View{Reads: m.Reads, Writes: m.Writes} }

// Shape returns the widths of the module's layers of units at a point, from its
// inputs through its hidden layers to its outputs. Layer l of its weights is
// Shape[l+1] × Shape[l].
func (m Module) Shape(p dataset.Point) []int {
	inLo, inHi := p.InputRange(m.Reads)
	outLo, outHi := p.OutputRange(m.Writes)
	shape := append([]int{inHi - inLo}, m.Hidden...)
	return append(shape, outHi-outLo)
}

// An Architecture is a named list of modules.
type Architecture struct {
	Name    string
	Modules []Module
}

// Shallow is one module without hidden layer, ŷ = Wx.
func Shallow() Architecture {
	return Architecture{"shallow", []Module{{Reads: dataset.Both, Writes: dataset.Both}}}
}

// Dense is one module, everything to everything, through the given hidden
// layers.
func Dense(hidden ...int) Architecture {
	return Architecture{"dense", []Module{{dataset.Both, dataset.Both, hidden}}}
}

// Split is output-partitioned: one module for Ω_y and one for Γ_y, each reading
// all of x and with hidden layers of its own.
func Split(hidden ...int) Architecture {
	return Architecture{"split", []Module{
		{dataset.Both, dataset.Omega, hidden},
		{dataset.Both, dataset.Gamma, hidden},
	}}
}

// Partitioned is partitioned by input and output: Ω_x → Ω_y in one module and
// Γ_x → Γ_y in another.
func Partitioned(hidden ...int) Architecture {
	return Architecture{"partitioned", []Module{
		{dataset.Omega, dataset.Omega, hidden},
		{dataset.Gamma, dataset.Gamma, hidden},
	}}
}

// Names are the architectures that [ByName] knows.
var Names = []string{"dense", "shallow", "split", "partitioned"}

// ByName returns a named architecture with the given hidden layers, which the
// shallow one does not have and ignores. The error for an unknown name tells
// the nearest known one.
func ByName(name string, hidden ...int) (Architecture, error) {
	switch name {
	case "dense":
		return Dense(hidden...), nil
	case "shallow":
		return Shallow(), nil
	case "split":
		return Split(hidden...), nil
	case "partitioned":
		return Partitioned(hidden...), nil
	}
	return Architecture{}, names.Unknown("architecture", name, Names)
}

// MaxUnits bounds the width of a hidden layer and MaxDepth the number of hidden
// layers; beyond either lies no linear network that anyone has asked about.
const (
	MaxUnits = 1 << 20
	MaxDepth = 16
)

// At returns the architecture as it is at a point: without the modules that
// would have no input or no output there (a dataset with n_y = 0 has no Ω_y to
// write). It returns an error if no module is left, a module reads or writes
// nothing, or a hidden layer is not 1 to [MaxUnits] wide.
//
// An output block that no remaining module writes stays 0.
func (a Architecture) At(p dataset.Point) (Architecture, error) {
	if err := p.Validate(); err != nil {
		return Architecture{}, err
	}
	out := Architecture{Name: a.Name}
	for i, m := range a.Modules {
		if m.Reads == dataset.None || m.Writes == dataset.None {
			return Architecture{}, fmt.Errorf("module %d reads %s and writes %s, but must read and write at least one block", i+1, m.Reads, m.Writes)
		}
		if len(m.Hidden) > MaxDepth {
			return Architecture{}, fmt.Errorf("module %d has %d hidden layers, but may have at most %d", i+1, len(m.Hidden), MaxDepth)
		}
		for _, h := range m.Hidden {
			if h < 1 || h > MaxUnits {
				return Architecture{}, fmt.Errorf("module %d has a hidden layer of %d units, but must have 1 to %d", i+1, h, MaxUnits)
			}
		}
		if !slices.Contains(m.Shape(p), 0) {
			out.Modules = append(out.Modules, m)
		}
	}
	if len(out.Modules) == 0 {
		return Architecture{}, fmt.Errorf("no module of the %s architecture has both inputs and outputs at %v", a.Name, p)
	}
	return out, nil
}

// Overlaps reports whether two modules write the same output block.
func (a Architecture) Overlaps() bool {
	written := dataset.None
	for _, m := range a.Modules {
		if written&m.Writes != dataset.None {
			return true
		}
		written |= m.Writes
	}
	return false
}
