package study

import (
	"context"
	"testing"

	"modspec/engine/results"
	"modspec/engine/train/reference"
)

func TestDenseDynamics(t *testing.T) {
	if !testing.Short() {
		o, err := denseDynamics.Run(context.Background(), reference.New(0))
		allHold(t, o, err)
	}
	claims := func(planted func(pr *comparison)) []results.Claim {
		predictions, err := denseSetting().predict(context.Background(), reference.New(0), 2)
		if err != nil {
			t.Fatal(err)
		}
		fits := make([]fit, len(predictions))
		for i := range predictions {
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
}
