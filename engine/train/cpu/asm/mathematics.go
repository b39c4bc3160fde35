package asm

import "math"

// mathematics is the transcendental functions of one precision. Each is a few
// additions, multiply-adds and divisions in a fixed order, which the assembly keeps.
//
// # Error bounds
//
// u is the unit roundoff. A polynomial by Horner's rule with multiply-adds, in an
// argument of at most 0.35 with falling coefficients, has an error below 2u of its
// value, what is left out of the series included (see the fields).
//
//   - exp: x = n·ln 2 + r, where n·ln2High is exact and r has an error of u/2·|x|·2⁻²⁰
//     or so from ln2Low; e^r by its series has 2u, and the two factors 2^n are exact
//     unless the result is below the normal numbers.
//   - log: x = 2^e·m, s = (m − 1)/(m + 1) with 2u, 2s·(1 + s²/3 + …) with 2u more, and
//     e·ln 2 added with one rounding of each part: below 6u.
//   - tanh: e^y − 1 = 2^n·(e^r − 1) + (2^n − 1) for y = 2|x|, with 4u, then a sum and a
//     quotient: below 7u.
//   - sigmoid: an exponential, a sum and a quotient: below 5u.
//   - softplus: w = 1 + e^−|x| is wrong by at most u, which (e^−|x| − (w − 1))/w puts
//     right; its logarithm, two sums: below 8u.
//
// One unit in the last place is 2u or less, so all are within 4 of them.
type mathematics[F Float] struct {
	fma      func(a, b, sum F) F
	bits     func(F) uint64
	fromBits func(uint64) F

	digits          int // bits of the fraction: 23 or 52
	one             F   // 1, of which only the bits matter
	magic           F   // 1.5·2^digits: adding it rounds to a whole number
	bias            F   // 2^digits + the bias of exponents
	most, least     F   // beyond these e^x is ∞ and 0
	mostTanh        F   // beyond this e^x − 1 over e^x + 1 is 1
	log2e           F
	ln2High, ln2Low F
	smallest        F // the smallest normal number
	lift, lifted    F // 2^k makes all positive numbers normal, and k
	// exponential is the series of (e^r − 1 − r)/r², last term first. What is left
	// out is below r⁸/8! < 6·10⁻⁹ and r¹⁴/14! < 5·10⁻¹⁸.
	exponential []F
	// logarithm is that of artanh s/s in s², last term first: z⁵/11 < 3·10⁻⁹ and
	// z¹¹/23 < 10⁻¹⁸ are left out.
	logarithm []F
}

func series[F Float](terms int, of func(i int) float64) []F {
	list := make([]F, terms)
	for i := range list {
		list[i] = F(of(terms - 1 - i))
	}
	return list
}

func inverseFactorial(i int) float64 { return 1 / math.Gamma(float64(i+3)) }
func inverseOdd(i int) float64       { return 1 / float64(2*i+1) }

var mathematics32 = &mathematics[float32]{
	fma:      fma32,
	bits:     func(x float32) uint64 { return uint64(math.Float32bits(x)) },
	fromBits: func(b uint64) float32 { return math.Float32frombits(uint32(b)) },
	digits:   23, one: 1, magic: 0x1.8p23, bias: 0x1p23 + 127, most: 89, least: -104, mostTanh: 20, log2e: math.Log2E,
	ln2High: 0x1.63p-1, ln2Low: -0x1.bd0106p-13, // the first has 9 bits
	smallest: 0x1p-126, lift: 0x1p24, lifted: 24,
	exponential: series[float32](6, inverseFactorial), logarithm: series[float32](5, inverseOdd),
}

