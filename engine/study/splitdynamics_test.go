package study

import (
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/results"
	"modspec/engine/theory"
)

func TestSplitDynamics(t *testing.T) {
	e := evidenceOf(t, splitDynamics, every)
	judged(t, splitDynamics, e)
	ahead(e.Tables["split"], 3)
	mustNotice(t, splitDynamics, e, "split-dynamics/directions", "a simulation one step ahead")
	e.Tables["split"] = e.Tables["dense"]
	mustNotice(t, splitDynamics, e, "split-dynamics/times", "a dense network")
}

func TestSplitDynamicsNoticesFaults(t *testing.T) {
	exact := theory.Systematicity(paperPoint, dataset.Whole)
	claims := func(planted func(pr *comparison)) []results.Claim {
		predictions := predicted(t, splitSweep)
		planted(&predictions[1])
		return splitClaims(predictions, exact)
	}
	twoAhead := func(pr *comparison) {
		pr.byMode, pr.directions = oneStepAhead(oneStepAhead(pr.byMode)), oneStepAhead(oneStepAhead(pr.directions))
	}
	for _, id := range []string{"split-dynamics/deviation", "split-dynamics/directions", "split-dynamics/quadrants"} {
		mustFail(t, claims(twoAhead), id, "a curve two steps ahead")
	}
	mustFail(t, claims(func(pr *comparison) { pr.directions = pr.byMode }), "split-dynamics/directions", "one start for each mode")
	// The dense network in place of the split one: mode 1 reaches both outputs.
	dense := predicted(t, denseSweep)
	mustFail(t, splitClaims(dense, exact), "split-dynamics/times", "a dense network")
	// P/(P + k_x r²) with k_x of 3 taken for 2 and for 4, and the partitioned network's 1.
	for _, s := range []float64{8.0 / 10, 8.0 / 12, 1} {
		mustFail(t, splitClaims(predicted(t, splitSweep), s), "split-dynamics/systematicity", "another systematicity")
	}
}
