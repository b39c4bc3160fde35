package theory_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/theory"
)

// The paper's four formulas, for strengths of modes 1, 2 and 3 that are nothing
// in particular.
func TestQuadrantsAreTheFourFormulas(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for _, p := range []dataset.Point{
		dataset.NewPoint(3, 3, 1, 3, 1, 1), dataset.NewPoint(3, 3, 2, 1, 1, 2), dataset.NewPoint(4, 4, 1, 2, 3, 0.5),
	} {
		examples, r2 := float64(p.Examples()), p.R*p.R
		nx, ny := float64(p.NX()), float64(p.NY())
		cx, cy := examples/(float64(p.KX)*r2+examples), examples/(float64(p.KY)*r2+examples)
		gx, gy := 1-cx, 1-cy
		byKind := map[theory.Kind]float64{theory.Asked: rng.Float64(), theory.LeftOut: rng.Float64(), theory.Other: rng.Float64()}
		modes := theory.Modes(p, dataset.Whole)
		var strengths []float64
		for _, m := range modes {
			strengths = append(strengths, byKind[m.Kind])
		}
		a1, a2, a3 := byKind[theory.Asked], byKind[theory.LeftOut], byKind[theory.Other]
		q := theory.Quadrants(modes, strengths)
		// Sums of at most three products of up to five factors below P; 1 − c cancels,
		// but to no less than its absolute error: all relative to the sum of c + g = 1.
		size := ny*a1*a1 + (nx-ny)*a2*a2 + (examples-nx)*a3*a3
		bound := 2 * gamma(16) * size
		near(t, "‖Ω_x→Ω_y‖²", q.OmegaOmega, ny*cx*cy*a1*a1, bound)
		near(t, "‖Γ_x→Ω_y‖²", q.GammaOmega, ny*gx*cy*a1*a1, bound)
		near(t, "‖Ω_x→Γ_y‖²", q.OmegaGamma, ny*cx*gy*a1*a1+(nx-ny)*cx*a2*a2, bound)
		near(t, "‖Γ_x→Γ_y‖²", q.GammaGamma, ny*gx*gy*a1*a1+(nx-ny)*gx*a2*a2+(examples-nx)*a3*a3, bound)
	}
}

// The paper's main result: S = P/(P + k_x r²) for every module that reads all of
// x, whatever it writes beside Ω_y and however far it has learned; 1 for one
// that leaves Γ_x out; and no number without an Ω_y output.
func TestSystematicityIsAPropertyOfTheInput(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for _, p := range []dataset.Point{
		dataset.NewPoint(3, 3, 1, 3, 1, 1), dataset.NewPoint(4, 4, 4, 1, 0, 2), dataset.NewPoint(3, 3, 2, 0, 1, 1), dataset.NewPoint(3, 3, 2, 2, 1, 0),
	} {
		examples := float64(p.Examples())
		want := examples / (examples + float64(p.KX)*p.R*p.R)
		for _, writes := range []dataset.Blocks{dataset.Omega, dataset.Both} {
			v := dataset.View{Reads: dataset.Both, Writes: writes}
			near(t, "systematicity at the end", theory.Systematicity(p, v), want, gamma(20))
			for range 5 {
				modes := theory.Modes(p, v)
				strengths := make([]float64, len(modes))
				for i := range strengths {
					strengths[i] = rng.NormFloat64()
				}
				near(t, "systematicity on the way", theory.Quadrants(modes, strengths).Systematicity(), want, gamma(20))
			}
			omegaOnly := dataset.View{Reads: dataset.Omega, Writes: writes}
			if s := theory.Systematicity(p, omegaOnly); s != 1 {
				t.Errorf("%v: systematicity of a module that reads Ω_x alone is %v, want 1", p, s)
			}
		}
		if s := theory.Systematicity(p, dataset.View{Reads: dataset.Both, Writes: dataset.Gamma}); !math.IsNaN(s) {
			t.Errorf("%v: systematicity without Ω_y is %v, want NaN", p, s)
		}
	}
}
