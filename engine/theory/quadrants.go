package theory

import "modspec/engine/dataset"

// Quadrants returns the squared norms of the four blocks of the learned map that
// belong to strengths[i] of modes[i]:
//
//	‖Ω_x→Ω_y‖² = Σ m c_x c_y a²    ‖Γ_x→Ω_y‖² = Σ m (1−c_x) c_y a²
//	‖Ω_x→Γ_y‖² = Σ m c_x (1−c_y) a²  ‖Γ_x→Γ_y‖² = Σ m (1−c_x)(1−c_y) a²
//
// with m the multiplicity, c_x the mode's InputShare and c_y its OutputShare. For
// the whole dataset these are the paper's formulas (its equations for
// the quadrant norms). The sums hold because within every block the parts of
// different modes are orthogonal.
func Quadrants(modes []Mode, strengths []float64) dataset.Quadrants {
	var q dataset.Quadrants
	for i, m := range modes {
		power := float64(m.Multiplicity) * strengths[i] * strengths[i]
		q = q.Add(dataset.Quadrants{
			OmegaOmega: power * m.InputShare * m.OutputShare,
			GammaOmega: power * (1 - m.InputShare) * m.OutputShare,
			OmegaGamma: power * m.InputShare * (1 - m.OutputShare),
			GammaGamma: power * (1 - m.InputShare) * (1 - m.OutputShare),
		})
	}
	return q
}

// FinalQuadrants returns the quadrants at the end of learning, every mode at its
// asymptote.
func FinalQuadrants(p dataset.Point, v dataset.View) dataset.Quadrants {
	modes := Modes(p, v)
	strengths := make([]float64, len(modes))
	for i, m := range modes {
		strengths[i] = m.Asymptote()
	}
	return Quadrants(modes, strengths)
}

// Systematicity returns the systematicity of a view at the end of learning. It is
// NaN where the view learns nothing of Ω_y.
//
// Where Ω_y asks only for bits that the view reads from Ω_x, all of its modes share
// one c_x and the value is that of every moment of learning: P/(P + k_x r²) for a
// view that reads all of x, 1 for one that leaves Γ_x out. Where Ω_y also asks
// for bits that the view does not get from Ω_x, those are learned from Γ_x alone and in
// a time of their own; systematicity then changes on the way, and this is
// where it ends.
func Systematicity(p dataset.Point, v dataset.View) float64 {
	return FinalQuadrants(p, v).Systematicity()
}
