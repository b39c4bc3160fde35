package study

import (
	"context"
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/results"
	"modspec/engine/theory"
	"modspec/engine/train/reference"
)

func TestSplitDynamics(t *testing.T) {
	o, err := splitDynamics.Run(context.Background(), reference.New(0))
	allHold(t, o, err)
}

func TestSplitDynamicsNoticesFaults(t *testing.T) {
	exact := theory.Systematicity(paperPoint, dataset.Whole)
	claims := func(planted func(pr *comparison)) []results.Claim {
		predictions := predicted(t, splitSetting(), 2)
		planted(&predictions[1])
		return splitClaims(predictions, exact)
	}
	ahead := func(pr *comparison) {
		pr.byMode, pr.directions = oneStepAhead(pr.byMode), oneStepAhead(pr.directions)
	}
	for _, id := range []string{"split-dynamics/deviation", "split-dynamics/directions", "split-dynamics/quadrants"} {
		mustFail(t, claims(ahead), id, "a curve one step ahead")
	}
	mustFail(t, claims(func(pr *comparison) { pr.directions = pr.byMode }), "split-dynamics/directions", "one start for each mode")
	// The dense network in place of the split one: mode 1 reaches both outputs.
	dense := predicted(t, denseSetting(), 2)
	mustFail(t, splitClaims(dense, exact), "split-dynamics/times", "a dense network")
	// P/(P + k_x r²) with k_x of 3 taken for 2 and for 4, and the partitioned network's 1.
	for _, s := range []float64{8.0 / 10, 8.0 / 12, 1} {
		mustFail(t, splitClaims(predicted(t, splitSetting(), 1), s), "split-dynamics/systematicity", "another systematicity")
	}
}
