package asm

import "fmt"

// Float is the precision of a kernel.
type Float interface{ float32 | float64 }

// Kernels is one set of kernels in one precision.
//
// A matrix of vectors holds Lanes scalars an element, side by side; strides are
// counted in vectors unless it says otherwise. Operands may not overlap the
// result, except that C may be D. A method panics if an operand is too short:
// that is a fault of the caller.
type Kernels[F Float] struct {
	Set   string // "avx512", "avx2" or "go"
	Lanes int    // scalars in a vector

	// TileRows and TileColumns are the size of [Kernels.Tile].
	TileRows, TileColumns int

	smallest    F // the smallest normal number
	fma         func(a, b, sum F) F
	mathematics *mathematics[F]
	raw         *raw[F] // nil in plain Go
}

// raw is a set of assembly functions. Sizes are counts and strides bytes.
type raw[F Float] struct {
	products   []func(d, c, a, b, s *F, m, k, dRow, cRow, aRow, aCol, bRow uintptr) // by columns − 1
	residual   func(e, transposed, m, a, b, norm *F, rows, cols, across uintptr)
	relax      func(w, a, b, norm, smallest *F, rows, cols uintptr)
	combine    func(d, c, s, x *F, n uintptr)
	sumSquares func(norm, x *F, n uintptr)
	rearrange  func(d, x *F, rows, cols, dRow, dCol, xRow, xCol uintptr)
	tile       func(d, c, a, b *F, s F, k, dRow, cRow uintptr)
	slide      [2][]func(d, c, a, b *F, s F, outer, inner, aRow, aStep, aSkip, bStep, bSkip, dRow, cRow uintptr) // by vectors of columns − 1 and rows − 1
	probe      func(x *F, n uintptr)
	normals    func(dst *float64, seeds, points *uint64, scale *float64, layer, first, blocks uintptr)
	functions  [NumFunctions]func(d, x, y, z *F, a, b F, n uintptr)
	panel      [2]func(d, c, a, b *F, low F, rows, inner, dRow, cRow, aRow, aStep, bRow uintptr) // by vectors − 1
	sumRows    func(d, x *F, rows, n uintptr)                                                    // of n times 16 scalars
	maxRows    func(d, x *F, rows, n uintptr)
	sumColumns func(d, x *F, rows, vectors, stride uintptr)
	spread     func(d, x *F, n, each, vectors uintptr)
	transpose  func(d, x *F, blocks, dRow, xRow uintptr) // blocks of 256 bits square, beside each other in x
}

// size is the number of bytes of a scalar.
func size[F Float]() uintptr {
	if _, double := any(F(0)).(float64); double {
		return 8
	}
	return 4
}

// need panics unless an operand has at least n scalars.
func need[F Float](name string, operand []F, n int) {
	if len(operand) < n {
		panic(fmt.Sprintf("asm: operand %s has %d scalars, but the kernel reads or writes %d", name, len(operand), n))
	}
}

// reach is the number of vectors from the first element of a rows × cols matrix
// to the end of its last.
func reach(rows, cols, row, col int) int {
	if rows == 0 || cols == 0 {
		return 0
	}
	return (rows-1)*row + (cols-1)*col + 1
}
