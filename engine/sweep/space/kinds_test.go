package space_test

import (
	"strings"
	"testing"

	"modspec/engine/sweep/space"
	"modspec/engine/sweep/spec"
	"modspec/engine/sweep/sweeptest"
	"modspec/engine/train"
	"modspec/engine/train/traintest"
)

// TestOtherKindsAreSwept: points, text and identities of another kind than the default
// one, with words that stand for numbers and combinations that do not exist.
func TestOtherKindsAreSwept(t *testing.T) {
	const file = "kind: toy\nmethod: grid\nskip_invalid: true\nseeds: 2\nsteps: 7\nparameters:\n  lr: {values: [0.1, 0.2]}\n  batch: {values: [3, classes]}\n  optimizer: {values: [sgd, adam]}\n  momentum: {values: [0, 0.5]}\n"
	f, err := spec.Parse("toy.yaml", []byte(file), sweeptest.Kinds)
	if err != nil {
		t.Fatal(err)
	}
	again, err := spec.Parse("again.yaml", []byte(f.Text()), sweeptest.Kinds)
	if err != nil || again.Text() != f.Text() || !strings.Contains(f.Text(), "kind: toy\n") || strings.Contains(sweeptest.Parse(t, "method: grid\n").Text(), "kind") {
		t.Fatalf("the text is\n%s\nand reads back as %v, %v", f.Text(), again, err)
	}
	s, err := space.Enumerate(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	// Three classes by default, so batches of 3 and of classes are one; adam has no
	// momentum.
	if s.Len() != 2*3 || s.Duplicates != 2*3 || s.Skipped != 2*2 || len(s.Groups) != 2 || !strings.Contains(s.Reasons[0].Message, "adam has a momentum of its own") {
		t.Fatalf("%d points, %d duplicates, %d skipped (%v), %d groups", s.Len(), s.Duplicates, s.Skipped, s.Reasons, len(s.Groups))
	}
	kind := traintest.Toy{}
	for i := range s.Copies() {
		c := s.Copy(i)
		if c.ID != space.CopyID(kind, c.Parameters, "float32", c.Seed) {
			t.Errorf("the id of copy %d is another's", i)
		}
	}
	lines := string(train.AppendParameters(nil, kind, s.Point(0), false))
	if want := "kind=\"toy\"\nhidden=5\nclasses=3\nbatch=3\noptimizer=\"sgd\"\nmomentum=0000000000000000\nlr=3fb999999999999a\ninit_scale=3fe0000000000000\ndata_seed=0\nsteps=7\n"; lines != want {
		t.Errorf("the first point is identified by\n%s, want\n%s", lines, want)
	}
}
