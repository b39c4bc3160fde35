package prediction

import (
	"errors"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/network"
	"modspec/engine/theory"
)

// factoredStarts is [Predictor.Starts] of one module as its comment has it: singular
// vectors written out, A = QR, and the squared singular values of the diagonal blocks
// of R.
func factoredStarts(p dataset.Point, module network.Module, layers []*mat.Dense) ([][]float64, error) {
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
	}
	if len(modes) == 0 {
		return starts, nil // as without any output signal
	}
	columns := hiddenColumns(p, module, modes, layers)
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
func hiddenColumns(p dataset.Point, module network.Module, modes []theory.Mode, layers []*mat.Dense) *mat.Dense {
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
