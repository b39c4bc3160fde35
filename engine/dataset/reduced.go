package dataset

import (
	"errors"
	"math"
	"math/bits"

	"gonum.org/v1/gonum/mat"
)

// Reduced is a dataset seen in the ρ ≤ P directions of input space that its
// examples span.
//
// Under gradient descent the part of a first layer W1 orthogonal to Q never
// changes and never influences anything else, so training W1·Q (hidden × ρ)
// with Σ_x replaced by diag(D) and Σ_yx by YX is exact. The learned map is
// M = W2·(W1Q)·Qᵀ + W2·W1·(I − QQᵀ). Under learning rules with β ≠ 0 the
// orthogonal part must be carried along: β > 0 changes it, and for β < 0 the
// lengths of W1's rows, in which it counts, steer the rest.
type Reduced struct {
	Q  *mat.Dense // n_in × ρ, orthonormal columns
	D  []float64  // ρ; QᵀΣ_xQ = diag(D), every entry positive
	YX *mat.Dense // Σ_yx·Q, n_out × ρ
}

// Reduce returns the reduced input for a set of examples (nil: all). With all
// examples the basis is known in closed form: q_S = X·w_S/‖X·w_S‖ for the Walsh
// functions w_S with X·w_S ≠ 0, in ascending order of the set S. With fewer it
// comes from the eigenvectors of Ω_xᵀΩ_x over those examples, which are those of
// XᵀX too: first those that Ω_x sees, then, where Γ_x is not zero, all others.
//
// It returns an error for examples that do not exist, for inputs that are
// all zero, and for a Q of more than [MaxElements] elements.
func (p Point) Reduce(examples []int) (*Reduced, error) {
	all := examples == nil
	examples, err := p.Select(examples)
	if err != nil {
		return nil, err
	}
	if err := checkSize("Q", p.Inputs(), len(examples)); err != nil {
		return nil, err
	}
	if err := checkSize("Σ_yx·Q", p.Outputs(), len(examples)); err != nil {
		return nil, err
	}
	var directions []direction
	if all {
		directions = p.walshDirections()
	} else if directions, err = p.gramDirections(examples); err != nil {
		return nil, err
	}
	if len(directions) == 0 {
		return nil, errors.New("every input is zero (n_x = 0 and r = 0), so there is no direction to reduce to; give r a value above 0")
	}
	return p.assemble(examples, directions), nil
}

// direction is an eigenvector of XᵀX = Ω_xᵀΩ_x + k_x r² I over some examples. Its
// two parts are kept apart because a direction that Ω_x does not see must not
// get a trace of it by rounding: divided by a small r, that would no longer be
// small.
type direction struct {
	c     []float64 // over the examples, of unit length
	omega float64   // cᵀΩ_xᵀΩ_x c, exactly 0 where Ω_x c = 0
	gamma float64   // k_x r²
}

// walshDirections returns the normalised Walsh functions whose input is not zero.
func (p Point) walshDirections() []direction {
	var list []direction
	total := p.Examples()
	norm := 1 / math.Sqrt(float64(total))
	for set := uint(0); set < uint(total); set++ {
		d := direction{omega: p.InputPower(set, Omega), gamma: p.InputPower(set, Gamma)}
		if d.omega+d.gamma == 0 {
			continue
		}
		d.c = make([]float64, total)
		for e := range d.c {
			d.c[e] = p.Walsh(set, e) * norm
		}
		list = append(list, d)
	}
	return list
}

// assemble turns directions with XᵀX c = μc into q = Xc/√μ, D = μ/m and
// Σ_yx q = Y·XᵀX c/(m√μ) = √μ·Yc/m.
func (p Point) assemble(examples []int, directions []direction) *Reduced {
	m := float64(len(examples))
	red := &Reduced{
		Q:  newMatrix(p.Inputs(), len(directions)),
		D:  make([]float64, len(directions)),
		YX: newMatrix(p.Outputs(), len(directions)),
	}
	for j, d := range directions {
		mu := d.omega + d.gamma
		red.D[j] = mu / m
		if d.omega > 0 {
			p.scatterOmega(red.Q, j, p.InputBits, examples, d.c, 1/math.Sqrt(mu))
		}
		p.scatterGamma(red.Q, j, p.inputSide(Both), examples, d.c, 1/math.Sqrt(mu))
		p.scatterOmega(red.YX, j, p.OutputBits, examples, d.c, math.Sqrt(mu)/m)
		p.scatterGamma(red.YX, j, p.outputSide(Both), examples, d.c, math.Sqrt(mu)/m)
	}
	return red
}

// scatterOmega writes scale·Ω_b·c over the examples into the first rows of
// column j of dst, b being rows of Ω.
func (p Point) scatterOmega(dst *mat.Dense, j int, rows, examples []int, c []float64, scale float64) {
	for i, bit := range rows {
		sum := 0.0
		for k, e := range examples {
			sum += p.Omega(bit, e) * c[k]
		}
		dst.Set(i, j, scale*sum)
	}
}

// scatterGamma writes scale·Γ·c over the examples into the remaining rows of
// column j of dst.
func (p Point) scatterGamma(dst *mat.Dense, j int, s side, examples []int, c []float64, scale float64) {
	for copyIndex := 0; copyIndex < s.copies; copyIndex++ {
		for k, e := range examples {
			dst.Set(len(s.bits)+copyIndex*p.Examples()+e, j, scale*p.R*c[k])
		}
	}
}

// InputPower returns ‖X_b·w‖² for the unit-length Walsh function w of a set of
// bits and the blocks b of the input: k_x r² from Γ_x, and P from Ω_x if the
// set is one single bit that Ω_x holds. It is the eigenvalue of X_bᵀX_b.
func (p Point) InputPower(set uint, b Blocks) float64 { return p.power(set, p.inputSide(b)) }

// OutputPower returns ‖Y_b·w‖², as [Point.InputPower] does for inputs.
func (p Point) OutputPower(set uint, b Blocks) float64 { return p.power(set, p.outputSide(b)) }

func (p Point) power(set uint, s side) float64 {
	mu := float64(s.copies) * p.R * p.R
	if bits.OnesCount(set) == 1 {
		for _, row := range s.bits {
			if row == bits.TrailingZeros(set) {
				mu += float64(p.Examples())
			}
		}
	}
	return mu
}
