package study

import (
	"errors"

	"gonum.org/v1/gonum/mat"
)

var errSVD = errors.New("the singular value decomposition did not converge")

// singularValues returns the singular values of a matrix, descending.
func singularValues(m mat.Matrix) ([]float64, error) {
	var svd mat.SVD
	if !svd.Factorize(m, mat.SVDNone) {
		return nil, errSVD
	}
	return svd.Values(nil), nil
}

// pseudoinverse returns X⁺ and an orthonormal basis of X's span.
func pseudoinverse(x *mat.Dense) (basis, inverse *mat.Dense, err error) {
	var svd mat.SVD
	if !svd.Factorize(x, mat.SVDThin) {
		return nil, nil, errSVD
	}
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	values, rank := svd.Values(nil), 0
	rows, columns := x.Dims()
	floor := roundingFloor(values, max(rows, columns))
	for rank < len(values) && values[rank] > floor {
		rank++
	}
	return mat.DenseCopyOf(u.Slice(0, rows, 0, rank)), inverseOf(&u, &v, values), nil
}

// inverseOf returns V Λ⁺ Uᵀ, the pseudo-inverse of U Λ Vᵀ, for the vectors and
// values of a singular value decomposition or, with U = V, of an
// eigendecomposition without negative values. The values come in any order; those
// within rounding of 0 count as 0.
func inverseOf(u, v *mat.Dense, values []float64) *mat.Dense {
	rows, _ := u.Dims()
	columns, _ := v.Dims()
	floor := roundingFloor(values, max(rows, columns))
	scaled := mat.DenseCopyOf(v)
	for j, value := range values {
		inverse := 0.0
		if value > floor {
			inverse = 1 / value
		}
		for i := range columns {
			scaled.Set(i, j, scaled.At(i, j)*inverse)
		}
	}
	inverse := &mat.Dense{}
	inverse.Mul(scaled, u.T())
	return inverse
}

// roundingFloor is the accuracy to which the values of a decomposition are
// computed: about n·2⁻⁵² of the largest, n the longer side of the matrix.
func roundingFloor(values []float64, n int) float64 {
	largest := 0.0
	for _, v := range values {
		largest = max(largest, v)
	}
	return float64(n) * 0x1p-52 * largest
}
