package spec_test

import (
	"errors"
	"strings"
	"testing"

	"modspec/engine/sweep/spec"
	"modspec/engine/sweep/sweeptest"
	"modspec/engine/yamlfile"
)

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
			_, err := spec.Parse("bad.yaml", []byte(c.file), sweeptest.Kinds)
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
	if _, err := spec.Parse("none.yaml", []byte("method: grid\n"), sweeptest.Kinds[1:]); err == nil || !strings.Contains(err.Error(), "kind is missing; write kind: and one of toy") {
		t.Errorf("without the default kind: %v", err)
	}
}
