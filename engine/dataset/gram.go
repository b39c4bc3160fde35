package dataset

import (
	"errors"

	"gonum.org/v1/gonum/mat"
)

// gramDirections returns the eigenvectors of Ω_xᵀΩ_x over some examples whose
// input is not zero.
//
// With S = Ω_xΩ_xᵀ = UΛUᵀ, only n_x × n_x, the eigenvectors that Ω_x sees are
// c = Ω_xᵀu/√λ for λ > 0. How many those are, the rank of Ω_x, is decided in whole
// numbers and not by what looks like 0. All other directions of the examples
// make one eigenspace, of which any orthonormal basis will do.
func (p Point) gramDirections(examples []int) ([]direction, error) {
	gamma := float64(p.KX) * p.R * p.R
	m, seen := len(examples), 0
	var list []direction
	if n := p.NX(); n > 0 {
		omega := mat.NewDense(n, m, nil)
		for i, bit := range p.InputBits {
			for k, e := range examples {
				omega.Set(i, k, p.Omega(bit, e))
			}
		}
		gram := mat.NewSymDense(n, nil)
		gram.SymOuterK(1, omega)
		var eigen mat.EigenSym
		if !eigen.Factorize(gram, true) {
			return nil, errors.New("the eigenvectors of Ω_xΩ_xᵀ did not converge")
		}
		var vectors mat.Dense
		eigen.VectorsTo(&vectors)
		seen = p.rank(examples)
		for j := n - seen; j < n; j++ { // eigenvalues ascend
			var c mat.VecDense
			c.MulVec(omega.T(), vectors.ColView(j))
			// λ is taken from c's length, which has more digits than the solver's
			// where λ is small beside the largest.
			length := mat.Norm(&c, 2)
			c.ScaleVec(1/length, &c)
			list = append(list, direction{c: c.RawVector().Data, omega: length * length, gamma: gamma})
		}
	}
	if gamma > 0 {
		for _, c := range complement(list, m) {
			list = append(list, direction{c: c, gamma: gamma})
		}
	}
	return list, nil
}

// complement returns an orthonormal basis of what is orthogonal to some
// independent directions over m examples.
func complement(directions []direction, m int) [][]float64 {
	list := make([][]float64, 0, m-len(directions))
	if len(directions) == 0 {
		for k := range m {
			c := make([]float64, m)
			c[k] = 1
			list = append(list, c)
		}
		return list
	}
	a := mat.NewDense(m, len(directions), nil)
	for j, d := range directions {
		a.SetCol(j, d.c)
	}
	var qr mat.QR
	qr.Factorize(a)
	var q mat.Dense // m × m: the directions' span, then its complement
	qr.QTo(&q)
	for j := len(directions); j < m; j++ {
		list = append(list, mat.Col(nil, j, &q))
	}
	return list
}

// rank returns the rank of Ω_x over some examples, by elimination without fractions
// (Bareiss): every entry stays a minor of a ±1 matrix of at most MaxBits = 12 rows,
// by Hadamard's inequality at most 12⁶ < 2²², so that products fit an int64.
func (p Point) rank(examples []int) int {
	rows := make([][]int64, p.NX())
	for i, bit := range p.InputBits {
		rows[i] = make([]int64, len(examples))
		for k, e := range examples {
			rows[i][k] = int64(p.Omega(bit, e))
		}
	}
	rank, before := 0, int64(1)
	for column := 0; column < len(examples) && rank < len(rows); column++ {
		pivot := rank
		for pivot < len(rows) && rows[pivot][column] == 0 {
			pivot++
		}
		if pivot == len(rows) {
			continue
		}
		rows[rank], rows[pivot] = rows[pivot], rows[rank]
		top := rows[rank]
		for _, row := range rows[rank+1:] {
			factor := row[column]
			for k := column; k < len(row); k++ {
				row[k] = (top[column]*row[k] - factor*top[k]) / before
			}
		}
		before = top[column]
		rank++
	}
	return rank
}
