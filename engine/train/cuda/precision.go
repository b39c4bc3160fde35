//go:build gpu

package cuda

// size is the number of bytes of a number in a precision.
func (p Precision) size() int {
	if p == Float64 {
		return 8
	}
	return 4
}

// suffix is how the names of kernels in a precision end.
func (p Precision) suffix() string {
	if p == Float64 {
		return "_f64"
	}
	return "_f32"
}
