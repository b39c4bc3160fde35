package network

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/theory"
)

// DirectionStarts returns a(0) of every direction of every mode of a module, in
// the order of theory.Modes.
//
// ModeStarts gives a mode one start, the mean over its directions. That
// leaves out two things that happen among the columns of
//
//	A = (W2(0)ᵀU + W1(0)V)/2    hidden × directions, strongest λ first,
//
// whose squared lengths are the starts of theory.DeepStart. Both follow from
// balanced descent, which among directions of one λ reads A ← A + ηA(λ − δAᵀA):
//
//   - It keeps the eigenvectors of AᵀA and steps every eigenvalue by the scalar
//     recursion. The directions of a mode are therefore those eigenvectors, not
//     its Walsh functions, and their starts are the eigenvalues, which for m
//     directions and h hidden units lie between about (1 ∓ √(m/h))² times the
//     mean.
//   - Once a mode of larger λ has saturated along a hidden direction, a mode of
//     smaller λ cannot grow there any more. Of its columns counts the part that is
//     orthogonal to all columns before them.
//
// With A = QR the two together are: the starts of a mode are the squared
// singular values of its diagonal block of R. The first mode keeps its start
// from theory.DeepStart; where there are more directions than hidden units, the
// last ones start from 0 and are not learned.
//
// Two modes of one λ, LeftOut and NotGiven where k_x = k_y, are treated one after the
// other too, in the order of theory.Modes. Neither holds the other back as the
// second point has it; but as their δ differ, the first point does not join them
// into one mode either, and there is no exact rule for the pair.
//
// The second point is exact only if the stronger mode is done before the weaker
// one sets out. By then the weaker mode's m directions have grown along each of
// the stronger one's hidden directions too, to a share of its asymptote a' of
// about (m/h)(a(0)/a')^{1−λ/λ'}. That is the size of what this theory leaves out.
//
// Without hidden layer the directions never meet; each starts from
// theory.ShallowStart. Two or more hidden layers have no parameter-free start,
// and DirectionStarts returns an error.
func DirectionStarts(p dataset.Point, module Module, layers []*mat.Dense) ([][]float64, error) {
	modes := theory.Modes(p, module.View())
	starts := make([][]float64, len(modes))
	switch len(layers) {
	case 1:
		for k, mode := range modes {
			for _, set := range theory.Sets(p, module.View(), mode.Kind) {
				u, v := theory.Vectors(p, module.View(), set)
				starts[k] = append(starts[k], theory.ShallowStart(layers[0], u, v))
			}
		}
		return starts, nil
	case 2:
	default:
		return nil, errNoStart
	}

	if len(modes) == 0 {
		return starts, nil // as without any output signal
	}
	columns := hiddenColumns(p, module, modes, layers)
	// The factorisations below take finite numbers only.
	if norm := mat.Norm(columns, 2); math.IsNaN(norm*norm) || math.IsInf(norm*norm, 0) {
		return nil, errors.New("the initial weights are so large that the squares of their products with the modes' directions are not finite")
	}
	triangle := triangleOf(columns)
	from := 0
	for k, mode := range modes {
		to := from + mode.Multiplicity
		var svd mat.SVD
		if !svd.Factorize(triangle.Slice(from, to, from, to), mat.SVDNone) {
			return nil, errors.New("the singular values of the initial weights did not converge")
		}
		for _, v := range svd.Values(nil) {
			starts[k] = append(starts[k], v*v)
		}
		from = to
	}
	return starts, nil
}

// hiddenColumns returns (W2ᵀU + W1V)/2, hidden × directions, the directions in
// the order of the modes. Where there are more of them than hidden units, rows of
// zeros below make the matrix square; they leave R as it is.
func hiddenColumns(p dataset.Point, module Module, modes []theory.Mode, layers []*mat.Dense) *mat.Dense {
	directions := 0
	for _, mode := range modes {
		directions += mode.Multiplicity
	}
	h := module.Hidden[0]
	a := mat.NewDense(max(h, directions), directions, nil)
	j := 0
	for _, mode := range modes {
		for _, set := range theory.Sets(p, module.View(), mode.Kind) {
			u, v := theory.Vectors(p, module.View(), set)
			var back, forth mat.VecDense
			back.MulVec(layers[1].T(), mat.NewVecDense(len(u), u))
			forth.MulVec(layers[0], mat.NewVecDense(len(v), v))
			for i := range h {
				a.Set(i, j, (back.AtVec(i)+forth.AtVec(i))/2)
			}
			j++
		}
	}
	return a
}

// triangleOf returns the square upper triangle R of A = QR.
func triangleOf(a *mat.Dense) *mat.Dense {
	var qr mat.QR
	qr.Factorize(a)
	var r mat.Dense
	qr.RTo(&r)
	_, cols := a.Dims()
	return r.Slice(0, cols, 0, cols).(*mat.Dense)
}
