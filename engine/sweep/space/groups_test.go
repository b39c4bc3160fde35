package space_test

import (
	"slices"
	"testing"

	"modspec/engine/kind/linear/model"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/sweeptest"
	"modspec/engine/train"
)

// size returns a function that gives every group the same size of chunk.
func size(n int) func(*space.Group) int { return func(*space.Group) int { return n } }

// TestChunksHaveEveryCopyOnce, whatever their size, in the order of numbers.
func TestChunksHaveEveryCopyOnce(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Everything)
	if s.Copies() != s.Len()*2 {
		t.Fatalf("%d copies of %d points and 2 seeds", s.Copies(), s.Len())
	}
	var want []space.ID
	for _, n := range []int{1, 3, 16, 100000, 0} {
		var got []space.ID
		for chunk, err := range s.Chunks(size(n)) {
			if err != nil {
				t.Fatal(err)
			}
			if len(chunk.Copies) > max(n, 1) || len(chunk.Copies) == 0 || len(chunk.Copies) != len(chunk.Job.Runs) {
				t.Errorf("chunks of %d: one has %d copies in a job of %d", n, len(chunk.Copies), len(chunk.Job.Runs))
			}
			if err := chunk.Job.Check(); err != nil {
				t.Errorf("a job cannot be run: %v", err)
			}
			for i, c := range chunk.Copies {
				got = append(got, c.ID)
				if c.ID != space.CopyID(model.Kind, c.Parameters, s.File.Precision, c.Seed) {
					t.Errorf("the id of %+v is another's", c)
				}
				run := chunk.Job.Runs[i]
				if run.Stream != train.Stream(model.Kind, c.Parameters, c.Seed) || !slices.Equal(run.Model.Parameters(), c.Parameters) ||
					chunk.Job.Steps != sweeptest.Typed(c.Parameters).Steps || chunk.Job.Schedule != s.File.Schedule || chunk.Job.Precision != s.File.Precision {
					t.Errorf("the job trains another copy than %+v", c)
				}
			}
		}
		if want == nil {
			want = got
			for i := range got {
				if s.Copy(i).ID != got[i] {
					t.Fatalf("copy %d is another's", i)
				}
			}
			seen := map[space.ID]bool{}
			for _, id := range got {
				seen[id] = true
			}
			if len(got) != s.Copies() || len(seen) != s.Copies() {
				t.Fatalf("%d copies, %d of them different, of %d", len(got), len(seen), s.Copies())
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("chunks of %d give other copies, or in another order", n)
		}
	}
}

// TestChunksEndEarly: whoever has enough may stop.
func TestChunksEndEarly(t *testing.T) {
	for chunk, err := range sweeptest.Enumerate(t, sweeptest.Everything).Chunks(size(1)) {
		if err != nil || len(chunk.Copies) != 1 {
			t.Error(chunk, err)
		}
		break
	}
}

// TestShapes: what must differ between groups does, and what may differ within
// one does not make two.
func TestShapes(t *testing.T) {
	for parameter, want := range map[string]int{
		"bits: {values: [2, 3, 4]}":                            3,
		"nx: {values: [2, 3]}":                                 2,
		"ny: {values: [0, 1, 3]}":                              3,
		"kx: {values: [0, 1, 2]}":                              3,
		"ky: {values: [1, 2]}":                                 2,
		"r: {values: [0.5, 1, 2]}":                             1,
		"r: {values: [0, 1, 2]}":                               2, // without Γ_x the inputs have another rank
		"output_bits: {values: [0, 1, 2]}":                     1,
		"output_bits: {values: [[0, 1], [2]]}":                 2,
		"arch: {values: [dense, split, partitioned, shallow]}": 4,
		"modules: {values: [both>both, 'both>both:50']}":       1,
		"modules: {values: ['both>omega:9', 'both>omega:8']}":  2,
		"hidden: {values: [20, 50]}":                           2,
		"depth: {values: [1, 2]}":                              2,
		"rule: {values: [gd, hebbian, anti-hebbian]}":          3,
		"lr: {values: [0.1, 0.2]}":                             1,
		"init_scale: {values: [0.1, 0.2]}":                     1,
		"steps: {values: [10, 20]}":                            2,
		"train_examples: {values: [4, all]}":                   2,
		"batch: {values: [4, all]}":                            2,
	} {
		s := sweeptest.Enumerate(t, "method: grid\nseeds: 2\nparameters:\n  "+parameter+"\n")
		if len(s.Groups) != want {
			t.Errorf("%s makes %d groups, want %d", parameter, len(s.Groups), want)
		}
		next := 0
		for i := range s.Groups {
			g := &s.Groups[i]
			if g.First != next || g.Copies != 2*g.Points() {
				t.Errorf("%s: group %d has %d copies from %d on, want %d from %d on", parameter, i, g.Copies, g.First, 2*g.Points(), next)
			}
			next += g.Copies
		}
	}
}

