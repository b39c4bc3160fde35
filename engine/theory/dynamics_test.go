package theory_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/theory"
)

// someModes are modes of every relation of λ to δ.
func someModes(seed uint64, count int) []theory.Mode {
	rng := rand.New(rand.NewPCG(seed, 2))
	modes := make([]theory.Mode, count)
	for i := range modes {
		modes[i] = theory.Mode{
			SingularValue:   math.Exp(rng.NormFloat64()),
			InputEigenvalue: math.Exp(rng.NormFloat64()),
			Multiplicity:    1,
		}
	}
	return modes
}

// integrate solves ȧ = rate(a) from a start to a time by the classical
// Runge–Kutta method of fourth order.
func integrate(rate func(a float64) float64, start, time float64, steps int) float64 {
	a, h := start, time/float64(steps)
	for range steps {
		k1 := rate(a)
		k2 := rate(a + h/2*k1)
		k3 := rate(a + h/2*k2)
		k4 := rate(a + h*k3)
		a += h / 6 * (k1 + 2*k2 + 2*k3 + k4)
	}
	return a
}

// closedForm compares a curve with the numerical solution of its equation.
//
// Halving the step divides a fourth-order error by 16, so the finer solution is
// off by about a fifteenth of the change; the whole change is the bound. A step
// makes about 30 roundings, none of them amplified, because both equations draw
// solutions together: neighbouring ones never part relative to their size.
// The closed form itself has a few roundings and those of its exponent.
func closedForm(t *testing.T, name string, curve func(time float64) float64, rate func(float64) float64, start, size, exponent, time float64) {
	t.Helper()
	const steps = 1000
	coarse, fine := integrate(rate, start, time, steps), integrate(rate, start, time, 2*steps)
	bound := math.Abs(fine-coarse) + gamma(30*2*steps)*size + (gamma(8)+unitRoundoff*exponent)*size
	near(t, name, curve(time), fine, bound)
}

// Two layers of one mode that are equal, a = c²: gradient flow ċ = ηc(λ − δc²)
// gives ȧ = 2ηa(λ − δa).
func TestDeepSolvesItsEquation(t *testing.T) {
	for _, m := range someModes(1, 10) {
		end := m.SingularValue / m.InputEigenvalue
		const eta = 0.1
		for _, start := range []float64{1e-9 * end, 1e-3 * end, end / 2, end, 3 * end} {
			rate := func(a float64) float64 { return 2 * eta * a * (m.SingularValue - m.InputEigenvalue*a) }
			for _, x := range []float64{0.1, 1, 5, 20, 30} { // 2ηλt; a rises by at most e^x
				size := math.Max(start, math.Min(end, start*math.Exp(x)))
				closedForm(t, "deep strength", func(time float64) float64 { return theory.Deep(m, eta, start, time) },
					rate, start, size, x, x/(2*eta*m.SingularValue))
			}
		}
	}
}

// One layer: gradient flow gives ȧ = η(λ − δa).
func TestShallowSolvesItsEquation(t *testing.T) {
	for _, m := range someModes(2, 10) {
		end := m.SingularValue / m.InputEigenvalue
		const eta = 0.1
		for _, start := range []float64{-end, 0, 1e-6 * end, end, 3 * end} {
			rate := func(a float64) float64 { return eta * (m.SingularValue - m.InputEigenvalue*a) }
			for _, x := range []float64{0.1, 1, 5, 20} { // ηδt
				closedForm(t, "shallow strength", func(time float64) float64 { return theory.Shallow(m, eta, start, time) },
					rate, start, math.Max(math.Abs(start), end), x, x/(eta*m.InputEigenvalue))
			}
		}
	}
}

