package spec_test

import (
	"os"
	"path/filepath"
	"testing"

	"modspec/engine/sweep/plan"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/spec"
	"modspec/engine/sweep/sweeptest"
)

// TestWorkedExamples holds the sweeps under testdata to counts made by hand.
func TestWorkedExamples(t *testing.T) {
	for _, want := range []struct {
		name                           string
		candidates, skipped, points    int
		seeds, copies, groups, perCopy int
	}{
		// 3 architectures × 3 kx × 6 r, each combination of arch and kx a shape.
		{"first-phase-diagram", 54, 0, 54, 10, 540, 9, 0},
		// 4 bits (lr moves along) × 6 n_y × 4 k_x × 4 k_y × 4 r = 1,536. There are
		// 3, 4, 5, 6 values of n_y for 2 … 5 bits, 18 pairs, so 18·64 = 1,152 with
		// n_y ≤ bits and 384 without. Of those 1,152, n_y = 0 = k_y has no output:
		// 4 bits × 4 k_x × 4 r = 64. That leaves 1,088. r is no shape: 272 of them.
		{"paper-space", 1536, 384 + 64, 1088, 10, 10880, 272, 0},
		// 200 draws, of which none repeats: r is continuous. 1,500 steps recorded
		// every 50: 0, 50, …, 1,500.
		{"learning-rules", 200, 0, 200, 3, 600, 0, 31},
	} {
		t.Run(want.name, func(t *testing.T) {
			f, err := spec.Read(filepath.Join("..", "..", "..", "testdata", "sweeps", want.name+".yaml"), sweeptest.Kinds)
			if err != nil {
				t.Fatal(err)
			}
			if f.Name != want.name {
				t.Errorf("the sweep is called %q", f.Name)
			}
			s, err := space.Enumerate(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			p, err := plan.New(s, plan.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Check(); err != nil {
				t.Error(err)
			}
			for _, c := range []struct {
				what      string
				got, want int
			}{
				{"candidates", p.Candidates, want.candidates}, {"skipped", p.Skipped, want.skipped},
				{"duplicates", p.Duplicates, 0}, {"points", p.Points, want.points},
				{"seeds", p.Seeds, want.seeds}, {"copies", p.Copies, want.copies}, {"own copies", p.Own, want.copies},
			} {
				if c.got != c.want {
					t.Errorf("%d %s, want %d", c.got, c.what, c.want)
				}
			}
			if want.groups > 0 && len(p.Groups) != want.groups {
				t.Errorf("%d groups, want %d", len(p.Groups), want.groups)
			}
			if want.perCopy > 0 && p.Groups[0].Observations != want.perCopy {
				t.Errorf("%d observations a copy, want %d", p.Groups[0].Observations, want.perCopy)
			}
		})
	}
}

// TestExamplesAreAllTested finds a worked example that no test knows.
func TestExamplesAreAllTested(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join("..", "..", "..", "testdata", "sweeps"))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 3 {
		t.Errorf("there are %d files under testdata/sweeps; TestWorkedExamples has 3", len(entries))
	}
}
