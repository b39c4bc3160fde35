package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// A backend that cannot be had is refused in one line before anything is written.
func TestCMNISTBackends(t *testing.T) {
	network, digits := smallTowers(t), someDigits(t)
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"--backend", "cud"}, `"cud"`},
		{[]string{"--threads", "-1"}, "--threads is -1"},
		{[]string{"--devices", "1"}, "the cpu backend trains on none; add --backend cuda"},
		// Without the build tag, without a driver, and on any machine.
		{[]string{"--tf32"}, "the cpu backend trains on none; add --backend cuda"},
		{[]string{"--backend", "cuda", "--devices", "1000"}, "--backend cuda: "},
		{[]string{"--backend", "cuda", "--devices", "0,0"}, "--backend cuda: device 0 is named twice"},
	} {
		out := filepath.Join(t.TempDir(), "digits")
		_, stderr, code := modspec(t, cmnistArgs(network, digits, out, c.args...)...)
		if code != exitBadInput || !strings.Contains(stderr, c.says) || strings.Count(strings.TrimSpace(stderr), "\n") > 0 {
			t.Errorf("%v: exit %d, want %d and one line with %q:\n%s", c.args, code, exitBadInput, c.says, stderr)
		}
		if there, _ := filepath.Glob(out); there != nil {
			t.Errorf("%v: it left %v", c.args, there)
		}
	}
}
