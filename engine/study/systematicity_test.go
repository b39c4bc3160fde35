package study

import (
	"context"
	"math"
	"testing"

	"modspec/engine/network"
	"modspec/engine/results"
	"modspec/engine/train/reference"
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
	if !testing.Short() {
		o, err := systematicity.Run(context.Background(), reference.New(0))
		allHold(t, o, err)
		return
	}
	grid := systematicityGrid()
	for i, p := range grid {
		if p.Bits == 4 {
			grid = grid[:i]
			break
		}
	}
	o, err := runSystematicity(context.Background(), reference.New(0), grid)
	allHold(t, o, err)
}

func TestSystematicityNoticesFaults(t *testing.T) {
	grid := systematicityGrid()[:36] // bits 2
	var all []*systematicityRuns
	for _, arch := range []network.Architecture{network.Dense(hidden), network.Split(hidden), network.Partitioned(hidden)} {
		s, err := newSystematicityRuns(context.Background(), reference.New(0), arch, grid)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	dense, split, partitioned := all[0], all[1], all[2]

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
		for _, p := range grid {
			wrong.predicted = append(wrong.predicted, 4/(4+float64(p.KX)*p.R))
		}
		claims := systematicityClaims(&wrong, &wrong, partitioned)
		mustFail(t, claims, "systematicity/"+s.name, "a wrong power of r")
		mustFail(t, claims, "systematicity/"+s.name+"-tolerance", "a wrong power of r")

		// A prediction that is right but for 10⁻⁴ on one dataset.
		wrong.predicted = append([]float64(nil), s.predicted...)
		wrong.predicted[7] += 1e-4
		claims = systematicityClaims(&wrong, &wrong, partitioned)
		mustFail(t, claims, "systematicity/"+s.name+"-tolerance", "a prediction off by 10⁻⁴")

		// Networks that never learn.
		wrong = *s
		for i := range wrong.runs {
			wrong.runs[i].Trajectory = wrong.runs[i].Trajectory[:3]
		}
		if d, _ := wrong.deviation(); !math.IsInf(d, 1) {
			t.Errorf("a network that never learns deviates by %v, want +Inf", d)
		}
	}

	// A partitioned network of which one module reads Γ_x after all.
	leaking := *partitioned
	leaking.runs = append(leaking.runs[:0:0], leaking.runs...)
	o := leaking.runs[5].Trajectory[9]
	o.Quadrants.GammaOmega = 1e-12 * o.Quadrants.OmegaOmega
	o.Systematicity = o.Quadrants.Systematicity()
	leaking.runs[5].Trajectory = append(leaking.runs[5].Trajectory[:9:9], o)
	mustFail(t, systematicityClaims(dense, split, &leaking), "systematicity/partitioned", "a trace of Γ_x")
	mustFail(t, systematicityClaims(&systematicityRuns{name: "dense", grid: grid[:1], runs: partitioned.runs[:1],
		predicted: dense.predicted[:1], tolerance: dense.tolerance[:1], asymptote: dense.asymptote[:1]}, split, partitioned),
		"systematicity/datasets", "a single dataset")
}
