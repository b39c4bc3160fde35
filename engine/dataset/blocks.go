package dataset

import "strings"

// Blocks is a set of blocks of a layer of units: the compositional block Ω, the
// non-compositional block Γ, or both. It says what a module reads or writes.
type Blocks uint8

// The sets of blocks.
const (
	Omega Blocks = 1 << iota // the compositional block
	Gamma                    // the non-compositional block
	None  Blocks = 0
	Both         = Omega | Gamma
)

// Has reports whether every block of c is in b.
func (b Blocks) Has(c Blocks) bool { return b&c == c }

// String returns "omega", "gamma", "omega+gamma" or "none".
func (b Blocks) String() string {
	var names []string
	if b.Has(Omega) {
		names = append(names, "omega")
	}
	if b.Has(Gamma) {
		names = append(names, "gamma")
	}
	if names == nil {
		return "none"
	}
	return strings.Join(names, "+")
}

// InputRange returns the rows [lo, hi) of X that the blocks occupy. They are
// always contiguous, because Ω_x comes first and Γ_x after it.
func (p Point) InputRange(b Blocks) (lo, hi int) { return blockRange(b, p.NX(), p.Inputs()) }

// OutputRange returns the rows [lo, hi) of Y that the blocks occupy.
func (p Point) OutputRange(b Blocks) (lo, hi int) { return blockRange(b, p.NY(), p.Outputs()) }

func blockRange(b Blocks, omegas, all int) (lo, hi int) {
	lo, hi = omegas, omegas
	if b.Has(Omega) {
		lo = 0
	}
	if b.Has(Gamma) {
		hi = all
	}
	return lo, hi
}

// side is one side of a dataset, inputs or outputs, restricted to some blocks:
// the rows of Ω in it and the number of copies of r·I below them.
type side struct {
	bits   []int
	copies int
}

func (p Point) inputSide(b Blocks) side  { return restrict(b, p.InputBits, p.KX) }
func (p Point) outputSide(b Blocks) side { return restrict(b, p.OutputBits, p.KY) }

func restrict(b Blocks, bits []int, copies int) side {
	s := side{}
	if b.Has(Omega) {
		s.bits = bits
	}
	if b.Has(Gamma) {
		s.copies = copies
	}
	return s
}

// rows is the number of units on the side.
func (s side) rows(p Point) int { return len(s.bits) + s.copies*p.Examples() }