// Deep keeps its digits from any start: at t = 0 it is the start to the two
// quotients' roundings, it never overflows or turns into NaN on the way, and it
// ends at the asymptote.
func TestDeepIsStableFromAnyStart(t *testing.T) {
	for _, m := range someModes(3, 10) {
		end := m.SingularValue / m.InputEigenvalue
		for _, start := range []float64{5e-324, 1e-310, 1e-300, 1e-100, 1e-16, 1e-6, 0.1, 1, 10, 1e100} {
			// Where end/start overflows, 0 is the nearest that can be had.
			if first := theory.Deep(m, 0.1, start, 0); end/start < math.MaxFloat64 {
				near(t, "strength at t = 0", first, start, gamma(2)*start)
			} else {
				near(t, "strength at t = 0", first, start, start)
			}
			last := theory.Deep(m, 0.1, start, 0)
			for time := 1.0; !math.IsInf(time, 0); time *= 1.5 {
				a := theory.Deep(m, 0.1, start, time)
				if math.IsNaN(a) {
					t.Fatalf("strength from %v after %v is NaN", start, time)
				}
				// Monotone but for the roundings of two values and of their exponents, which
				// count only while the curve moves: x stays below log(end/start) + 40 there.
				slack := gamma(16+2*(745+40)) * math.Max(a, last)
				if start <= end && a < last-slack || start >= end && a > last+slack {
					t.Fatalf("strength from %v goes from %v to %v, away from %v", start, last, a, end)
				}
				last = a
			}
			near(t, "strength at the end", last, end, gamma(4)*end)
			near(t, "strength after infinite time", theory.Deep(m, 0.1, start, math.Inf(1)), end, gamma(4)*end)
		}
		for _, time := range []float64{0, 1, 1e300} {
			if a := theory.Deep(m, 0.1, 0, time); a != 0 {
				t.Errorf("strength from the saddle at 0 is %v after %v", a, time)
			}
		}
	}
}

func TestShallowIsMonotone(t *testing.T) {
	for _, m := range someModes(4, 10) {
		end := m.SingularValue / m.InputEigenvalue
		for _, start := range []float64{0, end / 1e6, end / 2, 2 * end} {
			last := theory.Shallow(m, 0.1, start, 0)
			if last != start {
				t.Errorf("strength at t = 0 is %v, want %v", last, start)
			}
			for time := 1e-3; time < 1e6; time *= 1.3 {
				a := theory.Shallow(m, 0.1, start, time)
				// Two terms of a few roundings each; their exponents' count only below 40.
				slack := gamma(16+80) * math.Max(end, start)
				if start <= end && a < last-slack || start >= end && a > last+slack {
					t.Fatalf("strength from %v goes from %v to %v, away from %v", start, last, a, end)
				}
				last = a
			}
			near(t, "strength at the end", last, end, gamma(4)*end)
		}
	}
}

// The half time is where the curve crosses half the asymptote. There the deep
// curve has slope (λη/2)·end and the shallow one ηδ·end/2, so an error of x roundings
// in the exponent x moves it by no more than x·γ·end.
func TestHalfTimesAreOnTheCurves(t *testing.T) {
	const eta = 0.16
	for _, m := range someModes(5, 20) {
		end := m.SingularValue / m.InputEigenvalue
		for _, share := range []float64{1e-300, 1e-12, 1e-3, 0.3, 0.49} {
			start := share * end
			time := theory.DeepHalfTime(m, eta, start)
			x := 2 * eta * m.SingularValue * time
			near(t, "deep strength at the half time", theory.Deep(m, eta, start, time), end/2, (x+1)*gamma(8)*end)
			near(t, "2ηλt½", x, math.Log(m.SingularValue/(m.InputEigenvalue*start)-1), (x+1)*gamma(8)/(0.5-share))

			time = theory.ShallowHalfTime(m, eta, start)
			near(t, "shallow strength at the half time", theory.Shallow(m, eta, start, time), end/2, gamma(16)*end)
		}
		near(t, "ηδt½ from 0", eta*m.InputEigenvalue*theory.ShallowHalfTime(m, eta, 0), math.Ln2, gamma(8))
		for _, start := range []float64{end / 2, end, 2 * end} {
			if d, s := theory.DeepHalfTime(m, eta, start), theory.ShallowHalfTime(m, eta, start); d != 0 || s != 0 {
				t.Errorf("half times from %v of %v are %v and %v, want 0", start, end, d, s)
			}
		}
		if d := theory.DeepHalfTime(m, eta, 0); !math.IsInf(d, 1) {
			t.Errorf("deep half time from 0 is %v, want +Inf", d)
		}
	}
}

