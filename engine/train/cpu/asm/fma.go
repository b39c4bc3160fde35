package asm

import "math"

// fma64 returns a·b + c with one rounding.
func fma64(a, b, c float64) float64 { return math.FMA(a, b, c) }

// fma32 returns a·b + c with one rounding.
//
// The product is exact in float64, which holds the 48 bits of two factors of
// 24. The sum is rounded to 53 bits and then to 24. Rounding twice differs from
// rounding once only where the first lands exactly in the middle between two
// float32; then, and where the result lies below the normal numbers of float32
// and keeps fewer bits, the sum is rounded to odd first, which is safe for any
// number of bits up to 51.
//
// Source: S. Boldo, G. Melquiond, "Emulation of FMA and correctly rounded sums:
// proved algorithms using rounding to odd", IEEE Transactions on Computers 57
// (2008) 462–471.
func fma32(a, b, c float32) float32 {
	const (
		dropped = 1<<29 - 1 // the bits of a float64 that a float32 does not have
		middle  = 1 << 28
	)
	p, z := float64(a)*float64(b), float64(c)
	s := p + z
	if math.Float64bits(s)&dropped != middle && math.Abs(s) >= 0x1p-125 {
		return float32(s)
	}
	return float32(roundToOdd(p, z, s))
}

// roundToOdd returns the sum p + z, whose nearest float64 is s, truncated and
// with its last bit set if that loses anything.
func roundToOdd(p, z, s float64) float64 {
	// Knuth's exact error of an addition.
	v := s - p
	e := (p - (s - v)) + (z - v)
	bits := math.Float64bits(s)
	if e == 0 || e != e || bits&1 == 1 {
		return s
	}
	if (e > 0) == (s > 0) {
		return math.Float64frombits(bits + 1)
	}
	return math.Float64frombits(bits - 1)
}
