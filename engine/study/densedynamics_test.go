package study

import (
	"testing"

	"modspec/engine/results"
)

func TestDenseDynamics(t *testing.T) {
	if !testing.Short() {
		judged(t, denseDynamics, evidenceOf(t, denseDynamics, every))
	}
	claims := func(planted func(pr *comparison)) []results.Claim {
		predictions := predicted(t, denseSweep)
		fits := make([]fit, len(predictions))
		for i := range predictions {
			var err error
			if fits[i], err = predictions[i].fit(); err != nil {
				t.Fatal(err)
			}
			planted(&predictions[i])
		}
		return denseClaims(predictions, fits)
	}
	for _, c := range claims(func(*comparison) {}) {
		if !c.Pass {
			t.Errorf("%s fails on two seeds: %v %s %v", c.ID, c.Measured, c.Relation, c.Threshold)
		}
	}
	mustFail(t, claims(func(pr *comparison) {
		for i := range pr.byMode {
			pr.byMode[i].Modes = append([]float64(nil), pr.byMode[i].Modes...)
			pr.byMode[i].Modes[0] *= 0.8 // a wrong asymptote of mode 1
		}
	}), "dense-dynamics/closer", "a wrong asymptote")
	mustFail(t, claims(func(pr *comparison) { pr.byMode = oneStepAhead(oneStepAhead(pr.byMode)) }),
		"dense-dynamics/deviation", "a curve two steps ahead")
	mustFail(t, claims(func(pr *comparison) { pr.directions = oneStepAhead(pr.directions) }),
		"dense-dynamics/directions", "a curve one step ahead")
	mustFail(t, claims(func(pr *comparison) { pr.directions = pr.byMode }),
		"dense-dynamics/directions", "one start for all directions of a mode")

	e := evidenceOf(t, denseDynamics, 2)
	ahead(e.Tables["dense"], 1)
	mustNotice(t, denseDynamics, e, "dense-dynamics/directions", "a simulation one step ahead")
}
