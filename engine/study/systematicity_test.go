package study

import (
	"math"
	"slices"
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/results"
)

// allHold fails for every claim that does not hold and every figure that could
// not be drawn.
func allHold(t *testing.T, o *Outcome, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range o.Claims {
		if !c.Pass {
			t.Errorf("%s does not hold: %v %s %v (%s)", c.ID, c.Measured, c.Relation, c.Threshold, c.Detail)
		}
	}
	for _, f := range o.Figures {
		if err := f.Validate(); err != nil {
			t.Error(err)
		}
	}
}

// claimOf returns the claim with an id.
func claimOf(t *testing.T, claims []results.Claim, id string) results.Claim {
	t.Helper()
	for _, c := range claims {
		if c.ID == id {
			return c
		}
	}
	t.Fatalf("there is no claim %s", id)
	return results.Claim{}
}

// mustFail fails unless the claim with an id notices what was planted.
func mustFail(t *testing.T, claims []results.Claim, id, planted string) {
	t.Helper()
	if c := claimOf(t, claims, id); c.Pass {
		t.Errorf("%s holds with %s planted: %v %s %v", id, planted, c.Measured, c.Relation, c.Threshold)
	}
}

// The full grid is part of the study; a short run leaves out 4 bits, which is
// half of the work.
func TestSystematicity(t *testing.T) {
	grid := systematicityGrid()
	if testing.Short() {
		grid = slices.DeleteFunc(grid, func(p dataset.Point) bool { return p.Bits == 4 })
	}
	judged(t, systematicity, systematicityOn(t, grid))
}

func systematicityOn(t *testing.T, grid []dataset.Point) Evidence {
	return Evidence{Tables: map[string]*Table{"systematicity": trained(t, systematicitySweep(grid), every)}}
}

func TestSystematicityNoticesFaults(t *testing.T) {
	grid := slices.DeleteFunc(systematicityGrid(), func(p dataset.Point) bool { return p.Bits != 2 })
	dense, split, partitioned, err := systematicityOf(systematicityOn(t, grid).Tables["systematicity"])
	if err != nil {
		t.Fatal(err)
	}
	if len(dense.grid) != len(grid) || len(split.grid) != len(grid) || len(partitioned.grid) != len(grid) {
		t.Fatalf("%d, %d and %d datasets, want %d", len(dense.grid), len(split.grid), len(partitioned.grid), len(grid))
	}

	// The tolerance must not be so wide that it says nothing: a first-order term
	// of five standard deviations, met by 36 draws, is filled to more than a
	// twentieth.
	if _, ofTolerance := split.deviation(); ofTolerance < 0.05 {
		t.Errorf("the split network fills only %.3g of its tolerance", ofTolerance)
	}

	for _, s := range []*systematicityRuns{dense, split} {
		// P/(P + k_x r) instead of P/(P + k_x r²).
		wrong := *s
		wrong.predicted = nil
		for _, p := range s.grid {
			wrong.predicted = append(wrong.predicted, 4/(4+float64(p.KX)*p.R))
		}
		claims := systematicityClaims(&wrong, &wrong, partitioned)
		mustFail(t, claims, "systematicity/"+s.name, "a wrong power of r")

		// A prediction that is right but for 10⁻⁴ on one dataset.
		wrong.predicted = append([]float64(nil), s.predicted...)
		wrong.predicted[7] += 1e-4
		claims = systematicityClaims(&wrong, &wrong, partitioned)
		mustFail(t, claims, "systematicity/"+s.name, "a prediction off by 10⁻⁴")

		// Networks that never learn.
		wrong = *s
		wrong.runs = slices.Clone(s.runs)
		for i := range wrong.runs {
			wrong.runs[i].Steps = wrong.runs[i].Steps[:3]
		}
		if d, _ := wrong.deviation(); !math.IsInf(d, 1) {
			t.Errorf("a network that never learns deviates by %v, want +Inf", d)
		}
	}

	// A partitioned network of which one module reads Γ_x after all.
	e := systematicityOn(t, grid)
	for i := range e.Tables["systematicity"].Runs {
		if r := &e.Tables["systematicity"].Runs[i]; r.Text("arch") == "partitioned" {
			r.Curve("systematicity")[9] = 1 - 1e-12
			break
		}
	}
	mustNotice(t, systematicity, e, "systematicity/partitioned", "a trace of Γ_x")

	// Nothing was planted in what the cases share.
	for _, c := range systematicityClaims(dense, split, partitioned) {
		if !c.Pass {
			t.Errorf("%s does not hold once the faults are gone: %v %s %v", c.ID, c.Measured, c.Relation, c.Threshold)
		}
	}
}

// The claims are worth what their datasets are: many, all different, all with a
// non-compositional input, and every n_y up to bits among them.
func TestSystematicityGrid(t *testing.T) {
	grid := systematicityGrid()
	if len(grid) < 60 {
		t.Errorf("%d datasets, want 60 at least", len(grid))
	}
	seen, asked := map[string]bool{}, map[[2]int]bool{}
	for _, p := range grid {
		if err := p.Validate(); err != nil {
			t.Error(err)
		}
		if p.KX < 1 || p.R <= 0 {
			t.Errorf("%v has no non-compositional input", p)
		}
		if seen[p.String()] {
			t.Errorf("%v is in the grid twice", p)
		}
		seen[p.String()], asked[[2]int{p.Bits, p.NY()}] = true, true
	}
	for bits := 2; bits <= 4; bits++ {
		for ny := 1; ny <= bits; ny++ {
			if !asked[[2]int{bits, ny}] {
				t.Errorf("the grid lacks bits %d with n_y %d", bits, ny)
			}
		}
	}
}
