package theory

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"sort"

	"modspec/engine/dataset"
)

// A Kind says which of the four kinds of mode a mode is.
type Kind int

// The kinds of mode; the first three are modes 1, 2 and 3 of the paper.
const (
	Asked    Kind = iota + 1 // a bit that the input gives and the output asks for
	LeftOut                  // a bit that the input gives and the output leaves out
	Other                    // a Walsh function that is no bit of input or output
	NotGiven                 // a bit that the output asks for and the input lacks
)

// String returns "asked", "left-out", "other" or "not-given".
func (k Kind) String() string {
	switch k {
	case Asked:
		return "asked"
	case LeftOut:
		return "left-out"
	case Other:
		return "other"
	case NotGiven:
		return "not-given"
	}
	return fmt.Sprintf("Kind(%d)", int(k))
}

// A Mode is a set of singular directions of a view's Σ_yx that share kind,
// singular value and fate.
type Mode struct {
	Kind            Kind
	Multiplicity    int     // how many directions
	SingularValue   float64 // λ, of Σ_yx
	InputEigenvalue float64 // δ, of Σ_x
	// InputShare is the part of ‖v‖² = 1 that lies in Ω_x, c_x = P/(k_x r² + P)
	// for a bit of the input and 0 otherwise; the rest lies in Γ_x.
	InputShare float64
	// OutputShare is the part of ‖u‖² = 1 that lies in Ω_y, likewise.
	OutputShare float64
}

// Asymptote returns λ/δ, the strength at which gradient descent ends.
func (m Mode) Asymptote() float64 { return m.SingularValue / m.InputEigenvalue }

// Modes returns the modes of a view that are learned at all (λ > 0), strongest
// singular value first; equal values are ordered by kind. The point must be
// valid. The paper's section 3.
func Modes(p dataset.Point, v dataset.View) []Mode {
	var modes []Mode
	for kind := Asked; kind <= NotGiven; kind++ {
		sets := Sets(p, v, kind)
		if len(sets) == 0 {
			continue
		}
		m := modeOf(p, v, kind, sets[0])
		m.Multiplicity = len(sets)
		if m.SingularValue > 0 {
			modes = append(modes, m)
		}
	}
	sort.SliceStable(modes, func(i, j int) bool { return modes[i].SingularValue > modes[j].SingularValue })
	return modes
}

// modeOf returns the mode of one Walsh function.
func modeOf(p dataset.Point, v dataset.View, kind Kind, set uint) Mode {
	total := float64(p.Examples())
	mx, my := p.InputPower(set, v.Reads), p.OutputPower(set, v.Writes)
	m := Mode{Kind: kind, SingularValue: math.Sqrt(mx) * math.Sqrt(my) / total, InputEigenvalue: mx / total}
	if kind == Asked || kind == LeftOut {
		m.InputShare = total / mx
	}
	if kind == Asked || kind == NotGiven {
		m.OutputShare = total / my
	}
	return m
}

// Sets returns the Walsh functions that make up a kind of mode, each as the set
// of bits that it multiplies (see dataset.Point.Walsh), ascending.
func Sets(p dataset.Point, v dataset.View, kind Kind) []uint {
	var sets []uint
	for set := uint(0); set < uint(p.Examples()); set++ {
		if kindOf(p, v, set) == kind {
			sets = append(sets, set)
		}
	}
	return sets
}

// kindOf decides by the blocks that the view has, so a bit of Ω_x is no input
// bit to a view that reads Γ_x alone.
func kindOf(p dataset.Point, v dataset.View, set uint) Kind {
	if bits.OnesCount(set) != 1 {
		return Other
	}
	row := bits.TrailingZeros(set)
	given := v.Reads.Has(dataset.Omega) && slices.Contains(p.InputBits, row)
	asked := v.Writes.Has(dataset.Omega) && slices.Contains(p.OutputBits, row)
	switch {
	case given && asked:
		return Asked
	case given:
		return LeftOut
	case asked:
		return NotGiven
	}
	return Other
}

// Vectors returns the left and right singular vectors of one mode direction:
// u = Y·w/‖Y·w‖ over the outputs that the view writes and v = X·w/‖X·w‖ over the
// inputs that it reads, w being the Walsh function of the set. A vector whose
// norm would be 0 comes back as zeros.
func Vectors(p dataset.Point, view dataset.View, set uint) (u, v []float64) {
	total := p.Examples()
	build := func(rows []int, copies int, power float64) []float64 {
		vec := make([]float64, len(rows)+copies*total)
		if power == 0 {
			return vec
		}
		// w has unit length: entries ±1/√P. Ω·w is √P for the bit itself, 0 else.
		norm := 1 / math.Sqrt(power)
		for i, row := range rows {
			if set == 1<<row {
				vec[i] = math.Sqrt(float64(total)) * norm
			}
		}
		for c := 0; c < copies; c++ {
			for e := 0; e < total; e++ {
				vec[len(rows)+c*total+e] = p.R * p.Walsh(set, e) / math.Sqrt(float64(total)) * norm
			}
		}
		return vec
	}
	pick := func(b dataset.Blocks, rows []int, copies int) ([]int, int) {
		if !b.Has(dataset.Omega) {
			rows = nil
		}
		if !b.Has(dataset.Gamma) {
			copies = 0
		}
		return rows, copies
	}
	outRows, outCopies := pick(view.Writes, p.OutputBits, p.KY)
	inRows, inCopies := pick(view.Reads, p.InputBits, p.KX)
	return build(outRows, outCopies, p.OutputPower(set, view.Writes)),
		build(inRows, inCopies, p.InputPower(set, view.Reads))
}
