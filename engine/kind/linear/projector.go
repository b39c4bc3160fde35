package linear

import (
	"math/bits"
	"slices"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/theory"
)

// A projector measures how strong the modes of a module's dataset are in its map
// M: uᵀMv, the mean over a mode's directions.
//
// With w the ±1 values of the direction's Walsh function over the examples, its vectors
// are v = Xw/‖Xw‖ and u = Yw/‖Yw‖. They are never formed. Xw is P at the one bit's row
// of Ω_x, if it has one, and r·w in every copy of Γ_x, and Yw likewise. Everything else
// in Ω is orthogonal to w and is left out instead of being summed to 0: where r is
// small, its rounding alone would exceed the contribution of Γ.
type projector struct {
	r     float64
	bits  []projectedBit // of all kinds that are single bits
	modes []projectedMode
	below int // the map's first column in Γ_x
	gamma int // the map's first row in Γ_y
	// sums is the map's columns in Γ_x, added up over the copies: outputs × P. It is
	// room that every projection uses again.
	sums *mat.Dense
}

// projectedBit is a direction that is a single bit.
type projectedBit struct {
	kind    theory.Kind
	signs   []float64 // w
	in, out int       // its column and row in the map, or −1
}

// projectedMode is a mode with what its directions' sums are divided by.
type projectedMode struct {
	kind  theory.Kind
	scale float64 // multiplicity·‖Xw‖·‖Yw‖/P
}

// newProjector prepares the projection of a view's maps; signs are the rows of Ω.
func newProjector(p dataset.Point, v dataset.View, signs [][]float64) *projector {
	j := &projector{r: p.R}
	if v.Reads.Has(dataset.Omega) {
		j.below = p.NX()
	}
	if v.Writes.Has(dataset.Omega) {
		j.gamma = p.NY()
	}
	lo, hi := p.OutputRange(v.Writes)
	j.sums = mat.NewDense(hi-lo, p.Examples(), nil)
	for _, kind := range []theory.Kind{theory.Asked, theory.LeftOut, theory.NotGiven} {
		for _, set := range theory.Sets(p, v, kind) {
			row := bits.TrailingZeros(set)
			b := projectedBit{kind: kind, signs: signs[row], in: -1, out: -1}
			if kind != theory.NotGiven {
				b.in = slices.Index(p.InputBits, row)
			}
			if kind != theory.LeftOut {
				b.out = slices.Index(p.OutputBits, row)
			}
			j.bits = append(j.bits, b)
		}
	}
	for _, m := range theory.Modes(p, v) {
		// λ = ‖Xw‖‖Yw‖/P for a w of unit length, P times less than for ±1.
		scale := float64(m.Multiplicity) * m.SingularValue * float64(p.Examples())
		j.modes = append(j.modes, projectedMode{m.Kind, scale})
	}
	return j
}

// strengths returns the strengths of the modes, in the order of theory.Modes.
//
// The directions that are no bit have no part in Ω. With G, P × P, the sum of the map's
// blocks from a copy in Γ_x to one in Γ_y, theirs is r²·Σ wᵀGw/P over all such w, which
// is r² times the trace of G less the bits' part of it.
func (j *projector) strengths(m *mat.Dense) []float64 {
	j.addUp(m)
	var sums [theory.NotGiven + 1]float64
	trace := 0.0
	rows, examples := j.sums.Dims()
	for i := j.gamma; i < rows; i++ {
		trace += j.sums.At(i, (i-j.gamma)%examples)
	}
	for b := range j.bits {
		bit := &j.bits[b]
		all, ofGamma := j.project(bit, m)
		sums[bit.kind] += all
		trace -= ofGamma
	}
	sums[theory.Other] = j.r * j.r * trace
	out := make([]float64, len(j.modes))
	for k, mode := range j.modes {
		out[k] = sums[mode.kind] / mode.scale
	}
	return out
}

// addUp fills in sums.
func (j *projector) addUp(m *mat.Dense) {
	j.sums.Zero()
	rows, _ := m.Dims()
	for i := range rows {
		to := j.sums.RawRowView(i)
		for from := m.RawRowView(i)[j.below:]; len(from) > 0; from = from[len(to):] {
			for e, v := range from[:len(to)] {
				to[e] += v
			}
		}
	}
}

// project returns (Yw)ᵀM(Xw)/P for a bit's w, and wᵀGw/P.
func (j *projector) project(b *projectedBit, m *mat.Dense) (all, ofGamma float64) {
	rows, examples := j.sums.Dims()
	total := float64(examples)
	given := func(i int) float64 {
		if b.in < 0 {
			return 0
		}
		return m.At(i, b.in)
	}
	copies := func(i int) float64 { // w in every copy of Γ_x, seen from output i
		sum := 0.0
		for e, v := range j.sums.RawRowView(i) {
			sum += b.signs[e] * v
		}
		return sum
	}
	if b.out >= 0 {
		all = total*given(b.out) + j.r*copies(b.out)
	}
	fromOmega, fromGamma := 0.0, 0.0
	for i := j.gamma; i < rows; i++ {
		sign := b.signs[(i-j.gamma)%examples]
		fromOmega += sign * given(i)
		fromGamma += sign * copies(i)
	}
	ofGamma = fromGamma / total
	return all + j.r*fromOmega + j.r*j.r*ofGamma, ofGamma
}
