//go:build gpu

package large

import (
	"fmt"
	"unsafe"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/cuda"
)

// array is one matrix for each copy, slot or task in device memory. Rows begin at
// multiples of 16 bytes, so that the kernels load and store packs; what lies
// between a row's last element and the next row stays as it was allocated, 0.
type array struct {
	at         uint64
	which      int64
	count      int
	rows, cols int
	lead       int
	size       int // bytes of an element
}

// numbers lays out count matrices.
func numbers(l *cuda.Layout, size int, which int64, count, rows, cols int) array {
	perPack := 16 / size
	x := array{which: which, count: count, rows: rows, cols: cols, size: size}
	x.lead = cuda.CeilDiv(cols, perPack) * perPack
	x.at = l.Take(int64(count * x.bytes()))
	return x
}

// bytes is what one of the matrices takes.
func (x *array) bytes() int { return x.rows * x.lead * x.size }

// of is where matrix n is.
func (x *array) of(n int) uint64 { return x.at + uint64(n)*uint64(x.bytes()) }

func (x array) abi() matrixABI {
	if x.at == 0 || x.count == 0 {
		return matrixABI{}
	}
	return matrixABI{at: x.at, which: x.which, stride: int64(x.rows * x.lead), lead: int64(x.lead)}
}

// slice is rows lo … hi−1 of each matrix, as the kernels see them.
func (x array) slice(lo, hi int) matrixABI {
	m := x.abi()
	if m.at != 0 {
		m.at += uint64(lo * x.lead * x.size)
	}
	return m
}

// pack writes a matrix as the array holds it, rounded to its elements.
func (x *array) pack(dst []byte, m mat.Matrix) error {
	rows, cols := m.Dims()
	if rows != x.rows || cols != x.cols {
		return fmt.Errorf("a matrix of %d × %d is to be stored as %d × %d", rows, cols, x.rows, x.cols)
	}
	raw, dense := m.(*mat.Dense)
	for i := range rows {
		for j := range cols {
			var v float64
			if dense {
				v = raw.RawMatrix().Data[i*raw.RawMatrix().Stride+j]
			} else {
				v = m.At(i, j)
			}
			x.set(dst, i, j, v)
		}
	}
	return nil
}

func (x *array) set(dst []byte, i, j int, v float64) {
	at := unsafe.Pointer(&dst[(i*x.lead+j)*x.size])
	if x.size == 4 {
		*(*float32)(at) = float32(v)
	} else {
		*(*float64)(at) = v
	}
}

// unpack reads a matrix of float64 as the array holds it.
func (x *array) unpack(m *mat.Dense, src []byte) {
	for i := range x.rows {
		row := unsafe.Slice((*float64)(unsafe.Pointer(&src[i*x.lead*x.size])), x.cols)
		copy(m.RawRowView(i), row)
	}
}
