package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	file, base := writeSweep(t, smallSweep), t.TempDir()
	dir, out := filepath.Join(base, "out"), filepath.Join(base, "supplement")
	must(t, "sweep", "run", file, "--out", dir)
	digest := must(t, "sweep", "digest", dir)
	said := must(t, "report", dir)
	must(t, "report", dir, "--out", out)
	for _, folder := range []string{filepath.Join(dir, "report"), out} {
		for _, name := range []string{"report.html", "report.md", "figures/systematicity.png", "figures/systematicity.svg"} {
			if info, err := os.Stat(filepath.Join(folder, name)); err != nil || info.Size() == 0 {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if !strings.Contains(said, filepath.Join(dir, "report", "report.html")) {
		t.Errorf("it says %q", said)
	}
	text, err := os.ReadFile(filepath.Join(out, "report.md"))
	if err != nil || !strings.Contains(string(text), "12 of 12 networks") || !strings.Contains(string(text), "partitioned, gd") {
		t.Errorf("the Markdown is %s, %v", text, err)
	}
	// A report leaves the results what they were, and a run finds nothing to do.
	if again := must(t, "sweep", "digest", dir); again != digest {
		t.Errorf("the digest is %s, and was %s", again, digest)
	}
	if s := decode(t, "sweep", "run", file, "--out", dir, "--json"); s["copies"] != 0.0 {
		t.Errorf("a run after the report trains %v", s)
	}

	shards := filepath.Join(base, "shards")
	t.Setenv("JOB_COMPLETION_INDEX", "0")
	must(t, "sweep", "run", file, "--out", shards, "--shard", "auto/2")
	for _, c := range []struct{ dir, says string }{{shards, "modspec sweep merge"}, {base, "no folder of a sweep"}, {filepath.Join(base, "none"), "no folder of a sweep"}} {
		if _, stderr, code := modspec(t, "report", c.dir); code != exitBadInput || !strings.Contains(stderr, c.says) {
			t.Errorf("modspec report %s: exit %d, %s", c.dir, code, stderr)
		}
	}
	must(t, "sweep", "merge", shards)
	must(t, "report", shards) // half of the sweep
}
