package sweep_test

import (
	"errors"
	"strings"
	"testing"

	"modspec/engine/kind/linear/model"
	"modspec/engine/sweep"
	"modspec/engine/train"
	"modspec/engine/train/traintest"
	"modspec/engine/yamlfile"
)

// both are two kinds, which share some parameters' names.
var both = []train.Kind{model.Kind, traintest.Toy{}}

// TestKindsOfFiles: a file's kind decides which parameters it may give, and is part of
// its text and of its runs' identities.
func TestKindsOfFiles(t *testing.T) {
	for _, c := range []struct {
		what, file   string
		line, column int
		words        []string
	}{
		{"a misspelt kind", "method: grid\nkind: linaer\nparameters:\n  nothing: {value: 1}\n", 2, 7, []string{`unknown kind "linaer"`, "one of linear, toy", `did you mean "linear"?`}},
		{"a kind that is a list", "kind: [toy]\nmethod: grid\n", 1, 7, []string{"kind is a list"}},
		{"a kind twice", "kind: toy\nmethod: grid\nkind: linear\n", 3, 1, []string{`"kind"`, "a second time"}},
		{"a parameter of another kind", "method: grid\nparameters:\n  classes: {value: 2}\n", 3, 3, []string{"classes is a parameter of the kind toy", "of the kind linear", "write kind: toy"}},
		{"a parameter of the default kind", "kind: toy\nmethod: grid\nparameters:\n  bits: {value: 2}\n", 4, 3, []string{"bits is a parameter of the kind linear", "of the kind toy"}},
		{"one at the top", "kind: toy\nmethod: grid\ntrain_examples: 2\n", 3, 1, []string{"train_examples is a parameter of the kind linear"}},
		{"a misspelt parameter", "kind: toy\nmethod: grid\nparameters:\n  clases: {value: 2}\n", 4, 3, []string{`"clases"`, `did you mean "classes"?`}},
		{"a word of another parameter", "kind: toy\nmethod: grid\nparameters:\n  batch: {value: all}\n", 4, 18, []string{`batch is "all"`, "from 1 to 4096", "or classes"}},
		{"a value beyond its bounds", "kind: toy\nmethod: grid\nparameters:\n  momentum: {value: 1}\n", 4, 21, []string{"momentum is 1", "0 to 0.999"}},
		{"a seed that a number cannot hold", "kind: toy\nmethod: grid\nparameters:\n  data_seed: {value: 9007199254740993}\n", 4, 22, []string{"data_seed is 9007199254740993", "9007199254740992"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			_, err := sweep.Parse("bad.yaml", []byte(c.file), both)
			var faults yamlfile.Faults
			if !errors.As(err, &faults) {
				t.Fatalf("the error is %v, want faults", err)
			}
			f := faults[0]
			if len(faults) > 1 || f.Line != c.line || f.Column != c.column {
				t.Errorf("%d faults, the first at %d:%d, want one at %d:%d: %v", len(faults), f.Line, f.Column, c.line, c.column, faults)
			}
			for _, w := range c.words {
				if !strings.Contains(f.Message, w) {
					t.Errorf("the message lacks %q: %s", w, f.Message)
				}
			}
		})
	}
	if _, err := sweep.Parse("none.yaml", []byte("method: grid\n"), both[1:]); err == nil || !strings.Contains(err.Error(), "kind is missing; write kind: and one of toy") {
		t.Errorf("without the default kind: %v", err)
	}
}

// TestOtherKindsAreSwept: points, text and identities of another kind than the default
// one, with words that stand for numbers and combinations that do not exist.
func TestOtherKindsAreSwept(t *testing.T) {
	const file = "kind: toy\nmethod: grid\nskip_invalid: true\nseeds: 2\nsteps: 7\nparameters:\n  lr: {values: [0.1, 0.2]}\n  batch: {values: [3, classes]}\n  optimizer: {values: [sgd, adam]}\n  momentum: {values: [0, 0.5]}\n"
	f, err := sweep.Parse("toy.yaml", []byte(file), both)
	if err != nil {
		t.Fatal(err)
	}
	again, err := sweep.Parse("again.yaml", []byte(f.Text()), both)
	if err != nil || again.Text() != f.Text() || !strings.Contains(f.Text(), "kind: toy\n") || strings.Contains(parse(t, "method: grid\n").Text(), "kind") {
		t.Fatalf("the text is\n%s\nand reads back as %v, %v", f.Text(), again, err)
	}
	s, err := sweep.Enumerate(t.Context(), f)
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
		if c.ID != sweep.CopyID(kind, c.Parameters, "float32", c.Seed) {
			t.Errorf("the id of copy %d is another's", i)
		}
	}
	lines := string(train.AppendParameters(nil, kind, s.Point(0), false))
	if want := "kind=\"toy\"\nhidden=5\nclasses=3\nbatch=3\noptimizer=\"sgd\"\nmomentum=0000000000000000\nlr=3fb999999999999a\ninit_scale=3fe0000000000000\ndata_seed=0\nsteps=7\n"; lines != want {
		t.Errorf("the first point is identified by\n%s, want\n%s", lines, want)
	}
}

// TestPlanOfPrograms: what a program costs is counted from it.
func TestPlanOfPrograms(t *testing.T) {
	f, err := sweep.Parse("toy.yaml", []byte("kind: toy\nmethod: grid\nseeds: 10\nsteps: 100\nrecord: {every: 10}\n"), both)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sweep.Enumerate(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	p, err := sweep.NewPlan(s, sweep.Options{Threads: 2, Memory: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	setting, err := train.NewSetting(traintest.Toy{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := traintest.Toy{}.Resolve(setting)
	if err != nil {
		t.Fatal(err)
	}
	training, err := m.Program()
	if err != nil {
		t.Fatal(err)
	}
	step, observe := float64(training.Step.Cost().FLOPs()), float64(training.Observe.Cost().FLOPs())
	if want := 10 * (100*step + 11*observe); p.FLOPs != want || p.Groups[0].Work.Step != step || p.NetworkSteps != 1000 {
		t.Errorf("%v FLOP and %v network-steps, want %v and 1000", p.FLOPs, p.NetworkSteps, want)
	}
	// Eleven recordings of three numbers, and a run's three.
	if least := sweep.Bytes(10 * 8 * (11*3 + 3)); p.Disk < least || p.Disk > 3*least {
		t.Errorf("%v on disk, want %v and a little more", p.Disk, least)
	}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
	if short, err := sweep.NewPlan(s, sweep.Options{Threads: 2, Memory: 1 << 20}); err != nil || short.Check() == nil || !strings.Contains(short.Check().Error(), "available") {
		t.Errorf("a machine of 1 MiB takes the sweep: %v", err)
	}
}
