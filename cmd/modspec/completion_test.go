package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// TestCompletion: a shell is offered the values of the flags that take one of a few,
// and every value that it is offered is one.
func TestCompletion(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "small")
	must(t, "sweep", "run", writeSweep(t, smallSweep), "--out", folder)
	for _, c := range []struct {
		line string
		want []string
	}{
		{"train --arch", []string{"dense", "shallow", "split", "partitioned"}},
		{"train --rule", []string{"gd", "hebbian"}},
		{"sweep run --backend", []string{"cpu", "cuda", "reference"}},
		{"theory --time", []string{"continuous", "discrete"}},
		{"reproduce --only", []string{"dense-dynamics", "cmnist"}},
		{"cmnist --arch", []string{"dense", "split"}},
		{"sweep plot " + folder + " --value", []string{"systematicity", "train_loss"}},
		{"sweep plot " + folder + " --x", []string{"r", "init_scale"}},
		{"sweep plot " + folder + " --y", []string{"r", "init_scale"}},
	} {
		stdout, stderr, code := modspec(t, append([]string{"__complete"}, append(strings.Fields(c.line), "")...)...)
		if code != exitOK {
			t.Errorf("%s: exit %d, %s", c.line, code, stderr)
		}
		offered := strings.Split(stdout, "\n")
		for _, want := range c.want {
			if !slices.Contains(offered, want) {
				t.Errorf("%s: a shell is offered %q, without %q", c.line, offered, want)
			}
		}
	}
	// Only the last name of a list is completed, and none is offered twice.
	for begun, want := range map[string]string{"imi,a": "imi,alignment\nimi,adaptation\n:4\n", "imi,adaptation,a": "imi,adaptation,alignment\n:4\n", "im": "imi\n:4\n"} {
		if stdout, _, code := modspec(t, "__complete", "train", "mixture", "--metrics", begun); code != exitOK || stdout != want {
			t.Errorf("--metrics %s: exit %d, a shell is offered %q, want %q", begun, code, stdout, want)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if stdout, _, code := modspec(t, "completion", shell); code != exitOK || !strings.Contains(stdout, "modspec") {
			t.Errorf("completion %s: exit %d, %.80q", shell, code, stdout)
		}
	}
}

// Every list belongs to a flag that there is.
func TestCompletionsAreOfFlags(t *testing.T) {
	known := map[string]bool{}
	for _, c := range commands(newRoot()) {
		c.Flags().VisitAll(func(f *pflag.Flag) { known[f.Name] = true })
	}
	for name := range completions {
		if !known[name] {
			t.Errorf("there is no flag --%s", name)
		}
	}
}