var mathematics64 = &mathematics[float64]{
	fma:      fma64,
	bits:     math.Float64bits,
	fromBits: math.Float64frombits,
	digits:   52, one: 1, magic: 0x1.8p52, bias: 0x1p52 + 1023, most: 710, least: -746, mostTanh: 40, log2e: math.Log2E,
	ln2High: 6.93147180369123816490e-01, ln2Low: 1.90821492927058770002e-10, // as in package random
	smallest: 0x1p-1022, lift: 0x1p54, lifted: 54,
	exponential: series[float64](12, inverseFactorial), logarithm: series[float64](11, inverseOdd),
}

// power is 2^n, where t is n + magic.
func (c *mathematics[F]) power(t F) F {
	return c.fromBits(c.bits(t)<<c.digits + c.bits(c.one))
}

// reduce returns n + magic, n and r of x = n·ln 2 + r.
func (c *mathematics[F]) reduce(x F) (t, n, r F) {
	t = c.fma(x, c.log2e, c.magic)
	n = t - c.magic
	r = c.fma(-n, c.ln2High, x)
	return t, n, c.fma(-n, c.ln2Low, r)
}

func (c *mathematics[F]) horner(coefficients []F, x F) F {
	p := coefficients[0]
	for _, a := range coefficients[1:] {
		p = c.fma(p, x, a)
	}
	return p
}

// expm1 is e^r − 1 for small r.
func (c *mathematics[F]) expm1(r F) F {
	return c.fma(F(r*r), c.horner(c.exponential, r), r)
}

func (c *mathematics[F]) exp(x F) F {
	if c.most < x {
		x = c.most
	}
	if c.least > x {
		x = c.least
	}
	_, n, r := c.reduce(x)
	p := c.expm1(r) + 1
	// 2^n in two factors, since n may lie beyond the exponents.
	t := c.fma(n, 0.5, c.magic)
	first, half := c.power(t), t-c.magic
	second := c.power((n - half) + c.magic)
	return F(F(p*first) * second)
}

// split returns e and m of x = 2^e·m, m in [√½, √2), for a normal x.
func (c *mathematics[F]) split(x F) (e, m F) {
	bits := c.bits(x)
	e = c.fromBits(bits>>c.digits|c.bits(c.magic)&^(1<<(c.digits-1))) - c.bias
	m = c.fromBits(bits&(1<<c.digits-1) | c.bits(c.one))
	if m >= math.Sqrt2 {
		m *= 0.5
		e += 1
	}
	return e, m
}

// logOf is e·ln 2 + ln m.
func (c *mathematics[F]) logOf(e, m F) F {
	s := (m - 1) / (m + 1)
	w := c.horner(c.logarithm, F(s*s))
	low := c.fma(s+s, w, F(e*c.ln2Low))
	return c.fma(e, c.ln2High, low)
}

func (c *mathematics[F]) log(x F) F {
	y, less := x, F(0)
	if x < c.smallest {
		y, less = F(x*c.lift), c.lifted
	}
	e, m := c.split(y)
	r := c.logOf(e-less, m)
	switch {
	case x == F(math.Inf(1)):
		return x
	case x == 0:
		return F(math.Inf(-1))
	case !(x >= 0):
		return F(math.NaN())
	}
	return r
}

// size is |x|.
func (c *mathematics[F]) size(x F) F { return F(math.Abs(float64(x))) }

func (c *mathematics[F]) tanh(x F) F {
	y := c.size(x)
	y += y
	if c.mostTanh < y {
		y = c.mostTanh
	}
	t, _, r := c.reduce(y)
	power := c.power(t)
	e := c.fma(power, c.expm1(r), power-1)
	return F(math.Copysign(float64(e/(e+2)), float64(x)))
}

func (c *mathematics[F]) sigmoid(x F) F {
	e := c.exp(-c.size(x))
	above := F(1)
	if x < 0 {
		above = e
	}
	return above / (1 + e)
}

func (c *mathematics[F]) softplus(x F) F {
	y := c.exp(-c.size(x))
	w := 1 + y
	e, m := c.split(w)
	l := c.logOf(e, m) + (y-(w-1))/w
	if x > 0 {
		return x + l
	}
	return l
}
