package prediction

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// products are the inner products G = AᵀA of the columns of a matrix A, from which
// blocks of columns are taken out from the first to the last: after each, what
// remains of G are the inner products of the parts of the other columns that are
// orthogonal to those taken. With A = QR that is RᵀR, and block k as it is when
// its turn comes is R_kkᵀR_kk.
type products struct {
	g     []float64 // n × n, upper triangle
	n     int
	sizes []float64 // ‖A_j‖² at first
	block *mat.SymDense
	eigen mat.EigenSym
	room  []float64
}

// of forms the inner products of n columns of the given length, one after the
// other.
func (p *products) of(columns []float64, length, n int) {
	p.n, p.g, p.sizes = n, grow(p.g, n*n), grow(p.sizes, n)
	for i := range n {
		a := columns[i*length : (i+1)*length]
		for j := i; j < n; j++ {
			b := columns[j*length : (j+1)*length]
			sum := 0.0
			for k, v := range a {
				sum += v * b[k]
			}
			p.g[i*n+j] = sum
		}
		p.sizes[i] = p.g[i*n+i]
	}
}

// take appends the eigenvalues of the block of columns [lo, hi) to dst and takes
// the block out. Columns that the ones before them already span have nothing
// left; what rounding leaves of them is cut to 0.
func (p *products) take(dst []float64, lo, hi int) []float64 {
	dst = p.eigenvalues(dst, lo, hi)
	for i := lo; i < hi; i++ {
		row := p.g[i*p.n : (i+1)*p.n]
		pivot := row[i]
		if pivot <= p.rounding(i) {
			continue
		}
		for j := i + 1; j < p.n; j++ {
			share := row[j] / pivot
			for k, v := range row[j:] {
				p.g[j*p.n+j+k] -= share * v
			}
		}
	}
	return dst
}

// rounding is what a column's square may hold though nothing is left of it: each
// of the n columns taken out before it leaves a rounding of its first square or
// two.
func (p *products) rounding(i int) float64 { return 4 * float64(p.n) * 0x1p-53 * p.sizes[i] }

func (p *products) eigenvalues(dst []float64, lo, hi int) []float64 {
	m, cut, first := hi-lo, 0.0, len(dst)
	for i := lo; i < hi; i++ {
		cut += p.rounding(i)
	}
	if m == 1 {
		dst = append(dst, p.g[lo*p.n+lo])
	} else {
		if p.block == nil || p.block.SymmetricDim() != m {
			p.block = mat.NewSymDense(m, nil)
		}
		for i := range m {
			for j := i; j < m; j++ {
				p.block.SetSym(i, j, p.g[(lo+i)*p.n+lo+j])
			}
		}
		p.room = grow(p.room, m)
		if p.eigen.Factorize(p.block, false) {
			dst = append(dst, p.eigen.Values(p.room)...)
		} else {
			// Only what is not finite has no eigenvalues; the prediction then is none.
			for range m {
				dst = append(dst, math.NaN())
			}
		}
	}
	for i := first; i < len(dst); i++ {
		if dst[i] <= cut {
			dst[i] = 0
		}
	}
	return dst
}
