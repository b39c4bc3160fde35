package spec

import (
	"math"
	"testing"
)

// TestLogInterpolate compares with math's logarithm and exponential, over the
// whole range of float64. Both sides have the error of a logarithm of at most
// 2¹¹ in magnitude, 2¹¹·ln 2·2⁻⁵² relative in the value, a few times over.
func TestLogInterpolate(t *testing.T) {
	const tolerance = 8 * 2048 * math.Ln2 * 0x1p-52
	for _, lo := range []float64{math.SmallestNonzeroFloat64, 1e-300, 1e-30, 1e-4, 0.7, 1, 1.5, 1e10} {
		for _, hi := range []float64{2, 3.7, 1e3, 1e200, math.MaxFloat64} {
			if hi <= lo {
				continue
			}
			last := lo
			for u := 0x1p-53; u < 1; u += 0.01 {
				got := logInterpolate(lo, hi, u)
				want := math.Exp2((1-u)*math.Log2(lo) + u*math.Log2(hi))
				if math.IsInf(want, 0) {
					want = math.MaxFloat64
				}
				// Below the normal numbers a value has an absolute error of its own.
				if math.Abs(got-want) > tolerance*want+2*math.SmallestNonzeroFloat64 {
					t.Fatalf("between %v and %v at %v: %v, want %v", lo, hi, u, got, want)
				}
				if got < last || got > hi {
					t.Fatalf("between %v and %v at %v: %v is not above %v", lo, hi, u, got, last)
				}
				last = got
			}
		}
	}
}
