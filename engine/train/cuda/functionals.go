//go:build gpu

package cuda

import (
	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/theory"
)

// functionals returns what a map in the coordinates of Q (nil: the inputs) is
// multiplied with, element by element, to give the strengths of its modes: modes ×
// outputs × coordinates.
//
// A mode's strength is the mean of uᵀMv over its directions, and M is M_Q·Qᵀ up to what
// v, which is a combination of examples, does not meet. So its functional is the mean
// of u·(Qᵀv)ᵀ. The vectors have unit length and exact zeros where a direction has no
// part in Ω (theory.Vectors), and Qᵀv is added up over Ω and over Γ apart: no large
// terms cancel, so that the roundings of Ω's ones do not exceed the contribution of a
// small r.
func functionals(p dataset.Point, v dataset.View, q *mat.Dense, coords int) []float64 {
	modes := theory.Modes(p, v)
	lo, hi := p.OutputRange(v.Writes)
	outputs := hi - lo
	edge := 0
	if v.Reads.Has(dataset.Omega) {
		edge = p.NX()
	}
	list := make([]float64, len(modes)*outputs*coords)
	along := make([]float64, coords)
	for k, mode := range modes {
		to := list[k*outputs*coords:][:outputs*coords]
		for _, set := range theory.Sets(p, v, mode.Kind) {
			left, right := theory.Vectors(p, v, set)
			if q == nil {
				copy(along, right)
			} else {
				for c := range along {
					ofOmega, ofGamma := 0.0, 0.0
					for i, x := range right[:edge] {
						ofOmega += x * q.At(i, c)
					}
					for i, x := range right[edge:] {
						ofGamma += x * q.At(edge+i, c)
					}
					along[c] = ofOmega + ofGamma
				}
			}
			for i, u := range left {
				if u == 0 {
					continue
				}
				row := to[i*coords:][:coords]
				for c, a := range along {
					row[c] += u * a / float64(mode.Multiplicity)
				}
			}
		}
	}
	return list
}