// TestRatePastFloat64: a learning rate whose product with λ or δ overflows leaves step 0
// where it is and ends at once. It was NaN at step 0, ∞·0.
func TestRatePastFloat64(t *testing.T) {
	m := theory.Mode{SingularValue: 2, InputEigenvalue: 3, Multiplicity: 1}
	for name, curve := range map[string]func(m theory.Mode, eta, start, time float64) float64{"deep": theory.Deep, "shallow": theory.Shallow} {
		// At step 0 the closed form has two quotients that undo each other.
		near(t, name+" at step 0", curve(m, math.MaxFloat64, 0.25, 0), 0.25, gamma(4))
		near(t, name+" at step 1", curve(m, math.MaxFloat64, 0.25, 1), m.Asymptote(), 0)
	}
}

// TestStartBounds: the strengths that a user may start modes from, at the bounds and
// beyond; within them continuous time and the squares of strengths are finite, which
// the square of 1e200 was not.
func TestStartBounds(t *testing.T) {
	modes := theory.Modes(dataset.NewPoint(3, 3, 1, 3, 1, 1), dataset.Whole)
	for _, a := range []float64{0, theory.MinStart, 1, theory.MaxStart} {
		if err := theory.CheckStart(a); err != nil {
			t.Errorf("%v: %v", a, err)
		}
		for step := range 2 {
			strengths := make([]float64, len(modes))
			for k, m := range modes {
				strengths[k] = theory.Deep(m, 0.1, a, float64(step))
			}
			q := theory.Quadrants(modes, strengths)
			if sum := q.OmegaOmega + q.GammaGamma; math.IsNaN(sum) || math.IsInf(sum, 0) {
				t.Errorf("a(0) = %v, step %d: quadrants %v", a, step, q)
			}
		}
	}
	for _, a := range []float64{-theory.MinStart, math.Nextafter(theory.MinStart, 0), math.Nextafter(theory.MaxStart, 1e300), math.Inf(1), math.NaN()} {
		if err := theory.CheckStart(a); err == nil || !strings.Contains(err.Error(), "0 or 1e-100 to 1e+100") {
			t.Errorf("%v: the error is %v", a, err)
		}
	}
}

func TestHalfStepInterpolates(t *testing.T) {
	steps := []int{0, 10, 20, 40}
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{0, 1, 3, 4}, 15},             // 2 lies half way between 1 and 3
		{[]float64{0, 2, 3, 4}, 10},             // exactly on a sample
		{[]float64{3, 3.5, 4, 4}, 0},            // reached before the first
		{[]float64{0, 0, 1, 5}, 25},             // a quarter of the way from 20 to 40
		{[]float64{0, 3, 1, 4}, 20. / 3},        // the first crossing counts
		{[]float64{0, 1, 1.5, 1.9}, math.NaN()}, // never
		{[]float64{math.NaN(), 1, 3, 4}, 15},    // what is not a number is passed over
		{[]float64{1, math.NaN(), 3, 4}, 10},    // half way from 0 to 20
		{[]float64{math.NaN(), 3, 4, 4}, 10},    // reached before the first number
		{[]float64{0, 1, math.NaN(), math.NaN()}, math.NaN()},
	} {
		got := theory.HalfStep(steps, c.values, 4)
		// One quotient, one product, one sum.
		if math.IsNaN(got) != math.IsNaN(c.want) || math.Abs(got-c.want) > gamma(4)*c.want {
			t.Errorf("half of 4 in %v is reached at %v, want %v", c.values, got, c.want)
		}
	}
	if s := theory.HalfStep(steps, []float64{0, 1, 2, 3}, math.NaN()); !math.IsNaN(s) {
		t.Errorf("half of an asymptote that is NaN is reached at %v, want NaN", s)
	}
	if s := theory.HalfStep(nil, nil, 1); !math.IsNaN(s) {
		t.Errorf("half step of no samples is %v, want NaN", s)
	}
}
