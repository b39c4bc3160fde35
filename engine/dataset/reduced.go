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
// M = W2·(W1Q)·Qᵀ + W2·W1·(I − QQᵀ). Learning rules with β ≠ 0 do change the
// orthogonal part, so there it must be carried along.
type Reduced struct {
	Q  *mat.Dense // n_in × ρ, orthonormal columns
	D  []float64  // ρ; QᵀΣ_xQ = diag(D), every entry positive
	YX *mat.Dense // Σ_yx·Q, n_out × ρ
}

// Reduce returns the reduced input for a set of examples (nil: all). With all
// examples the basis is known in closed form: q_S = X·w_S/‖X·w_S‖ for the Walsh
// functions w_S with X·w_S ≠ 0, in ascending order of the set S. With fewer it
// comes from the eigenvectors of XᵀX over those examples; directions whose
// eigenvalue is below m·ε times the largest (ε = 2⁻⁵², the accuracy of a
// symmetric eigensolver on m × m) are dropped as rounding.
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
	var coefficients [][]float64 // over the examples, of unit length
	var gram []float64           // the eigenvalue of XᵀX that belongs to each
	if all {
		coefficients, gram = p.walshDirections()
	} else if coefficients, gram, err = p.gramDirections(examples); err != nil {
		return nil, err
	}
	if len(gram) == 0 {
		return nil, errors.New("every input is zero (n_x = 0 and r = 0), so there is no direction to reduce to; give r a value above 0")
	}
	return p.assemble(examples, coefficients, gram), nil
}

// walshDirections returns the normalised Walsh functions whose input is not
// zero, with their eigenvalues under XᵀX: k_x r², and P more for an input bit.
func (p Point) walshDirections() (coefficients [][]float64, gram []float64) {
	total := p.Examples()
	norm := 1 / math.Sqrt(float64(total))
	for set := uint(0); set < uint(total); set++ {
		mu := p.InputPower(set, Both)
		if mu == 0 {
			continue
		}
		w := make([]float64, total)
		for e := range w {
			w[e] = p.Walsh(set, e) * norm
		}
		coefficients = append(coefficients, w)
		gram = append(gram, mu)
	}
	return coefficients, gram
}

// gramDirections returns the eigenvectors of XᵀX over some examples that have
// eigenvalues above rounding.
func (p Point) gramDirections(examples []int) (coefficients [][]float64, gram []float64, err error) {
	m := len(examples)
	g := mat.NewSymDense(m, nil)
	for i, a := range examples {
		for j := i; j < m; j++ {
			sum := 0.0
			for _, bit := range p.InputBits {
				sum += p.Omega(bit, a) * p.Omega(bit, examples[j])
			}
			if i == j {
				sum += float64(p.KX) * p.R * p.R
			}
			g.SetSym(i, j, sum)
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(g, true) {
		return nil, nil, errors.New("the eigenvectors of XᵀX did not converge")
	}
	values := eigen.Values(nil)
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	floor := float64(m) * 0x1p-52 * values[m-1]
	for j, v := range values {
		if v <= floor {
			continue
		}
		coefficients = append(coefficients, mat.Col(nil, j, &vectors))
		gram = append(gram, v)
	}
	return coefficients, gram, nil
}

// assemble turns unit vectors c over the examples with XᵀX c = μc into
// q = Xc/√μ, D = μ/m and Σ_yx q = Y·XᵀX c/(m√μ) = √μ·Yc/m.
func (p Point) assemble(examples []int, coefficients [][]float64, gram []float64) *Reduced {
	m := float64(len(examples))
	red := &Reduced{
		Q:  newMatrix(p.Inputs(), len(gram)),
		D:  make([]float64, len(gram)),
		YX: newMatrix(p.Outputs(), len(gram)),
	}
	for j, mu := range gram {
		red.D[j] = mu / m
		p.scatter(red.Q, j, p.inputSide(Both), examples, coefficients[j], 1/math.Sqrt(mu))
		p.scatter(red.YX, j, p.outputSide(Both), examples, coefficients[j], math.Sqrt(mu)/m)
	}
	return red
}

// scatter writes scale·A·c into column j of dst, where A is one side of the
// dataset over the examples.
func (p Point) scatter(dst *mat.Dense, j int, s side, examples []int, c []float64, scale float64) {
	for i, bit := range s.bits {
		sum := 0.0
		for k, e := range examples {
			sum += p.Omega(bit, e) * c[k]
		}
		dst.Set(i, j, scale*sum)
	}
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
