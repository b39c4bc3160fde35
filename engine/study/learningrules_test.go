package study

import (
	"context"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/theory"
	"modspec/engine/train/reference"
)

func TestLearningRules(t *testing.T) {
	judged(t, learningRules, evidenceOf(t, learningRules, every))
}

func TestLearningRulesNoticeFaults(t *testing.T) {
	all, err := ruleResults(evidenceOf(t, learningRules, 2).Tables["learning-rules"])
	if err != nil {
		t.Fatal(err)
	}
	predicted := theory.Systematicity(paperPoint, dataset.Whole)
	for _, c := range ruleClaims(all, predicted) {
		if !c.Pass {
			t.Errorf("%s does not hold before anything is planted: %v %s %v", c.ID, c.Measured, c.Relation, c.Threshold)
		}
	}
	// P/(P + k_x r²) with k_x of 3 taken for 2 and for 4.
	mustFail(t, ruleClaims(all, 8.0/10), "learning-rules/systematicity", "k_x − 1")
	mustFail(t, ruleClaims(all, 8.0/12), "learning-rules/systematicity", "k_x + 1")

	// planted changes one run of the contrastive rule in the table.
	planted := func(change func(r *Run)) Evidence {
		e := evidenceOf(t, learningRules, 2)
		runs := e.Tables["learning-rules"].Runs
		change(&runs[slices.IndexFunc(runs, func(r Run) bool { return r.Text("rule") == "contrastive-hebbian" })])
		return e
	}
	mustNotice(t, learningRules, planted(func(r *Run) {
		s := r.Curve("systematicity")
		s[len(s)-1] += 0.01
	}), "learning-rules/systematicity", "an end at a larger S")
	mustNotice(t, learningRules, planted(func(r *Run) { r.Curve("systematicity")[15] += (1 - predicted) / 20 }),
		"learning-rules/below-one", "one step that is nearer to 1 by a twentieth of the gap")
	mustNotice(t, learningRules, planted(func(r *Run) {
		for _, name := range []string{"quadrant_omega_omega", "quadrant_gamma_omega"} {
			curve := r.Curve(name)
			curve[len(curve)-1] *= 0.9 * 0.9
		}
	}), "learning-rules/learned", "a mode at nine tenths of its asymptote")

	// A rule that learns nothing has no onset.
	idle := all[0].runs[0]
	idle.Steps = idle.Steps[:1]
	if h := all[0].highestSystematicity(&idle); !math.IsInf(h, 1) {
		t.Errorf("a run without onset has highest S %v, want +Inf", h)
	}
}

// The two theories that the study rests on, against trained weights: ‖W2ᵀu‖ at the end
// under every rule, and the lag of the anti-Hebbian rule by its formula. What the formula
// leaves out makes the lag larger, by lagRemainder at most.
func TestRulesOfOneMode(t *testing.T) {
	all, err := ruleResults(evidenceOf(t, learningRules, 2).Tables["learning-rules"])
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		c, arch, _, err := startOf(&r.runs[0])
		if err != nil {
			t.Fatal(err)
		}
		runs, err := linear.Collect(context.Background(), reference.New(0), &linear.Job{Architecture: arch, Steps: r.steps, Copies: []linear.Copy{c}})
		if err != nil {
			t.Fatal(err)
		}
		mode := r.mode()
		var carried mat.VecDense
		carried.MulVec(runs[0].Final.Weights.Modules[0][1].T(), mat.NewVecDense(len(mode.u), mode.u))
		got, want := r.carried[0], mat.Norm(&carried, 2)
		t.Logf("%s: followed %.5f, trained %.5f, ratio %.5f", r.title, got, want, got/want)
		if !(math.Abs(got/want-1) <= carriedRemainder) { // NaN is neither
			t.Errorf("%s: ‖W2ᵀu‖ is %.5f by theory, %.5f in training", r.title, got, want)
		}
		if r.rule.Beta >= 0 {
			continue
		}
		measured, predicted := 1-r.learnedShare(&r.runs[0]), r.antiHebbianLag()
		if over := measured/predicted - 1; over < 0 || over > lagRemainder {
			t.Errorf("mode 1 is held back by %.5f of its asymptote, the formula says %.5f", measured, predicted)
		}
	}
}
