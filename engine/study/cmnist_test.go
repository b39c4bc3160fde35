package study_test

import (
	"math"
	"testing"

	"modspec/engine/results"
	"modspec/engine/study"
)

// imageRows are the last epochs of made-up runs: two of each network, a band apart.
func imageRows(change func(arch string, run int, row *results.CMNISTEpoch)) []results.CMNISTEpoch {
	var rows []results.CMNISTEpoch
	for arch, errs := range map[string][2]float64{"dense": {0.9, 0.95}, "split": {0.5, 0.95}} {
		for run := range 2 {
			for epoch := range 3 {
				row := results.CMNISTEpoch{Arch: arch, RunIndex: run, Epoch: epoch}
				off := results.Number(0.01 * float64(run))
				row.Test.Compositional, row.Test.NonCompositional = results.Number(errs[0])+off, results.Number(errs[1])+off
				row.Company = row.Test.Compositional
				if epoch < 2 {
					row.Test.Compositional = 1 // where they begin does not count
				}
				change(arch, run, &row)
				rows = append(rows, row)
			}
		}
	}
	return rows
}

// TestImageClaimsCanFail: the claims hold where split is below dense by more than the
// runs' band, and fail where bands meet, where order is reversed, and where a run
// brought no number.
func TestImageClaimsCanFail(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(arch string, run int, row *results.CMNISTEpoch)
		fails  string
	}{
		{"apart", func(string, int, *results.CMNISTEpoch) {}, ""},
		{"bands meet", func(arch string, run int, row *results.CMNISTEpoch) {
			if arch == "split" && run == 1 && row.Epoch == 2 {
				row.Test.Compositional = 0.895
			}
		}, "cmnist/test-error"},
		{"reversed", func(arch string, _ int, row *results.CMNISTEpoch) {
			if arch == "split" {
				row.Test.Compositional += 1
			}
		}, "cmnist/test-error"},
		{"no number", func(arch string, run int, row *results.CMNISTEpoch) {
			if arch == "dense" && run == 0 {
				row.Test.Compositional = results.Number(math.NaN())
			}
		}, "cmnist/test-error"},
		{"numbers are learned", func(arch string, run int, row *results.CMNISTEpoch) {
			if arch == "dense" && run == 1 {
				row.Test.NonCompositional = 0.5
			}
		}, "cmnist/number-error"},
		{"more company", func(arch string, _ int, row *results.CMNISTEpoch) {
			if arch == "split" {
				row.Company = 2
			}
		}, "cmnist/company"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, claim := range study.CMNISTClaims(imageRows(c.change)) {
				if claim.Pass == (claim.ID == c.fails) {
					t.Errorf("%s: %v %s %v: %v", claim.ID, claim.Measured, claim.Relation, claim.Threshold, claim.Pass)
				}
			}
		})
	}
}
