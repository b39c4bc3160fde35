package theory_test

import (
	"sort"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/theory"
)

// expand lists every value as often as it occurs.
func expand(t *testing.T, levels []theory.Level) []float64 {
	t.Helper()
	var values []float64
	for i, l := range levels {
		if l.Multiplicity < 1 || !(l.Value > 0) || i > 0 && levels[i-1].Value <= l.Value {
			t.Errorf("levels %v are not positive and strictly descending", levels)
		}
		for range l.Multiplicity {
			values = append(values, l.Value)
		}
	}
	return values
}

// compareSpectra holds a spectrum against numerical values: the first ones must
// agree and the rest be zero, within an absolute bound.
func compareSpectra(t *testing.T, name string, got, numerical []float64, bound float64) {
	t.Helper()
	sort.Sort(sort.Reverse(sort.Float64Slice(numerical)))
	if len(got) > len(numerical) {
		t.Fatalf("%s: %d values, but the matrix has %d", name, len(got), len(numerical))
	}
	for i, v := range numerical {
		want := 0.0
		if i < len(got) {
			want = got[i]
		}
		near(t, name, v, want, bound)
	}
}

// A backward stable decomposition finds the singular values of a matrix that
// is off by dimension·ε of its norm, and they move no further than that (Weyl).
func TestSpectraAreThoseOfTheMatrices(t *testing.T) {
	eachView(t, 3, 40, func(t *testing.T, p dataset.Point, v dataset.View) {
		m := write(t, p, v)
		values := func(a mat.Matrix) []float64 {
			var svd mat.SVD
			if !svd.Factorize(a, mat.SVDNone) {
				t.Fatal("the singular values did not converge")
			}
			return svd.Values(nil)
		}
		bound := func(a mat.Matrix) float64 { return float64(m.dimension) * 2 * unitRoundoff * mat.Norm(a, 2) }
		compareSpectra(t, "singular values of Σ_yx", expand(t, theory.SingularValues(p, v)), values(m.sigmaYX), bound(m.sigmaYX))
		// Σ_x is symmetric and positive, so its singular values are its eigenvalues.
		compareSpectra(t, "eigenvalues of Σ_x", expand(t, theory.InputEigenvalues(p, v)), values(m.sigmaX), bound(m.sigmaX))
	})
}

// The asymptotes are the strengths uᵀMv of the least-squares map M. Its relative
// error is that of its two factors times the condition of dividing by Σ_x; it
// counts for the largest entry, so relative to ‖M‖.
func TestAsymptotesAreThoseOfLeastSquares(t *testing.T) {
	eachView(t, 4, 40, func(t *testing.T, p dataset.Point, view dataset.View) {
		m := write(t, p, view)
		mapping, condition := m.leastSquares(t)
		bound := 4 * float64(m.dimension) * unitRoundoff * condition
		norm := mat.Norm(mapping, 2)
		var all []float64
		for _, mode := range theory.Modes(p, view) {
			for _, set := range theory.Sets(p, view, mode.Kind) {
				u, v := theory.Vectors(p, view, set)
				near(t, "uᵀMv of a mode", theory.ShallowStart(mapping, u, v), mode.Asymptote(), bound*norm)
				all = append(all, mode.Asymptote())
			}
		}
		compareSpectra(t, "asymptotes", expand(t, theory.Asymptotes(p, view)), all, 2*gamma(8)*norm)

		// The map consists of its modes alone: the quadrants follow. Squares double
		// the relative error.
		whole := mat.NewDense(p.Outputs(), p.Inputs(), nil)
		inLo, inHi := p.InputRange(view.Reads)
		outLo, outHi := p.OutputRange(view.Writes)
		whole.Slice(outLo, outHi, inLo, inHi).(*mat.Dense).Copy(mapping)
		got, want := theory.FinalQuadrants(p, view), p.Quadrants(whole)
		near(t, "‖Ω_x→Ω_y‖²", got.OmegaOmega, want.OmegaOmega, 2*bound*norm*norm)
		near(t, "‖Γ_x→Ω_y‖²", got.GammaOmega, want.GammaOmega, 2*bound*norm*norm)
		near(t, "‖Ω_x→Γ_y‖²", got.OmegaGamma, want.OmegaGamma, 2*bound*norm*norm)
		near(t, "‖Γ_x→Γ_y‖²", got.GammaGamma, want.GammaGamma, 2*bound*norm*norm)
	})
}

// Kinds that share a value are joined, also where they come to it along different
// routes: with k_x = k_y, λ of LeftOut and NotGiven are equal, and λ/δ of Asked and
// Other are both 1.
func TestEqualLevelsAreJoined(t *testing.T) {
	for _, r := range []float64{0.1, 0.3, 0.7, 1, 1.3, 1.7, 3.1, 17} {
		p := dataset.Point{Bits: 3, InputBits: []int{0}, OutputBits: []int{1}, KX: 3, KY: 3, R: r}
		levels := theory.SingularValues(p, dataset.Whole)
		if len(levels) != 2 || levels[0].Multiplicity != 2 || levels[1].Multiplicity != 6 {
			t.Errorf("r = %v: singular values are %v, want one twice and one six times", r, levels)
		}
		p = dataset.NewPoint(3, 3, 3, 3, 3, r)
		if ends := theory.Asymptotes(p, dataset.Whole); len(ends) != 1 || ends[0].Multiplicity != 8 {
			t.Errorf("r = %v: asymptotes are %v, want 1 eight times", r, ends)
		}
	}
}

// The largest cube has 4096 modes and Σ_x would not fit, but theory forms neither.
func TestTheLargestCubeHasModes(t *testing.T) {
	p := dataset.NewPoint(12, 12, 5, 3, 1, 1)
	count := 0
	for _, l := range theory.SingularValues(p, dataset.Whole) {
		count += l.Multiplicity
	}
	if count != 4096 {
		t.Errorf("there are %d singular values, want P = 4096", count)
	}
	// c_x = P/(P + k_x r²), two roundings and a few in the sums of two terms.
	near(t, "systematicity", theory.Systematicity(p, dataset.Whole), 4096./4099, gamma(16))
}