// TestShapeText: a shape names what a reader of a plan wants to see.
func TestShapeText(t *testing.T) {
	s := sweeptest.Enumerate(t, "method: grid\ntrain_examples: 3\nparameters:\n  arch: {value: partitioned}\n  depth: {value: 2}\n")
	// Three examples: Ω_x is 3 × 3 with the columns (+++), (++−), (+−+), of rank 3.
	want := "bits 3, n_x 3, n_y 1, k_x 3, k_y 1: partitioned 3(3)-50-50-1, 24(3)-50-50-8, gd, 300 steps, 3 examples in batches of 3"
	if got := s.Groups[0].Shape; got != want {
		t.Errorf("the shape is %q, want %q", got, want)
	}
	s = sweeptest.Enumerate(t, "method: grid\n")
	if got, want := s.Groups[0].Shape, "bits 3, n_x 3, n_y 1, k_x 3, k_y 1: dense 27(8)-50-9, gd, 300 steps"; got != want {
		t.Errorf("the shape is %q, want %q", got, want)
	}
}

// TestOrderIndependence: a file with its lines in another order is the same
// sweep, copy by copy.
func TestOrderIndependence(t *testing.T) {
	a := sweeptest.Enumerate(t, "method: grid\nseeds: 2\nparameters:\n  kx: {values: [1, 2]}\n  ky: {values: [1, 2]}\n  r: {values: [1, 2]}\n")
	b := sweeptest.Enumerate(t, "parameters:\n  r: {values: [1, 2]}\n  ky: {values: [1, 2]}\n  kx: {values: [1, 2]}\nseeds: 2\nmethod: grid\n")
	if a.Fingerprint() != b.Fingerprint() {
		t.Error("the fingerprints differ")
	}
	for i := range a.Copies() {
		if a.Copy(i).ID != b.Copy(i).ID {
			t.Errorf("copy %d differs", i)
		}
	}
	// A fingerprint changes with whatever changes results.
	for _, other := range []string{"seeds: 3", "seeds: [1, 0]", "seeds: 2\nrecord: ends", "seeds: 2\nprecision: float64", "seeds: 2\nsteps: 301", "seeds: 2\nrun_cap: 3"} {
		c := sweeptest.Enumerate(t, "method: grid\n"+other+"\nparameters:\n  kx: {values: [1, 2]}\n  ky: {values: [1, 2]}\n  r: {values: [1, 2]}\n")
		if c.Fingerprint() == a.Fingerprint() {
			t.Errorf("%q leaves the fingerprint as it was", other)
		}
	}
}

// TestIDsAcrossSweeps: a copy has its id in whichever sweep it stands.
func TestIDsAcrossSweeps(t *testing.T) {
	grid := sweeptest.Enumerate(t, "method: grid\nseeds: 4\nparameters:\n  kx: {values: [1, 2]}\n  r: {values: [1, 2]}\n")
	one := sweeptest.Enumerate(t, "method: grid\nseeds: [3]\nparameters:\n  kx: {value: 2}\n  r: {value: 2}\n")
	if grid.Copy(15).ID != one.Copy(0).ID {
		t.Errorf("the copy is %v in one sweep and %v in the other", grid.Copy(15), one.Copy(0))
	}
}
