package dataset_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
)

// reduction is a reduced input beside the literal matrices that it must agree
// with, and the bound that rounding puts on its orthonormality.
type reduction struct {
	*dataset.Reduced
	x, y  *mat.Dense // the training examples' columns
	norm  float64    // ‖X‖₂
	bound float64
}

// reduce reduces a point and derives the bound. Over m examples Q's columns are
// q = Xc/√μ with c = Ω_xᵀu/‖Ω_xᵀu‖, u the eigenvectors of Ω_xΩ_xᵀ, whole numbers, from a
// backward stable solver: they are orthonormal to n_x·ε and solve the eigenproblem
// to n_x·ε·ω_max, and that residual is divided by the smallest eigenvalue that is
// not 0, which gives n_x·ε·κ, κ = ω_max/ω_min. The sums Ω_xᵀu of n_x terms and Ω_x·c of
// m terms are off by γ·√(n_x m) in norm, which over √ω_min is γ·√(n_x κ) at most,
// because n_x m = Σω ≤ n_x ω_max. Each counts once for either of two columns, and
// their inner product adds γ_{n_in}. The directions that Ω_x does not see are
// columns of Householder's Q over m rows and n_x columns, off from orthonormal and
// from the others by γ of c·m·n_x roundings, c small (Higham, section 19.3: 8 is taken).
func reduce(t *testing.T, p dataset.Point, examples []int) reduction {
	t.Helper()
	red, err := p.Reduce(examples)
	if err != nil {
		t.Fatal(err)
	}
	r := reduction{Reduced: red, x: literalX(p, examples), y: literalY(p, examples)}
	_, m := r.x.Dims()
	largest, condition := omegaCondition(t, p, examples)
	r.norm = math.Sqrt(largest + float64(p.KX)*p.R*p.R)
	const eps = 2 * unitRoundoff
	n := float64(p.NX())
	r.bound = 2*n*eps*condition + 2*(gamma(p.NX())+gamma(m))*math.Sqrt(n*condition) + gamma(8*m*p.NX()) + gamma(p.Inputs())
	return r
}

// omegaCondition returns the largest eigenvalue of Ω_xΩ_xᵀ over some examples and
// its ratio to the smallest that is not zero.
func omegaCondition(t *testing.T, p dataset.Point, examples []int) (largest, condition float64) {
	t.Helper()
	if p.NX() == 0 {
		return 0, 1
	}
	omega := stacked(p, p.InputBits, 0, examples)
	gram := mat.NewSymDense(p.NX(), nil)
	gram.SymOuterK(1, omega)
	var eigen mat.EigenSym
	if !eigen.Factorize(gram, false) {
		t.Fatal("the eigenvalues of Ω_xΩ_xᵀ did not converge")
	}
	values := eigen.Values(nil) // ascending
	largest = values[len(values)-1]
	return largest, largest / values[len(values)-rank(omega)]
}

// rank returns the rank of a matrix of small whole numbers, by elimination
// without division: exact, for minors of ±1 matrices of at most 6 rows stay
// below 6⁶, and their products below 2⁵³.
func rank(m *mat.Dense) int {
	a := mat.DenseCopyOf(m)
	rows, cols := a.Dims()
	previous, r := 1.0, 0
	for c := 0; c < cols && r < rows; c++ {
		pivot := r
		for pivot < rows && a.At(pivot, c) == 0 {
			pivot++
		}
		if pivot == rows {
			continue
		}
		for j := range cols {
			x, y := a.At(r, j), a.At(pivot, j)
			a.Set(r, j, y)
			a.Set(pivot, j, x)
		}
		for i := r + 1; i < rows; i++ {
			factor := a.At(i, c)
			for j := range cols {
				// Bareiss: the quotient of two minors is a minor again, a whole number.
				a.Set(i, j, (a.At(r, c)*a.At(i, j)-factor*a.At(r, j))/previous)
			}
		}
		previous = a.At(r, c)
		r++
	}
	return r
}

// eachReduction runs a test on the reductions of many points over all and over
// some examples, leaving out those whose inputs are all zero.
func eachReduction(t *testing.T, seed uint64, test func(t *testing.T, p dataset.Point, examples []int, r reduction)) {
	eachPoint(t, seed, 60, 5, func(t *testing.T, p dataset.Point, rng *rand.Rand) {
		if p.NX() == 0 && p.R == 0 {
			t.Skip("every input is zero")
		}
		for _, examples := range [][]int{nil, randomExamples(rng, p), randomExamples(rng, p)} {
			test(t, p, examples, reduce(t, p, examples))
		}
	})
}

func TestReducedBasisIsOrthonormal(t *testing.T) {
	eachReduction(t, 4, func(t *testing.T, p dataset.Point, examples []int, r reduction) {
		_, rho := r.Q.Dims()
		_, m := r.x.Dims()
		want := m
		if p.KX == 0 || p.R == 0 {
			want = rank(stacked(p, p.InputBits, 0, examples))
		}
		if rho != want || len(r.D) != want {
			t.Fatalf("examples %v: ρ is %d with %d eigenvalues, but X has rank %d", examples, rho, len(r.D), want)
		}
		identity := mat.NewDiagDense(rho, nil)
		for j := range rho {
			identity.SetDiag(j, 1)
		}
		within(t, "QᵀQ", product(r.Q.T(), r.Q), identity, func(_, _ int) float64 { return r.bound })
	})
}

