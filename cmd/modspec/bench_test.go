package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// bench runs modspec bench with some arguments.
func bench(t *testing.T, args ...string) (stdout string, err error) {
	t.Helper()
	cmd := newBench()
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetFlagErrorFunc(flagError)
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SetIn(strings.NewReader(""))
	cmd.SetArgs(args)
	err = cmd.ExecuteContext(context.Background())
	return out.String(), err
}

// Each mistake is the user's to mend, in one line that says what is allowed.
func TestBenchBadInput(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "README.md")
	if err := os.WriteFile(empty, []byte("# Title\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		says string
	}{
		{"--only dense-10", "dense-1"},
		{"--peers numy", "numpy-plain"},
		{"--threads -1", "1 or more"},
		{"--quickly", "--quick"},
		{"readme --readme " + empty, "has no lines"},
		{"contend", "folder of a setting"},
	} {
		_, err := bench(t, strings.Fields(c.args)...)
		var known exitError
		if !errors.As(err, &known) || known.code != exitBadInput || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("bench %s: the error is %v, want one line of bad input with %q", c.args, err, c.says)
		}
	}
}

// A backend that is not to be had is said to be missing, and no fault.
func TestBenchContendSaysWhatIsMissing(t *testing.T) {
	out, err := bench(t, "contend", t.TempDir(), "--backend", "reference", "--precision", "float32", "--maps", "maps")
	if err != nil || !strings.HasPrefix(out, `{"missing":`) || !strings.Contains(out, "float64 only") {
		t.Errorf("it says %q and %v", out, err)
	}
}

// The check of README fails where it is old, changes nothing, and passes once README
// has been written.
func TestBenchReadme(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	readme := filepath.Join(t.TempDir(), "README.md")
	// Without results beside it the section says that there are none.
	old := strings.Replace(string(text), "how fast: end", "no longer true\nhow fast: end", 1)
	old = strings.Replace(old, "<!-- no longer true\n", "no longer true\n<!-- ", 1)
	if err := os.WriteFile(readme, []byte(old), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := bench(t, "readme", "--check", "--readme", readme); err == nil || !strings.Contains(err.Error(), "make readme") {
		t.Errorf("an old README passes: %v", err)
	}
	if now, _ := os.ReadFile(readme); string(now) != old {
		t.Error("the check changes README")
	}
	if _, err := bench(t, "readme", "--readme", readme); err != nil {
		t.Fatal(err)
	}
	if _, err := bench(t, "readme", "--check", "--readme", readme); err != nil {
		t.Error(err)
	}
}
