package theory_test

import (
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/theory"
)

// halfPower is ½‖Y‖²/P of some rows.
func halfPower(p dataset.Point, y mat.Matrix) float64 {
	norm := mat.Norm(y, 2)
	return norm * norm / (2 * float64(p.Examples()))
}

// What stays is what the least-squares map of each module leaves, and all that no
// module writes.
func TestUnlearnedIsWhatLeastSquaresLeaves(t *testing.T) {
	eachView(t, 11, 40, func(t *testing.T, p dataset.Point, v dataset.View) {
		m := write(t, p, v)
		mapping, condition := m.leastSquares(t)
		var left mat.Dense
		left.Mul(mapping, m.x)
		left.Sub(m.y, &left)
		y, err := p.Y()
		if err != nil {
			t.Fatal(err)
		}
		want := map[dataset.Blocks]float64{}
		outLo, _ := p.OutputRange(v.Writes)
		for _, block := range []dataset.Blocks{dataset.Omega, dataset.Gamma} {
			lo, hi := p.OutputRange(block)
			switch {
			case lo == hi:
			case v.Writes&block != 0:
				want[block] = halfPower(p, left.Slice(lo-outLo, hi-outLo, 0, p.Examples()))
			default:
				want[block] = halfPower(p, y.Slice(lo, hi, 0, p.Examples()))
			}
		}
		omega, gammas := theory.Unlearned(p, []dataset.View{v})
		// The map's rounding leaves δ‖Y‖ of what it should take away, δ being the
		// decomposition's error times the condition; the square of the rest gains
		// 2δ + δ² of ‖Y‖².
		delta := gamma(4*m.dimension) * condition
		bound := (2*delta + delta*delta) * halfPower(p, y)
		near(t, "the loss that stays over Ω_y", omega, want[dataset.Omega], bound)
		near(t, "the loss that stays over Γ_y", gammas, want[dataset.Gamma], bound)
	})
}

// Two modules leave what each of them does.
func TestUnlearnedOfSeveralModules(t *testing.T) {
	for _, p := range points(12, 30) {
		views := []dataset.View{{Reads: dataset.Omega, Writes: dataset.Omega}, {Reads: dataset.Gamma, Writes: dataset.Gamma}}
		omega, gammas := theory.Unlearned(p, views)
		wantOmega, _ := theory.Unlearned(p, views[:1])
		_, wantGamma := theory.Unlearned(p, views[1:])
		if omega != wantOmega || gammas != wantGamma {
			t.Errorf("%v: %v and %v stay, want %v and %v", p, omega, gammas, wantOmega, wantGamma)
		}
	}
}
