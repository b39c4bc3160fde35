package experiment_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"modspec/engine/cmnist"
	"modspec/engine/cmnist/experiment"
)

// longest is the longest name of a network with one run: with the 14 bytes of
// "-0.safetensors" and those of a temporary name it has the 255 that file systems have.
const longest = 255 - len("-0.safetensors") - len("..01234567.tmp")

func named(t *testing.T, dir string, names ...string) experiment.Options {
	o := options(t, dir)
	linear := o.Config.Networks[1]
	o.Config.Networks, o.Config.Runs, o.Config.Epochs, o.SaveWeights = nil, 1, 2, true
	for _, name := range names {
		o.Config.Networks = append(o.Config.Networks, cmnist.Network{Name: name, Towers: linear.Towers})
	}
	return o
}

// What no file can be named was trained, and failed at the first checkpoint.
func TestNamesThatNoFileCanHaveAreRefusedBeforeTraining(t *testing.T) {
	for _, c := range []struct {
		names []string
		want  string
	}{
		{[]string{""}, `named ""`},
		{[]string{"/"}, `named "/"`},
		{[]string{"a/b"}, `named "a/b"`},
		{[]string{"a/"}, `named "a/"`},
		{[]string{".."}, `named ".."`},
		{[]string{".hidden"}, `named ".hidden"`},
		{[]string{"a\x00b"}, "no control character"},
		{[]string{"a\x1b[31mb"}, `named "a\x1b[31mb"`},
		{[]string{"line\nline"}, "no control character"},
		{[]string{"\xff"}, `named "\xff"`},
		{[]string{strings.Repeat("n", longest+1)}, "has 228 bytes, but may have at most 227"},
		{[]string{strings.Repeat("字", 100)}, "has 300 bytes, but may have at most 227"},
		{[]string{"dense", "split", "Dense"}, `two networks are named "dense" and "Dense"`},
		{[]string{"ÄRGER", "ärger"}, "without regard to case"},
	} {
		dir := filepath.Join(t.TempDir(), "x")
		o := named(t, dir, c.names...)
		if _, err := experiment.Run(context.Background(), o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: the error is %v, want one with %q", c.names, err, c.want)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%q: the folder was made", c.names)
		}
	}
	o := named(t, t.TempDir(), strings.Repeat("n", longest))
	o.Config.Runs = 11 // run 10 has a digit more in its files' names
	if _, err := experiment.Run(context.Background(), o); err == nil || !strings.Contains(err.Error(), "at most 226") {
		t.Errorf("eleven runs: the error is %v, want one with the longest name", err)
	}
}

// A name that a file can have, whatever is in it, is trained to its end.
func TestEveryNameOfAFileIsTrained(t *testing.T) {
	names := []string{"日本", "a b", "100%", "%d", `"quoted"`, "it's", "<b>&", "CON", "dense-1", "σ_0", "e\u0301", "👩\u200d🔬", "a.b.", "-", "~", strings.Repeat("n", longest)}
	dir := t.TempDir()
	rows, err := experiment.Run(context.Background(), named(t, dir, names...))
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 3*len(names) {
		t.Errorf("%d rows, want %d", len(rows), 3*len(names))
	}
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(dir, "weights", name+"-0.safetensors")); err != nil {
			t.Error(err)
		}
	}
	again := named(t, dir, names...)
	again.Resume = true
	if _, err := experiment.Run(context.Background(), again); err != nil {
		t.Errorf("resuming what is done: %v", err)
	}
}
