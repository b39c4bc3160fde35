package dataset

import (
	"gonum.org/v1/gonum/mat"
)

// Correlations are the second moments of a set of m examples, all that
// full-batch training of a linear network sees of them.
type Correlations struct {
	Examples int        // m
	X        *mat.Dense // Σ_x  = XXᵀ/m, n_in × n_in
	YX       *mat.Dense // Σ_yx = YXᵀ/m, n_out × n_in
	Y        *mat.Dense // Σ_y  = YYᵀ/m, n_out × n_out
}

// Correlations returns the second moments over the given examples (nil: all).
// They are filled in from the structure of the blocks; X and Y are never
// formed. It returns an error if an example is out of range or named twice, or
// if a moment has more than [MaxElements] elements.
func (p Point) Correlations(examples []int) (*Correlations, error) {
	examples, err := p.Select(examples)
	if err != nil {
		return nil, err
	}
	if err := p.CheckCorrelations(); err != nil {
		return nil, err
	}
	in, out := p.inputSide(Both), p.outputSide(Both)
	return &Correlations{
		Examples: len(examples),
		X:        p.moment(in, in, examples),
		YX:       p.moment(out, in, examples),
		Y:        p.moment(out, out, examples),
	}, nil
}

// CheckCorrelations returns an error if a second moment has more than
// [MaxElements] elements.
func (p Point) CheckCorrelations() error {
	for _, m := range []struct {
		name       string
		rows, cols int
	}{{"Σ_x", p.Inputs(), p.Inputs()}, {"Σ_yx", p.Outputs(), p.Inputs()}, {"Σ_y", p.Outputs(), p.Outputs()}} {
		if err := checkSize(m.name, m.rows, m.cols); err != nil {
			return err
		}
	}
	return nil
}

// moment returns ABᵀ/m over the examples for two sides of the dataset. Example
// e touches the Ω rows of both sides and, in each copy of Γ, row e alone; so
// ΩΩ is a small sum, ΩΓ and ΓΩ have one term an element, and ΓΓ is diagonal
// within each pair of copies.
func (p Point) moment(a, b side, examples []int) *mat.Dense {
	total := p.Examples()
	m := newMatrix(a.rows(p), b.rows(p))
	scale := 1 / float64(len(examples))
	for i, abit := range a.bits {
		for j, bbit := range b.bits {
			sum := 0.0
			for _, e := range examples {
				sum += p.Omega(abit, e) * p.Omega(bbit, e)
			}
			m.Set(i, j, sum*scale)
		}
		for c := 0; c < b.copies; c++ {
			for _, e := range examples {
				m.Set(i, len(b.bits)+c*total+e, p.R*p.Omega(abit, e)*scale)
			}
		}
	}
	for ca := 0; ca < a.copies; ca++ {
		for _, e := range examples {
			row := len(a.bits) + ca*total + e
			for j, bbit := range b.bits {
				m.Set(row, j, p.R*p.Omega(bbit, e)*scale)
			}
			for cb := 0; cb < b.copies; cb++ {
				m.Set(row, len(b.bits)+cb*total+e, p.R*p.R*scale)
			}
		}
	}
	return m
}
