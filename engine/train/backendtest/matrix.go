package backendtest

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/network"
)

// A matrix is a list of rows. The suite computes with plain loops over them, so
// that it shares nothing with the backends that it checks.
type matrix [][]float64

func newMatrix(rows, cols int) matrix {
	m := make(matrix, rows)
	for i := range m {
		m[i] = make([]float64, cols)
	}
	return m
}

func fromDense(d *mat.Dense) matrix {
	rows, cols := d.Dims()
	m := newMatrix(rows, cols)
	for i := range m {
		for j := range m[i] {
			m[i][j] = d.At(i, j)
		}
	}
	return m
}

// each returns the matrix of f(element).
func (m matrix) each(f func(v float64) float64) matrix {
	out := make(matrix, len(m))
	for i, row := range m {
		out[i] = make([]float64, len(row))
		for j, v := range row {
			out[i][j] = f(v)
		}
	}
	return out
}

func (m matrix) abs() matrix   { return m.each(math.Abs) }
func (m matrix) clone() matrix { return m.each(func(v float64) float64 { return v }) }

// apply returns m·x.
func (m matrix) apply(x []float64) []float64 {
	y := make([]float64, len(m))
	for i, row := range m {
		for j, v := range row {
			y[i] += v * x[j]
		}
	}
	return y
}

// applyTransposed returns mᵀ·y.
func (m matrix) applyTransposed(y []float64) []float64 {
	x := make([]float64, len(m[0]))
	for i, row := range m {
		for j, v := range row {
			x[j] += v * y[i]
		}
	}
	return x
}

// times returns m·b.
func (m matrix) times(b matrix) matrix {
	out := make(matrix, len(m))
	for i, row := range m {
		out[i] = b.applyTransposed(row)
	}
	return out
}

// addOuter adds s·a·bᵀ to m.
func (m matrix) addOuter(s float64, a, b []float64) {
	for i, row := range m {
		f := s * a[i]
		for j, v := range b {
			row[j] += f * v
		}
	}
}

// flat returns the elements of m row by row.
func (m matrix) flat() []float64 {
	var list []float64
	for _, row := range m {
		list = append(list, row...)
	}
	return list
}

// weights are a network's layers, by module, the first layer first.
type weights [][]matrix

func fromWeights(w *network.Weights) weights {
	out := make(weights, len(w.Modules))
	for m, layers := range w.Modules {
		for _, l := range layers {
			out[m] = append(out[m], fromDense(l))
		}
	}
	return out
}

// each returns the weights of f(layer).
func (w weights) each(f func(l matrix) matrix) weights {
	out := make(weights, len(w))
	for m, layers := range w {
		for _, l := range layers {
			out[m] = append(out[m], f(l))
		}
	}
	return out
}
