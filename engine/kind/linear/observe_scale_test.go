package linear_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/theory"
)

// Mode strengths are uᵀMv however small or large r is, for every kind of mode and
// view. At a small r the modes that are no bit are directions of Γ alone, and the
// rest of the map, here up to 1/r² times as large, must leave no rounding in them.
//
// Both sides are sums of n_out·n_in terms with a handful of roundings in each, so
// a bit's strength is off by their γ relative to Σ|u||M||v|, in which only the
// blocks count that the mode's vectors reach. What is no bit is the trace
// of Γ_x→Γ_y less what the n bits have of it. By Cauchy and Schwarz the trace, over
// √(k_x k_y), is at most √P·‖Γ_x→Γ_y‖, and each bit at most ‖Γ_x→Γ_y‖.
func TestModesAtEveryStrengthOfTheFeatures(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for _, r := range []float64{1e-30, 1e-20, 1e-9, 1e-3, 1, 1e6, 1e30} {
		for _, p := range []dataset.Point{
			dataset.NewPoint(3, 3, 1, 3, 2, r),
			dataset.NewPoint(2, 2, 2, 0, 1, r),
			dataset.NewPoint(2, 2, 1, 1, 0, r),
			{Bits: 3, InputBits: []int{0, 2}, OutputBits: []int{1, 2}, KX: 2, KY: 1, R: r}, // bit 1 is not given
		} {
			for _, arch := range architectures(t) {
				here, err := arch.At(p)
				if err != nil {
					t.Fatal(err)
				}
				observer, err := linear.NewObserver(&linear.Task{Point: p}, here)
				if err != nil {
					t.Fatal(err)
				}
				var maps []*mat.Dense
				for _, module := range here.Modules {
					maps = append(maps, graded(rng, p, module.View(), math.Min(r*r, 1)))
				}
				got := observer.Observe(0, maps).Modes
				for m, module := range here.Modules {
					compareProjections(t, p, module.View(), maps[m], got)
					got = got[len(theory.Modes(p, module.View())):]
				}
			}
		}
	}
}

// graded returns a random map of a view whose Γ_x→Γ_y part is of the given size and
// whose other parts are of size 1.
func graded(rng *rand.Rand, p dataset.Point, v dataset.View, size float64) *mat.Dense {
	omegas, below := omegaParts(p, v)
	inLo, inHi := p.InputRange(v.Reads)
	outLo, outHi := p.OutputRange(v.Writes)
	m := normals(rng, outHi-outLo, inHi-inLo)
	for i := omegas; i < outHi-outLo; i++ {
		for j := below; j < inHi-inLo; j++ {
			m.Set(i, j, size*m.At(i, j))
		}
	}
	return m
}

// omegaParts returns how many of a view's outputs and inputs are bits.
func omegaParts(p dataset.Point, v dataset.View) (outputs, inputs int) {
	outLo, outHi := p.OutputRange(v.Writes & dataset.Omega)
	inLo, inHi := p.InputRange(v.Reads & dataset.Omega)
	return outHi - outLo, inHi - inLo
}

// compareProjections holds the strengths of a view's modes against uᵀMv.
func compareProjections(t *testing.T, p dataset.Point, view dataset.View, m *mat.Dense, got []float64) {
	t.Helper()
	omegas, below := omegaParts(p, view)
	corner := 0.0
	rows, cols := m.Dims()
	for i := omegas; i < rows; i++ {
		for j := below; j < cols; j++ {
			corner = math.Hypot(corner, m.At(i, j))
		}
	}
	for k, mode := range theory.Modes(p, view) {
		want, weight := 0.0, 0.0
		for _, set := range theory.Sets(p, view, mode.Kind) {
			u, v := theory.Vectors(p, view, set)
			for i := range u {
				for j := range v {
					term := u[i] * m.At(i, j) * v[j] / float64(mode.Multiplicity)
					want += term
					weight += math.Abs(term)
				}
			}
		}
		if mode.Kind == theory.Other {
			weight += (math.Sqrt(float64(p.Examples())) + float64(p.Bits)) * corner / float64(mode.Multiplicity)
		}
		if bound := 2 * gamma(rows*cols*mode.Multiplicity+16) * weight; !(math.Abs(got[k]-want) <= bound) {
			t.Errorf("%v, %v, %v mode: %v, want %v ± %.1g", p, view, mode.Kind, got[k], want, bound)
		}
	}
}
