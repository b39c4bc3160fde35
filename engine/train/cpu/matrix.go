package cpu

import "modspec/engine/train/cpu/asm"

// A matrix is rows × cols elements with strides in elements. An element is as
// many scalars as copies lie side by side.
type matrix[F asm.Float] struct {
	data       []F
	rows, cols int
	row, col   int
}

// transposed returns the transpose, which shares the data.
func (m matrix[F]) transposed() matrix[F] {
	return matrix[F]{m.data, m.cols, m.rows, m.col, m.row}
}

// slice returns rows lo … hi−1.
func (m matrix[F]) slice(lo, hi, lanes int) matrix[F] {
	return matrix[F]{m.data[lo*m.row*lanes:], hi - lo, m.cols, m.row, m.col}
}

// at returns the place of element (i, j)'s first scalar.
func (m matrix[F]) at(i, j, lanes int) int { return (i*m.row + j*m.col) * lanes }

// aligned returns n zeros that start on a cache line, so that no vector of them
// lies across two.
func aligned[F asm.Float](n int) []F {
	return asm.Aligned[F](n)
}
