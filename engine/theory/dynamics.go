package theory

import "math"

// Deep returns the strength of a mode of a network with one hidden layer after t
// steps' worth of continuous time,
//
//	a(t) = (λ/δ) / (1 − (1 − λ/(δ a(0))) e^{−2ηλt}),
//
// from a(0) = start > 0 (0 stays 0: a saddle) at learning rate eta. A negative
// start gives NaN, as it does in [DeepRecursion]: the strength of a balanced mode
// is a square. Source: Saxe, McClelland, Ganguli 2014.
func Deep(m Mode, eta, start, t float64) float64 {
	if start == 0 {
		return 0
	}
	if start < 0 {
		return math.NaN()
	}
	end := m.Asymptote()
	// With x = 2ηλt and s = end/start the denominator 1 − (1−s)e^{−x} is written
	// (1 − e^{−x}) + s·e^{−x}: two positive terms, so nothing cancels when s is
	// large or x is small. s·e^{−x} is written end/(start·e^x), which goes to +Inf
	// for a start next to 0 and to 0 for a long time; Inf·0 cannot occur.
	x := exponent(2*eta*m.SingularValue, t)
	return end / (-math.Expm1(-x) + end/(start*math.Exp(x)))
}

// Shallow returns the strength of a mode of a network without hidden layer after
// t steps' worth of continuous time,
//
//	a(t) = (λ/δ)(1 − e^{−ηδt}) + a(0) e^{−ηδt}.
func Shallow(m Mode, eta, start, t float64) float64 {
	x := exponent(eta*m.InputEigenvalue, t)
	return m.Asymptote()*-math.Expm1(-x) + start*math.Exp(-x)
}

// exponent returns rate·t, which is 0 at t = 0 for a rate past float64 too.
func exponent(rate, t float64) float64 {
	if t == 0 {
		return 0
	}
	return rate * t
}

// ShallowSteps returns the strength of a mode of a network without hidden layer
// after a whole number of steps of gradient descent. It is exact:
//
//	a(t) = (λ/δ)(1 − (1−ηδ)^t) + a(0)(1−ηδ)^t.
func ShallowSteps(m Mode, eta, start float64, t int) float64 {
	decay := math.Pow(1-eta*m.InputEigenvalue, float64(t))
	return m.Asymptote()*(1-decay) + start*decay
}

// A DeepRecursion steps the strength of a balanced mode of a network with
// one or more hidden layers through real steps of gradient descent. With N layers of
// weights, each carrying c = a^{1/N},
//
//	c ← c + η c^{N−1} (λ − δ c^N),  a = c^N.
//
// For N = 2 that is c ← c + η c (λ − δ c²). It goes beyond the paper, whose closed
// form is visibly off at its own learning rate (ηλ = 0.2).
type DeepRecursion struct {
	mode   Mode
	eta    float64
	layers int
	c      float64
}

// NewDeepRecursion starts the recursion for a network with the given number of
// hidden layers (at least 1) at strength start ≥ 0. From a negative start, which
// no balanced mode has (see [Deep]), every strength is NaN.
func NewDeepRecursion(m Mode, eta, start float64, hidden int) *DeepRecursion {
	layers := hidden + 1
	// math.Pow gives NaN for the root of a negative number, but not for that of −Inf.
	root := math.Pow(start, 1/float64(layers))
	if start < 0 {
		root = math.NaN()
	}
	return &DeepRecursion{mode: m, eta: eta, layers: layers, c: root}
}

// Strength returns a = c^N now.
func (d *DeepRecursion) Strength() float64 { return power(d.c, d.layers) }

// Step makes one step of gradient descent.
func (d *DeepRecursion) Step() {
	lower := power(d.c, d.layers-1)
	d.c += d.eta * lower * (d.mode.SingularValue - d.mode.InputEigenvalue*lower*d.c)
}

// power returns cⁿ by multiplication, which for the two or three layers in use
// is exact to n−1 roundings and faster than math.Pow.
func power(c float64, n int) float64 {
	p := 1.0
	for ; n > 0; n-- {
		p *= c
	}
	return p
}

// DeepSteps returns the strengths of a balanced mode after 0, 1, … steps steps of
// gradient descent in a network with the given number of hidden layers; see
// [NewDeepRecursion] for what they may start from.
func DeepSteps(m Mode, eta, start float64, hidden, steps int) []float64 {
	d := NewDeepRecursion(m, eta, start, hidden)
	out := make([]float64, steps+1)
	for t := range out {
		out[t] = d.Strength()
		d.Step()
	}
	return out
}

// DeepHalfTime returns the time at which [Deep] reaches half its asymptote,
// t½ = ln(λ/(δ a(0)) − 1)/(2ηλ): 0 if it starts there or above, +Inf if it
// starts from 0, NaN for a negative start.
func DeepHalfTime(m Mode, eta, start float64) float64 {
	if start < 0 {
		return math.NaN()
	}
	s := m.Asymptote()/start - 1
	if s <= 1 {
		return 0
	}
	return math.Log(s) / (2 * eta * m.SingularValue)
}

// ShallowHalfTime returns the time at which [Shallow] reaches half its
// asymptote. For a(0) = 0 it is t½ = ln 2/(ηδ).
func ShallowHalfTime(m Mode, eta, start float64) float64 {
	// a(t) − end = (start − end)e^{−ηδt} = −end/2.
	end := m.Asymptote()
	if start >= end/2 {
		return 0
	}
	return math.Log(2*(end-start)/end) / (eta * m.InputEigenvalue)
}

// HalfStep returns the step, between whole ones by linear interpolation, at which
// a curve sampled at ascending steps first reaches half of its asymptote. It is
// NaN if it never does. Values that are NaN are passed over, as if they had not been
// sampled.
func HalfStep(steps []int, values []float64, asymptote float64) float64 {
	half := asymptote / 2
	before := -1 // the last sample below half
	for i, v := range values {
		switch {
		case math.IsNaN(v):
		case !(v >= half): // also where half is NaN, which nothing reaches
			before = i
		case before < 0:
			return float64(steps[i])
		default:
			share := (half - values[before]) / (v - values[before])
			return float64(steps[before]) + share*float64(steps[i]-steps[before])
		}
	}
	return math.NaN()
}
