package theory_test

import (
	"math"
	"slices"
	"testing"

	"modspec/engine/theory"
)

// ShallowSteps is compared with a single weight trained step by step,
// w ← w + η(λ − δw). While |1 − ηδ| ≤ 1 a step shrinks the errors before it, so they
// add up to four roundings a step; the closed form's power of t factors has
// 2t of them, counting those in 1 − ηδ.
func TestShallowStepsAreGradientDescent(t *testing.T) {
	for _, m := range someModes(6, 10) {
		end := m.SingularValue / m.InputEigenvalue
		for _, rate := range []float64{0.01, 0.3, 1, 1.7, 2} { // ηδ: smooth, at once, oscillating, for ever
			eta := rate / m.InputEigenvalue
			for _, start := range []float64{-end / 3, 0, 1e-3, 2 * end} {
				w := start
				for step := 0; step <= 200; step++ {
					size := end + math.Abs(start-end)
					near(t, "shallow strength", theory.ShallowSteps(m, eta, start, step), w, gamma(8*step+8)*size)
					w += eta * (m.SingularValue - m.InputEigenvalue*w)
				}
			}
		}
	}
}

// scalarNetwork is a network of one unit in every layer: a single mode.
type scalarNetwork []float64

func (w scalarNetwork) product() float64 {
	p := 1.0
	for _, v := range w {
		p *= v
	}
	return p
}

// step makes a step of gradient descent on E[(y − w_N ⋯ w_1 x)²]/2 with
// E[x²] = δ and E[yx] = λ: each weight moves by η·(product of the others)·(λ − δ·product).
func (w scalarNetwork) step(m theory.Mode, eta float64) {
	before := slices.Clone(w)
	for l := range w {
		others := 1.0
		for k, v := range before {
			if k != l {
				others *= v
			}
		}
		w[l] += eta * others * (m.SingularValue - m.InputEigenvalue*before.product())
	}
}

// A balanced network stays balanced, so the recursion and the literal network
// differ by rounding alone. A step multiplies c by 1 + g, g = ηc^{N−2}(λ − δc^N), and a
// relative error in c by at most (1 + (N−1)g)/(1 + g) ≤ (1 + g)^{N−2} while g ≥ 0, so
// from one step to another by at most (ratio of the two c)^{N−2}, and by at most 1
// where ηδ is small and g < 0. Each step adds the roundings of 2N products
// and sums, in c and N-fold in a = c^N; both sides count.
func TestDeepRecursionIsGradientDescent(t *testing.T) {
	for _, m := range someModes(7, 8) {
		end := m.SingularValue / m.InputEigenvalue
		for hidden := 1; hidden <= 4; hidden++ {
			layers := hidden + 1
			// ηλ·end^{(N−2)/N} = 0.2 at the fastest, so that nothing overshoots.
			eta := 0.2 / (m.SingularValue * math.Pow(end, float64(layers-2)/float64(layers)))
			for _, start := range []float64{1e-3 * end, 0.1 * end, end, 1.5 * end} {
				recursion := theory.NewDeepRecursion(m, eta, start, hidden)
				w := make(scalarNetwork, layers)
				for l := range w {
					w[l] = math.Pow(start, 1/float64(layers))
				}
				near(t, "strength at the start", recursion.Strength(), start, gamma(4*layers)*start)
				growth := math.Pow(math.Max(end/start, 1), float64(layers-2)/float64(layers))
				for step := 1; step <= 300; step++ {
					recursion.Step()
					w.step(m, eta)
					bound := 2 * float64(layers) * gamma(step*(2*layers+4)) * growth
					near(t, "deep strength", recursion.Strength(), w.product(), bound*w.product())
				}
			}
		}
	}
}

// Smaller and smaller steps over one stretch of time approach the closed form,
// with an error of first order: halving η about halves it. That ties the
// recursion's time axis to the continuous one.
func TestDiscreteTimeApproachesContinuousTime(t *testing.T) {
	for _, m := range someModes(8, 5) {
		end := m.SingularValue / m.InputEigenvalue
		start := 0.01 * end
		errorAt := func(eta float64) float64 {
			steps := int(math.Round(4 / (2 * eta * m.SingularValue))) // 2ηλt = 4, half way up
			a := theory.DeepSteps(m, eta, start, 1, steps)[steps]
			return math.Abs(a - theory.Deep(m, eta, start, float64(steps)))
		}
		coarse, fine := errorAt(0.01/m.SingularValue), errorAt(0.005/m.SingularValue)
		// The second-order part is about ηλ = 1 % of the first.
		if ratio := coarse / fine; math.Abs(ratio-2) > 0.1 {
			t.Errorf("λ = %v: halving the step divides the error by %v, want 2", m.SingularValue, ratio)
		}
	}
}

// DeepSteps lists what the recursion runs through, the start included.
func TestDeepStepsListTheRecursion(t *testing.T) {
	m := someModes(9, 1)[0]
	list := theory.DeepSteps(m, 0.05, 1e-3, 2, 20)
	if len(list) != 21 {
		t.Fatalf("there are %d strengths, want one for each of the steps 0 to 20", len(list))
	}
	recursion := theory.NewDeepRecursion(m, 0.05, 1e-3, 2)
	for step, a := range list {
		if a != recursion.Strength() {
			t.Errorf("strength at step %d is %v, want %v", step, a, recursion.Strength())
		}
		recursion.Step()
	}
	for _, a := range theory.DeepSteps(m, 0.05, 0, 1, 5) {
		if a != 0 {
			t.Errorf("strength from the saddle at 0 is %v", a)
		}
	}
}

// Within the stable range strengths rise to the asymptote, which is a fixed
// point, and never pass it by more than rounding.
func TestDeepStepsRiseToTheAsymptote(t *testing.T) {
	for _, m := range someModes(10, 10) {
		end := m.SingularValue / m.InputEigenvalue
		for hidden := 1; hidden <= 3; hidden++ {
			layers := float64(hidden + 1)
			eta := 0.1 / (m.SingularValue * math.Pow(end, (layers-2)/layers))
			list := theory.DeepSteps(m, eta, 0.01*end, hidden, 20000)
			for i := 1; i < len(list); i++ {
				// Near the end a step is smaller than the rounding of one strength.
				if list[i] < list[i-1]*(1-gamma(2*(hidden+1))) {
					t.Fatalf("strength falls from %v to %v of %v", list[i-1], list[i], end)
				}
			}
			// It stalls where a step is under half a rounding of c, which with
			// ηλc^{N−2} = 0.1 is 5u from the end, or in the N roundings of λ − δc^N.
			near(t, "strength at the end", list[len(list)-1], end, gamma(8*(hidden+1))*end)
		}
	}
}

// A balanced mode of a deep network has no negative strength, in either time.
func TestNegativeDeepStartsAreNaN(t *testing.T) {
	m := someModes(11, 1)[0]
	for _, start := range []float64{-1e-9, -1, math.Inf(-1), math.NaN()} {
		for hidden := 1; hidden <= 3; hidden++ {
			for step, a := range theory.DeepSteps(m, 0.05, start, hidden, 3) {
				if !math.IsNaN(a) {
					t.Errorf("%d hidden layers from %v: strength %v at step %d, want NaN", hidden, start, a, step)
				}
			}
		}
		if a, half := theory.Deep(m, 0.05, start, 3), theory.DeepHalfTime(m, 0.05, start); !math.IsNaN(a) || !math.IsNaN(half) {
			t.Errorf("from %v: strength %v and half time %v, want NaN", start, a, half)
		}
	}
}
