package dataset

// A View is the part of a dataset that one module sees: the input blocks it
// reads and the output blocks it writes.
type View struct {
	Reads, Writes Blocks
}

// Whole is the view of a network of one module, everything to everything.
var Whole = View{Reads: Both, Writes: Both}

// Restrict returns the dataset as a view sees it: the blocks that it reads and writes. It
// need not be a valid point of the space (its n_y may exceed n_x); its matrices and its
// reduction do not depend on that.
func (p Point) Restrict(v View) Point {
	if !v.Reads.Has(Omega) {
		p.InputBits = nil
	}
	if !v.Reads.Has(Gamma) {
		p.KX = 0
	}
	if !v.Writes.Has(Omega) {
		p.OutputBits = nil
	}
	if !v.Writes.Has(Gamma) {
		p.KY = 0
	}
	return p
}
