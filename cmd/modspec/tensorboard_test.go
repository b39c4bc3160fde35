package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// eventRunsOf returns the runs below a folder and fails if one has not one event file.
func eventRunsOf(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		files, _ := filepath.Glob(filepath.Join(dir, e.Name(), "events.out.tfevents.*"))
		if len(files) != 1 {
			t.Errorf("%s has %d event files", e.Name(), len(files))
		}
		names = append(names, e.Name())
	}
	return names
}

// What is in event files is compared by testdata/readers/events.py, with TensorBoard's
// own reader; these tests see which there are, and what is refused.
func TestTrainWritesEvents(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "events")
	args := []string{"train", "--steps", "20", "--tensorboard", dir}
	if _, stderr, code := modspec(t, args...); code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if runs := eventRunsOf(t, dir); !slices.Equal(runs, []string{"simulation", "theory"}) {
		t.Errorf("runs %q", runs)
	}
	if _, stderr, code := modspec(t, args...); code != exitBadInput || !strings.Contains(stderr, "choose another folder") {
		t.Errorf("once more: exit %d, %s", code, stderr)
	}
	// Where there is no theory there is no run of it.
	dir = filepath.Join(t.TempDir(), "events")
	if _, stderr, code := modspec(t, "train", "--steps", "20", "--rule", "hebbian", "--tensorboard", dir); code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if runs := eventRunsOf(t, dir); !slices.Equal(runs, []string{"simulation"}) {
		t.Errorf("runs %q", runs)
	}
}

func TestSweepExportsEvents(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "sweep")
	if _, stderr, code := modspec(t, "sweep", "run", writeSweep(t, smallSweep), "--out", folder); code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	dir := filepath.Join(t.TempDir(), "events")
	stdout, stderr, code := modspec(t, "sweep", "export", folder, "--tensorboard", dir, "--where", "seed=1")
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	runs := eventRunsOf(t, dir)
	if len(runs) == 0 || !strings.Contains(stdout, "tensorboard --logdir") {
		t.Errorf("%d runs: %s", len(runs), stdout)
	}
	for _, name := range runs {
		if !strings.HasSuffix(name, "seed=1") {
			t.Errorf("run %q", name)
		}
	}
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"--tensorboard", dir}, "event files already"},
		{[]string{"--tensorboard", dir + "2", "--where", "seed=77"}, "no copy"},
		{[]string{"--tensorboard", dir + "2", "--where", "seed"}, "column=value"},
		{[]string{"--tensorboard", dir + "2", "--where", "sed=1"}, `did you mean "seed"?`},
		{[]string{"--tensorboard", dir + "2", "--csv"}, "one format"},
		{[]string{"--csv", "--where", "seed=1"}, "a CSV has all"},
		{nil, "one format"},
	} {
		if stdout, stderr, code := modspec(t, append([]string{"sweep", "export", folder}, c.args...)...); code != exitBadInput || stdout != "" || !strings.Contains(stderr, c.says) {
			t.Errorf("%q: exit %d, %q, %q", c.args, code, stdout, stderr)
		}
	}
	if _, err := os.Stat(dir + "2"); err == nil {
		t.Error("a refusal left a folder behind")
	}
}

func TestCMNISTWritesEvents(t *testing.T) {
	network, digits, out := smallTowers(t), someDigits(t), filepath.Join(t.TempDir(), "digits")
	dir := filepath.Join(t.TempDir(), "events")
	if _, stderr, code := modspec(t, cmnistArgs(network, digits, out, "--tensorboard", dir)...); code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if runs := eventRunsOf(t, dir); !slices.Equal(runs, []string{"mine-0", "mine-1"}) {
		t.Errorf("runs %q", runs)
	}
	other := filepath.Join(t.TempDir(), "digits")
	if _, stderr, code := modspec(t, cmnistArgs(network, digits, other, "--tensorboard", dir)...); code != exitBadInput || !strings.Contains(stderr, "choose another folder") {
		t.Errorf("a folder that is taken: exit %d, %s", code, stderr)
	}
}
