package random

import "math"

// Uniform maps a 64-bit word to the number (k + ½)·2⁻⁵² of the open interval
// (0, 1), k being the word's top 52 bits; the lower 12 bits are not used.
//
// The number is an odd multiple of 2⁻⁵³, so it is exact in float64, never 0
// and never 1, and Uniform(^word) = 1 − Uniform(word) exactly.
func Uniform(word uint64) float64 {
	return float64(float64(oddNumerator(word)) * 0x1p-53)
}

// oddNumerator returns 2k + 1, k the top 52 bits of word, so that
// Uniform(word) is the result times 2⁻⁵³.
func oddNumerator(word uint64) int64 {
	return int64(word>>12)<<1 | 1
}

// Normal maps a 64-bit word to a standard normal z = Φ⁻¹(u), where
// u = Uniform(word) and Φ is the standard normal distribution function. A
// uniformly random word gives a standard normal of 2⁵² equally likely values,
// all finite, the largest Φ⁻¹(1 − 2⁻⁵³) ≈ 8.21.
//
// Normal(^word) = −Normal(word) exactly, so the values are symmetric about 0.
//
// The result has the same bits on every processor. Only + − × ÷ √ are used,
// which IEEE 754 rounds correctly, in the order written; every product stands
// in a float64 conversion of its own, because the Go specification lets a
// compiler fuse x*y + z into one operation of different rounding unless a
// conversion stands between; and the logarithm of the tails is our own.
//
// Its relative error is below 40·2⁻⁵³ ≈ 4.5·10⁻¹⁵; see tailQuantile.
func Normal(word uint64) float64 {
	q := offset(word)
	if isTail(q) {
		return tailQuantile(q)
	}
	return centreQuantile(q)
}

// offset returns Uniform(word) − ½. Like the tail area ½ − |q| it is a multiple
// of 2⁻⁵³ below 2⁵³ of them in magnitude, so both are exact, and it changes
// sign with ^word.
func offset(word uint64) float64 {
	const half = 1 << 52
	return float64(float64(oddNumerator(word)-half) * 0x1p-53)
}

// isTail reports whether tailQuantile, not centreQuantile, holds for q.
func isTail(q float64) bool { return math.Abs(q) > 0.425 }

// centreQuantile returns Φ⁻¹(½ + q) for |q| ≤ 0.425, see tailQuantile. Beyond,
// its value means nothing.
func centreQuantile(q float64) float64 {
	const centreArea = 0.180625 // 0.425²
	r := centreArea - float64(q*q)
	return float64(q*polynomial(&centreAbove, r)) / polynomial(&centreBelow, r)
}

// tailQuantile returns Φ⁻¹(½ + q) for 0.425 < |q| < ½, q a multiple of 2⁻⁵³.
// Both functions are odd in q, to the bit.
//
// Formula: with r = 0.425² − q² for |q| ≤ 0.425, q·A(r)/B(r); otherwise with
// r = √(−log(½ − |q|)), ±C(r − 1.6)/D(r − 1.6) for r ≤ 5 and
// ±E(r − 5)/F(r − 5) beyond, where A … F are polynomials of degree 7.
//
// Source: M. J. Wichura, "Algorithm AS 241: The percentage points of the
// normal distribution", Applied Statistics 37 (1988) 477–484, function PPND16,
// whose rational functions are within about 10⁻¹⁶ of Φ⁻¹, relatively.
//
// # Error bound
//
// Write u = 2⁻⁵³. All coefficients are positive and all arguments of the
// polynomials are non-negative (but for one rounding where |q| is 0.425, which
// is harmless, its terms being below u), so Horner's rule at degree 7 costs a
// relative error of at most 14u and the roundings of the coefficients u: 15u
// above the line and 15u below. The quotient, and at the centre the product
// with q, add 2u.
//
// Then the argument. At the centre q², the difference and the constant are
// each rounded by at most u/8, and |d log(A/B)/dr| < 3.01: 1.2u. In the tails r
// has the relative error 1.75u of the logarithm, halved by the root, and u of
// the root; the constant 1.6 and the subtraction add at most 0.7u; and z grows
// no faster than r^1.91 (at r = 1.61, slowing to r^1 far out): 5u.
//
// With 10⁻¹⁶ < u from the formula itself the sum is below 38u; 40u leaves room
// for the terms of second order.
func tailQuantile(q float64) float64 {
	const (
		nearEnd   = 5 // r ≤ 5 is a tail area of at least e⁻²⁵
		nearShift = 1.6
	)
	r := math.Sqrt(-logarithm(0.5 - math.Abs(q)))
	var z float64
	if r <= nearEnd {
		r -= nearShift
		z = polynomial(&nearAbove, r) / polynomial(&nearBelow, r)
	} else {
		r -= nearEnd
		z = polynomial(&farAbove, r) / polynomial(&farBelow, r)
	}
	return math.Copysign(z, q)
}

// polynomial returns Σ cᵢ xⁱ, i = 0 … 7, by Horner's rule, rounding each
// product before its sum.
func polynomial(c *[8]float64, x float64) float64 {
	p := float64(c[7]*x) + c[6]
	p = float64(p*x) + c[5]
	p = float64(p*x) + c[4]
	p = float64(p*x) + c[3]
	p = float64(p*x) + c[2]
	p = float64(p*x) + c[1]
	return float64(p*x) + c[0]
}

// The polynomials A … F of PPND16, the constant term first.
var (
	centreAbove = [8]float64{
		3.3871328727963666080e+0, 1.3314166789178437745e+2,
		1.9715909503065514427e+3, 1.3731693765509461125e+4,
		4.5921953931549871457e+4, 6.7265770927008700853e+4,
		3.3430575583588128105e+4, 2.5090809287301226727e+3,
	}
	centreBelow = [8]float64{
		1, 4.2313330701600911252e+1,
		6.8718700749205790830e+2, 5.3941960214247511077e+3,
		2.1213794301586595867e+4, 3.9307895800092710610e+4,
		2.8729085735721942674e+4, 5.2264952788528545610e+3,
	}
	nearAbove = [8]float64{
		1.42343711074968357734e+0, 4.63033784615654529590e+0,
		5.76949722146069140550e+0, 3.64784832476320460504e+0,
		1.27045825245236838258e+0, 2.41780725177450611770e-1,
		2.27238449892691845833e-2, 7.74545014278341407640e-4,
	}
	nearBelow = [8]float64{
		1, 2.05319162663775882187e+0,
		1.67638483018380384940e+0, 6.89767334985100004550e-1,
		1.48103976427480074590e-1, 1.51986665636164571966e-2,
		5.47593808499534494600e-4, 1.05075007164441684324e-9,
	}
	farAbove = [8]float64{
		6.65790464350110377720e+0, 5.46378491116411436990e+0,
		1.78482653991729133580e+0, 2.96560571828504891230e-1,
		2.65321895265761230930e-2, 1.24266094738807843860e-3,
		2.71155556874348757815e-5, 2.01033439929228813265e-7,
	}
	farBelow = [8]float64{
		1, 5.99832206555887937690e-1,
		1.36929880922735805310e-1, 1.48753612908506148525e-2,
		7.86869131145613259100e-4, 1.84631831751005468180e-5,
		1.42151175831644588870e-7, 2.04426310338993978564e-15,
	}
)
