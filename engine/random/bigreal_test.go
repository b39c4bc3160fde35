package random

import (
	"math"
	"math/big"
)

// The oracles of this package's tests: log and Φ by their power series in 320
// bits. They share nothing with the code under test but the definitions. The
// series are run until a term is below 2⁻²⁶⁰, and the largest term that
// cancels, e^(z²) < 2¹⁰⁰ for |z| ≤ 8.3, leaves 220 bits right: far beyond the
// 53 that are compared.
const bigPrecision = 320

var (
	bigLn2 = new(big.Float).Mul(bigFloat(2), bigArctanh(bigRatio(1, 3))) // ln 2 = 2 artanh ⅓
	bigPi  = machinPi()
)

func bigFloat(x float64) *big.Float {
	return new(big.Float).SetPrec(bigPrecision).SetFloat64(x)
}

func bigRatio(a, b int64) *big.Float {
	x := bigFloat(float64(a))
	return x.Quo(x, bigFloat(float64(b)))
}

func negligible(x *big.Float) bool {
	return x.Sign() == 0 || x.MantExp(nil) < -260
}

// bigArctanh returns x + x³/3 + x⁵/5 + … for |x| < 1.
func bigArctanh(x *big.Float) *big.Float { return oddSeries(x, 1) }

// bigArctan returns x − x³/3 + x⁵/5 − … for |x| < 1.
func bigArctan(x *big.Float) *big.Float { return oddSeries(x, -1) }

func oddSeries(x *big.Float, sign float64) *big.Float {
	square := new(big.Float).Mul(x, x)
	square.Mul(square, bigFloat(sign))
	sum, power := bigFloat(0), bigFloat(0).Set(x)
	for k := 1; !negligible(power); k += 2 {
		sum.Add(sum, new(big.Float).Quo(power, bigFloat(float64(k))))
		power.Mul(power, square)
	}
	return sum
}

// machinPi returns π = 16 arctan(1/5) − 4 arctan(1/239).
func machinPi() *big.Float {
	a := bigArctan(bigRatio(1, 5))
	b := bigArctan(bigRatio(1, 239))
	a.Mul(a, bigFloat(16))
	return a.Sub(a, b.Mul(b, bigFloat(4)))
}

// bigLogarithm returns log x for a positive normal float64.
func bigLogarithm(x float64) *big.Float {
	m, e := math.Frexp(x) // m in [½, 1)
	s := bigFloat(m)
	s.Quo(new(big.Float).Sub(s, bigFloat(1)), new(big.Float).Add(s, bigFloat(1)))
	sum := bigArctanh(s)
	sum.Mul(sum, bigFloat(2))
	return sum.Add(sum, new(big.Float).Mul(bigLn2, bigFloat(float64(e))))
}

// bigCentralArea returns Φ(z) − ½ = (2π)^(−½) Σ (−1)ᵏ z²ᵏ⁺¹/(2ᵏ k! (2k+1)).
func bigCentralArea(z float64) *big.Float {
	x := bigFloat(z)
	step := new(big.Float).Mul(x, x)
	step.Mul(step, bigFloat(-0.5))
	sum, term := bigFloat(0), bigFloat(0).Set(x)
	for k := 0; !negligible(term); k++ {
		if k > 0 {
			term.Mul(term, step)
			term.Quo(term, bigFloat(float64(k)))
		}
		sum.Add(sum, new(big.Float).Quo(term, bigFloat(float64(2*k+1))))
	}
	root := new(big.Float).Mul(bigPi, bigFloat(2))
	return sum.Quo(sum, root.Sqrt(root))
}
