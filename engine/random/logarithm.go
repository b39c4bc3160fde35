package random

import "math"

// ln2High + ln2Low = ln 2 to 85 bits. ln2High keeps only 32 significant bits,
// so that its product with an exponent, an integer below 2¹¹ in magnitude, is
// exact. The split is that of FreeBSD's e_log.c.
const (
	ln2High = 6.93147180369123816490e-01 // 0x3fe62e42_fee00000
	ln2Low  = 1.90821492927058770002e-10 // 0x3dea39ef_35793c76
)

// logarithm returns the natural logarithm of x, a positive normal float64,
// with bits that do not depend on the processor; math.Log has assembly of its
// own on some. Zeros, subnormals, negative numbers, infinities and NaN are
// outside its domain: its one caller passes x in [2⁻⁵³, 0.075).
//
// With x = 2ᵉ·m, m in [√½, √2) and s = (m−1)/(m+1),
//
//	log x = e·ln 2 + 2s(1 + z/3 + z²/5 + … + z¹⁰/21),  z = s².
//
// # Error bound
//
// Write u = 2⁻⁵³. |s| ≤ (√2−1)/(√2+1) < 0.1716, so z < 0.02945, and the terms
// left out are below z¹¹/(23(1−z)) < 7·10⁻¹⁹ < 0.01u relative to the series.
// m − 1 is exact (Sterbenz: m lies in [½, 2]). s carries the rounding of m + 1
// and of the division: 2u. The series is 1 + w, w = z(1/3 + …) < 0.01, whose
// own roundings, at most a hundredth of (4 + 3·10)u < 0.34u, and the rounding
// of the last addition give 1.34u. The product with 2s adds u. Together
// log m has a relative error below 4.36u to first order; 4.5u covers the rest.
//
// For e = 0 this is the bound. For e ≠ 0, e·ln2High is exact, |log m| ≤ 0.3466
// and the two additions round once each, so the absolute error is below
// u(4.5·0.3466 + 0.3467 + |log x|) + tiny. In the caller's domain
// |log x| > 2.59, which makes a relative error below (1.91/2.59 + 1)u < 1.75u;
// the tests hold it to 2u there and to 4.5u for x in [√½, √2).
func logarithm(x float64) float64 {
	const (
		fractionMask = 1<<52 - 1
		oneBits      = 1023 << 52
	)
	bits := math.Float64bits(x)
	exponent := int(bits>>52) - 1023
	m := math.Float64frombits(bits&fractionMask | oneBits) // in [1, 2)
	if m >= math.Sqrt2 {
		m /= 2 // exact
		exponent++
	}
	s := (m - 1) / (m + 1)
	z := float64(s * s)
	w := 1.0 / 21
	w = float64(w*z) + 1.0/19
	w = float64(w*z) + 1.0/17
	w = float64(w*z) + 1.0/15
	w = float64(w*z) + 1.0/13
	w = float64(w*z) + 1.0/11
	w = float64(w*z) + 1.0/9
	w = float64(w*z) + 1.0/7
	w = float64(w*z) + 1.0/5
	w = float64(w*z) + 1.0/3
	w = float64(w*z) + 1
	logM := float64(float64(2*s) * w)
	e := float64(exponent)
	return float64(e*ln2High) + (logM + float64(e*ln2Low))
}
