package programtest

import "math"

// A number is a value and a bound of the error that a backend may make in it. An
// infinite bound means that nothing is known of the value, since a comparison
// that decides it lies within its error.
type number struct{ v, e float64 }

// functionUnits is how many units in the last place a backend's exponential,
// logarithm and other transcendental functions may be wrong by.
const functionUnits = 4

// arithmetic is that of a backend.
type arithmetic struct {
	u       float64 // unit roundoff: 2⁻⁵³ or 2⁻²⁴
	tiny    float64 // the smallest positive number
	largest float64
}

func arithmeticOf(u float64) arithmetic {
	if u == 0x1p-24 {
		return arithmetic{u, math.SmallestNonzeroFloat32, math.MaxFloat32}
	}
	return arithmetic{u, math.SmallestNonzeroFloat64, math.MaxFloat64}
}

// round is the result v of an operation, of which the operands' errors make the
// error e, and which is rounded to within a number of units of 2u·|v|.
func (a arithmetic) round(v, e, units float64) number {
	if !math.IsInf(v, 0) && !math.IsNaN(v) { // ∞ and NaN are not rounded
		e += units*a.u*math.Abs(v) + a.tiny
	}
	if math.IsNaN(e) {
		e = math.Inf(1)
	}
	return number{v, e}
}

// scaled is the error e of one factor in a product with another; of an exact
// factor it is 0, whatever the other is.
func scaled(by, e float64) float64 {
	if e == 0 {
		return 0
	}
	return math.Abs(by) * e
}

// constant is a number that a backend has after rounding it to its type.
func (a arithmetic) constant(v float64) number {
	if a.u > 0x1p-53 && float64(float32(v)) != v {
		return a.round(v, 0, 1)
	}
	return number{v: v}
}

func (a arithmetic) add(x, y number) number { return a.round(x.v+y.v, x.e+y.e, 1) }
func (a arithmetic) sub(x, y number) number { return a.round(x.v-y.v, x.e+y.e, 1) }

func (a arithmetic) mul(x, y number) number {
	return a.round(x.v*y.v, scaled(x.v, y.e)+scaled(y.v, x.e)+x.e*y.e, 1)
}

func (a arithmetic) div(x, y number) number {
	v := x.v / y.v
	e := 0.0
	if x.e != 0 || y.e != 0 {
		e = (x.e + math.Abs(v)*y.e) / (math.Abs(y.v) - y.e)
	}
	if e < 0 { // the divisor's error is larger than itself
		e = math.Inf(1)
	}
	return a.round(v, e, 1)
}

// function is f(x), of slope f′(x) = slope.
func (a arithmetic) function(v, slope float64, x number) number {
	return a.round(v, scaled(slope, x.e), 2*functionUnits)
}

// undetermined reports whether errors could turn the comparison of x with y.
func undetermined(x, y number) bool {
	return x.e+y.e > 0 && !(math.Abs(x.v-y.v) > x.e+y.e)
}

// An accumulator adds products in an order that a backend may choose.
type accumulator struct {
	v, e, size float64
	terms      int
}

func (s *accumulator) add(x, y number) {
	p := x.v * y.v
	s.v += p
	s.size += math.Abs(p)
	s.e += scaled(x.v, y.e) + scaled(y.v, x.e) + x.e*y.e
	s.terms++
}

// result has the error of n products and additions in any order, n·u·Σ|x·y|.
// Source: N. J. Higham, Accuracy and stability of numerical algorithms, §3.1.
func (s *accumulator) result(a arithmetic) number {
	n := float64(s.terms)
	if !math.IsInf(s.v, 0) && !math.IsNaN(s.v) {
		s.e += n*a.u*s.size + n*a.tiny
	}
	if math.IsNaN(s.e) {
		s.e = math.Inf(1)
	}
	return number{s.v, s.e}
}

// fits reports whether a backend's number may stand for a number of the
// interpreter. The bound is doubled: for the rounding of the interpreter itself,
// which is no more than that of the backend, and for products of errors that
// were left out.
func (a arithmetic) fits(got float64, want number) bool {
	switch {
	case math.IsInf(want.e, 1):
		return true
	case math.IsNaN(want.v):
		return math.IsNaN(got)
	case math.IsInf(want.v, 0):
		return got == want.v
	case math.IsInf(got, 0):
		return math.Abs(want.v) > a.largest*(1-8*a.u) && math.Signbit(got) == math.Signbit(want.v)
	}
	return math.Abs(got-want.v) <= 2*want.e
}
