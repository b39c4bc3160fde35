package dataset

import (
	"gonum.org/v1/gonum/mat"
)

// Correlations are the second moments of a set of m examples, all that
// full-batch gradient descent of a linear network sees of them. Σ_y = YYᵀ/m, which
// only some other rules need and which is by far the largest where outputs are
// many, is apart ([Point.OutputCorrelations]).
type Correlations struct {
	Examples int        // m
	X        *mat.Dense // Σ_x  = XXᵀ/m, n_in × n_in
	YX       *mat.Dense // Σ_yx = YXᵀ/m, n_out × n_in
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
	}, nil
}

// CheckCorrelations returns an error if Σ_x or Σ_yx has more than [MaxElements]
// elements.
func (p Point) CheckCorrelations() error {
	if err := checkSize("Σ_x", p.Inputs(), p.Inputs()); err != nil {
		return err
	}
	return checkSize("Σ_yx", p.Outputs(), p.Inputs())
}

// OutputCorrelations returns Σ_y = YYᵀ/m, n_out × n_out, over the given examples
// (nil: all), under the same conditions as [Point.Correlations].
func (p Point) OutputCorrelations(examples []int) (*mat.Dense, error) {
	examples, err := p.Select(examples)
	if err != nil {
		return nil, err
	}
	if err := p.CheckOutputCorrelations(); err != nil {
		return nil, err
	}
	out := p.outputSide(Both)
	return p.moment(out, out, examples), nil
}

// CheckOutputCorrelations returns an error if Σ_y has more than [MaxElements]
// elements.
func (p Point) CheckOutputCorrelations() error {
	return checkSize("Σ_y", p.Outputs(), p.Outputs())
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
