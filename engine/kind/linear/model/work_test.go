package model_test

import (
	"testing"

	"modspec/engine/kind/linear/model"
	"modspec/engine/sweep/sweeptest"
	"modspec/engine/train"
)

// TestWork holds the counts to DOMAIN §4, whose paper setting has 86 kFLOP a
// step in full and 21.6 kFLOP reduced.
func TestWork(t *testing.T) {
	for _, c := range []struct {
		parameters    string
		full, reduced float64
	}{
		// n_out 9, h 50, n_in 27, ρ 8.
		{"bits: {value: 3}", 2 * (3*9*50*27 + 9*27*27), 6*9*50*8 + 2*9*8},
		// Shallow: E alone, and ΔW is E.
		{"arch: {value: shallow}", 2 * 9 * 27 * 27, 2 * 9 * 8},
		// Two modules of 27 inputs and 1 and 8 outputs.
		{"arch: {value: split}", 2 * (3*9*50*27 + 9*27*27), 6*9*50*8 + 2*9*8},
		// Ω_x → Ω_y, 3 → 1 of rank 3, and Γ_x → Γ_y, 24 → 8 of rank 8.
		{"arch: {value: partitioned}", 2*(3*1*50*3+1*3*3) + 2*(3*8*50*24+8*24*24), 6*1*50*3 + 2*1*3 + 6*8*50*8 + 2*8*8},
		// Three layers of weights: W2·W1 is 50·50·w0, W3·(W2W1) is 9·50·w0.
		{"depth: {value: 2}", 2 * (3*(9*50+50*50)*27 + 9*27*27), 2 * (3*(9*50+50*50)*8 + 9*8)},
		// γ adds n_out²(w0 + h).
		{"rule: {value: predictive-coding}", 2 * (3*9*50*27 + 9*27*27 + 81*(27+50)), 2 * (3*9*50*8 + 9*8 + 81*(8+50))},
		// β adds h·w0·(w0 + 2h).
		{"rule: {value: hebbian}", 2 * (3*9*50*27 + 9*27*27 + 50*27*(27+100)), 2 * (3*9*50*8 + 9*8 + 50*8*(8+100))},
		// A batch of 4: Σ_x is no diagonal, and is w0²·4 to form.
		{"batch: {value: 4}", 2 * (3*9*50*27 + 9*27*27 + 27*27*4), 2 * (3*9*50*8 + 9*8*8 + 8*8*4)},
	} {
		s := sweeptest.Enumerate(t, "method: grid\nparameters:\n  "+c.parameters+"\n")
		m, err := model.Build(s.Point(0))
		if err != nil {
			t.Fatal(err)
		}
		if full, reduced := m.Work(train.Place{Plain: true}).Step, m.Work(train.Place{}).Step; full != c.full || reduced != c.reduced {
			t.Errorf("%s: %v FLOP full and %v reduced, want %v and %v", c.parameters, full, reduced, c.full, c.reduced)
		}
	}
}
