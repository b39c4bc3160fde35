package dataset_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
)

// literalQuadrants are the squared Frobenius norms of the four blocks of a map,
// cut out one by one; norm overflows no sooner than its square.
func literalQuadrants(p dataset.Point, m *mat.Dense) dataset.Quadrants {
	square := func(reads, writes dataset.Blocks) float64 {
		inLo, inHi := p.InputRange(reads)
		outLo, outHi := p.OutputRange(writes)
		if inLo == inHi || outLo == outHi {
			return 0
		}
		norm := mat.Norm(m.Slice(outLo, outHi, inLo, inHi), 2)
		return norm * norm
	}
	return dataset.Quadrants{
		OmegaOmega: square(dataset.Omega, dataset.Omega),
		GammaOmega: square(dataset.Gamma, dataset.Omega),
		OmegaGamma: square(dataset.Omega, dataset.Gamma),
		GammaGamma: square(dataset.Gamma, dataset.Gamma),
	}
}

// near fails unless two sets of quadrants agree to a relative bound.
func near(t *testing.T, name string, got, want dataset.Quadrants, bound float64) {
	t.Helper()
	for _, c := range []struct {
		block     string
		got, want float64
	}{
		{"Ω_x→Ω_y", got.OmegaOmega, want.OmegaOmega}, {"Γ_x→Ω_y", got.GammaOmega, want.GammaOmega},
		{"Ω_x→Γ_y", got.OmegaGamma, want.OmegaGamma}, {"Γ_x→Γ_y", got.GammaGamma, want.GammaGamma},
	} {
		if !(math.Abs(c.got-c.want) <= bound*math.Abs(c.want)) {
			t.Errorf("%s, %s is %v, want %v", name, c.block, c.got, c.want)
		}
	}
}

// A sum of n squares has all terms positive, so it is within γ_n of the exact
// value, relatively; the norm's root and square add a few roundings.
func TestQuadrantsAreTheBlocksNorms(t *testing.T) {
	eachPoint(t, 10, 30, 5, func(t *testing.T, p dataset.Point, rng *rand.Rand) {
		m := randomMatrix(rng, p.Outputs(), p.Inputs())
		got := p.Quadrants(m)
		bound := 2 * gamma(p.Outputs()*p.Inputs()+8)
		near(t, "quadrants", got, literalQuadrants(p, m), bound)

		square := func(v float64) float64 { return v * v }
		norms := got.Norms()
		near(t, "squared norms", dataset.Quadrants{
			OmegaOmega: square(norms.OmegaOmega), GammaOmega: square(norms.GammaOmega),
			OmegaGamma: square(norms.OmegaGamma), GammaGamma: square(norms.GammaGamma),
		}, got, gamma(4))
		near(t, "twice", got.Scale(2), got.Add(got), gamma(2))
		if whole := square(got.Compositional()) + square(got.NonCompositional()); math.Abs(whole-square(mat.Norm(m, 2))) > bound*whole {
			t.Errorf("the two outputs have squared norms of %v together, but the map has %v", whole, square(mat.Norm(m, 2)))
		}
	})
}

func TestSystematicityIsAShare(t *testing.T) {
	if s := (dataset.Quadrants{OmegaOmega: 3, GammaOmega: 1, GammaGamma: 7}).Systematicity(); s != 0.75 {
		t.Errorf("systematicity is %v, want 3/(3+1)", s)
	}
	if s := (dataset.Quadrants{OmegaOmega: 2}).Systematicity(); s != 1 {
		t.Errorf("systematicity without Γ_x→Ω_y is %v, want 1", s)
	}
	if s := (dataset.Quadrants{OmegaGamma: 1, GammaGamma: 1}).Systematicity(); !math.IsNaN(s) {
		t.Errorf("systematicity without an answer on Ω_y is %v, want NaN", s)
	}
}
