package train_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/network"
	"modspec/engine/theory"
	"modspec/engine/train"
)

// TestModesAtEveryStrengthOfTheFeatures: mode strengths are uᵀMv however small or
// large r is. At a small r the modes that are no bit are directions of Γ alone,
// and the rest of the map must leave no rounding in them: the bound is relative
// to the blocks that a mode's vectors weigh.
func TestModesAtEveryStrengthOfTheFeatures(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for _, r := range []float64{1e-20, 1e-9, 1e-3, 1, 1e6} {
		p := dataset.NewPoint(3, 3, 1, 3, 2, r)
		arch, err := network.Shallow().At(p)
		if err != nil {
			t.Fatal(err)
		}
		m := normals(rng, p.Outputs(), p.Inputs())
		observer, err := train.NewObserver(&train.Linear{Point: p}, arch)
		if err != nil {
			t.Fatal(err)
		}
		got := observer.Observe(0, []*mat.Dense{m}).Modes
		for k, mode := range theory.Modes(p, theory.Whole) {
			want, weight := 0.0, 0.0
			for _, set := range theory.Sets(p, theory.Whole, mode.Kind) {
				u, v := theory.Vectors(p, theory.Whole, set)
				for i := range u {
					for j := range v {
						term := u[i] * m.At(i, j) * v[j]
						want += term / float64(mode.Multiplicity)
						weight += math.Abs(term)
					}
				}
			}
			// Both sides are sums of n_out·n_in terms with a handful of roundings in
			// each; the observer subtracts what the n bits have of the trace, another
			// n sums of the same terms.
			bound := float64(p.Outputs()*p.Inputs()*(p.Bits+2)+16) * 0x1p-53 * weight
			if !(math.Abs(got[k]-want) <= bound) {
				t.Errorf("r = %g, mode %d: %v, want %v ± %.1g", r, k+1, got[k], want, bound)
			}
		}
	}
}
