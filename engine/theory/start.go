package theory

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// DeepStart returns the strength from which a mode of a network with one hidden
// layer sets out,
//
//	a(0) = ‖(W2(0)ᵀu + W1(0)v)/2‖²,
//
// because near zero the two layers of a mode grow together and only their
// common part does. w1 is hidden × input and w2 output × hidden; u and v are
// the mode's singular vectors (see [Vectors]) over the module's own outputs and
// inputs. Its mean over initialisations of standard deviation σ is hσ²/2 (see
// [MeanDeepStart]). It goes beyond the paper, which fits a(0) by hand.
func DeepStart(w1, w2 *mat.Dense, u, v []float64) float64 {
	var back, forth mat.VecDense
	back.MulVec(w2.T(), mat.NewVecDense(len(u), u))
	forth.MulVec(w1, mat.NewVecDense(len(v), v))
	sum := 0.0
	for i := 0; i < back.Len(); i++ {
		c := (back.AtVec(i) + forth.AtVec(i)) / 2
		sum += c * c
	}
	return sum
}

// MeanDeepStart returns hσ²/2, the mean of [DeepStart] over independent normal
// weights of standard deviation sigma in a network of h hidden units: each of
// the h components of (W2ᵀu + W1v)/2 has variance σ²/2.
func MeanDeepStart(hidden int, sigma float64) float64 {
	return float64(hidden) * sigma * sigma / 2
}

// ShallowStart returns a(0) = uᵀ W(0) v, where w is output × input.
func ShallowStart(w *mat.Dense, u, v []float64) float64 {
	return mat.Inner(mat.NewVecDense(len(u), u), w, mat.NewVecDense(len(v), v))
}

// MinStart and MaxStart bound the strength that a user may start every mode from,
// unless it is 0: its square, which the quadrants sum, and the quotient of an
// asymptote and it, which the closed form takes, are inside float64.
const (
	MinStart = 1e-100
	MaxStart = 1e100
)

// CheckStart returns an error unless start is 0, or [MinStart] to [MaxStart].
func CheckStart(start float64) error {
	if start != 0 && !(start >= MinStart && start <= MaxStart) {
		return fmt.Errorf("the starting strength is %v, but must be 0 or %g to %g", start, MinStart, MaxStart)
	}
	return nil
}
