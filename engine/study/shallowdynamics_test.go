package study

import (
	"testing"

	"modspec/engine/kind/linear/prediction"
	"modspec/engine/results"
)

func TestShallowDynamics(t *testing.T) {
	e := evidenceOf(t, shallowDynamics, every)
	judged(t, shallowDynamics, e)
	ahead(e.Tables["shallow"], 3)
	mustNotice(t, shallowDynamics, e, "shallow-dynamics/exact", "a simulation one step ahead")
}

func TestShallowDynamicsNoticesFaults(t *testing.T) {
	claims := func(planted func(pr *comparison)) []results.Claim {
		predictions := predicted(t, shallowSweep)
		planted(&predictions[1])
		list, _, err := shallowClaims(predictions)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	mustFail(t, claims(func(pr *comparison) { pr.byMode = oneStepAhead(pr.byMode) }), "shallow-dynamics/exact", "a curve one step ahead")
	mustFail(t, claims(func(pr *comparison) {
		for i := range pr.means {
			pr.means[i] = []float64{0}
		}
		var err error
		if pr.byMode, err = pr.trajectory(pr.means, prediction.Discrete); err != nil {
			t.Fatal(err)
		}
	}), "shallow-dynamics/exact", "a(0) = 0")
	mustFail(t, claims(func(pr *comparison) { pr.eta /= 2 }), "shallow-dynamics/continuous", "half the learning rate")
	// Continuous time that is right by accident, a simulation of gradient flow.
	mustFail(t, claims(func(pr *comparison) {
		flow, err := pr.trajectory(pr.means, prediction.Continuous)
		if err != nil {
			t.Fatal(err)
		}
		for i := range flow {
			pr.measured[i].Modes = flow[i].Modes
		}
	}), "shallow-dynamics/exact", "gradient flow for gradient descent")
	// Mode 2 as a deep network learns it, later than mode 1.
	mustFail(t, claims(func(pr *comparison) {
		for i := len(pr.measured) - 1; i > 0; i-- {
			pr.measured[i].Modes[1] = pr.measured[i-1].Modes[1]
		}
	}), "shallow-dynamics/times", "mode 2 one step late")
}
