package study

import (
	"testing"

	"modspec/engine/results"
)

func TestDenseQuadrants(t *testing.T) {
	e := evidenceOf(t, denseQuadrants, every)
	judged(t, denseQuadrants, e)
	ahead(e.Tables["dense"], 3)
	mustNotice(t, denseQuadrants, e, "dense-quadrants/deviation", "a simulation one step ahead")
	mustNotice(t, denseQuadrants, e, "dense-quadrants/directions", "a simulation one step ahead")
	e = evidenceOf(t, denseQuadrants, every)
	e.Tables["dense"].Runs[2].Diverged = true // at its end, whatever it was
	for _, claim := range []string{"deviation", "directions", "final"} {
		mustNotice(t, denseQuadrants, e, "dense-quadrants/"+claim, "a run that diverges")
	}
	if !testing.Short() {
		e = evidenceOf(t, denseQuadrants, every)
		ahead(e.Tables["dense"], quadrantSeeds)
		judged(t, denseQuadrants, e) // it is about the seeds before
	}
}

func TestDenseQuadrantsNoticeFaults(t *testing.T) {
	claims := func(planted func(pr *comparison)) []results.Claim {
		predictions := predicted(t, denseSweep)
		planted(&predictions[1])
		return denseQuadrantClaims(predictions)
	}
	mustFail(t, claims(func(pr *comparison) { pr.byMode = oneStepAhead(pr.byMode) }), "dense-quadrants/deviation", "a curve one step ahead")
	mustFail(t, claims(func(pr *comparison) { pr.directions = oneStepAhead(pr.directions) }), "dense-quadrants/directions", "a curve one step ahead")
	mustFail(t, claims(func(pr *comparison) { pr.directions = pr.byMode }), "dense-quadrants/directions", "one start for each mode")
	// Formulas that forget that mode 1 reaches into Γ_y, or that Γ_x reaches Ω_y.
	mustFail(t, claims(func(pr *comparison) { pr.final.GammaGamma -= pr.final.GammaOmega / 8 }), "dense-quadrants/final", "mode 1 without Γ_y")
	mustFail(t, claims(func(pr *comparison) {
		pr.final.OmegaOmega += pr.final.GammaOmega
		pr.final.GammaOmega = 0
	}), "dense-quadrants/final", "Ω_y from Ω_x alone")
}