// QᵀΣ_xQ = (XᵀQ)ᵀ(XᵀQ)/m, so what Q is off by counts twice and is scaled by ‖Σ_x‖;
// the products themselves add their γ.
func TestReducedInputIsUncorrelated(t *testing.T) {
	eachReduction(t, 5, func(t *testing.T, p dataset.Point, _ []int, r reduction) {
		sigma := literalCorrelation(r.x, r.x)
		got := product(r.Q.T(), product(sigma, r.Q))
		size := product(absolute(r.Q).T(), product(absolute(sigma), absolute(r.Q)))
		_, m := r.x.Dims()
		for _, d := range r.D {
			if !(d > 0) {
				t.Errorf("D holds %v, but every direction must have input", d)
			}
		}
		within(t, "QᵀΣ_xQ", got, mat.NewDiagDense(len(r.D), r.D), func(i, j int) float64 {
			return 2*r.bound*r.norm*r.norm/float64(m) + gamma(2*p.Inputs()+3)*size.At(i, j)
		})
	})
}

// Σ_yxQ = YXᵀQ/m: row i is off by ‖Y_i‖·‖X‖/m times what Q is, and by the γ of both
// products and of the sums Y·c.
func TestReducedTargetsAreTheProjectedOnes(t *testing.T) {
	eachReduction(t, 6, func(t *testing.T, p dataset.Point, _ []int, r reduction) {
		sigma := literalCorrelation(r.y, r.x)
		size := product(absolute(sigma), absolute(r.Q))
		_, m := r.x.Dims()
		within(t, "Σ_yxQ", r.YX, product(sigma, r.Q), func(i, j int) float64 {
			row := mat.Norm(r.y.RowView(i), 2)
			return (r.bound+gamma(m+3))*row*r.norm/float64(m) + gamma(p.Inputs()+m+3)*size.At(i, j)
		})
	})
}

// QQᵀX = X: what is missing is at most ρ of the columns' errors, in proportion to
// ‖X‖, and the γ of both products.
func TestReducedBasisSpansTheInputs(t *testing.T) {
	eachReduction(t, 7, func(t *testing.T, p dataset.Point, _ []int, r reduction) {
		size := product(absolute(r.Q), product(absolute(r.Q).T(), absolute(r.x)))
		rho := len(r.D)
		within(t, "QQᵀX", product(r.Q, product(r.Q.T(), r.x)), r.x, func(i, j int) float64 {
			return float64(rho)*r.bound*r.norm + gamma(p.Inputs()+rho)*size.At(i, j)
		})
	})
}

// Over all examples column j is X·w/‖X·w‖ of the j-th Walsh function with input,
// and D is k_x r²/P, plus 1 for an input bit. Sums Ω_x·w of P terms ±1/√P are off
// by γ_P·√P on either side; but where Ω_x·w = 0 altogether Q must hold exact
// zeros, because divided by a small r no rounding would be small.
func TestReducedColumnsAreTheWalshDirections(t *testing.T) {
	eachPoint(t, 8, 40, 5, func(t *testing.T, p dataset.Point, _ *rand.Rand) {
		if p.NX() == 0 && p.R == 0 {
			t.Skip("every input is zero")
		}
		red, err := p.Reduce(nil)
		if err != nil {
			t.Fatal(err)
		}
		total := p.Examples()
		x, j := literalX(p, nil), 0
		for set := uint(0); set < uint(total); set++ {
			w := mat.NewVecDense(total, nil)
			for e := range total {
				w.SetVec(e, p.Walsh(set, e)/math.Sqrt(float64(total)))
			}
			omega, gammaPart := 0.0, float64(p.KX)*p.R*p.R
			for _, bit := range p.InputBits {
				if set == 1<<bit {
					omega = float64(total)
				}
			}
			power := omega + gammaPart
			if power == 0 {
				continue
			}
			want := product(x, w)
			for i := range p.NX() {
				if omega == 0 {
					want.Set(i, 0, 0)
				}
			}
			want.Scale(1/math.Sqrt(power), want)
			within(t, "q", red.Q.ColView(j), want, func(i, _ int) float64 {
				if i < p.NX() {
					return (2*gamma(total) + gamma(6)) * math.Sqrt(omega/power)
				}
				return gamma(8) * math.Abs(want.At(i, 0))
			})
			if d := power / float64(total); math.Abs(red.D[j]-d) > gamma(4)*d {
				t.Errorf("D[%d] = %v, want %v", j, red.D[j], d)
			}
			j++
		}
		if j != len(red.D) {
			t.Errorf("ρ is %d, but %d Walsh functions have input", len(red.D), j)
		}
	})
}

func TestReduceRefusesInputsThatAreZero(t *testing.T) {
	p := dataset.NewPoint(3, 0, 0, 2, 1, 0)
	for _, examples := range [][]int{nil, {0, 3}} {
		if _, err := p.Reduce(examples); err == nil || !strings.Contains(err.Error(), "every input is zero") {
			t.Errorf("examples %v: the error is %v, want one that says that every input is zero", examples, err)
		}
	}
}
