package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFolderWithoutCopies: every command that reads a folder takes one whose shard is
// empty. Before, no manifest was written there, and the report said 'no folder of a
// sweep'.
func TestFolderWithoutCopies(t *testing.T) {
	file, dir := writeSweep(t, smallSweep), filepath.Join(t.TempDir(), "out")
	if text := must(t, "sweep", "run", file, "--out", dir, "--shard", "13/13"); !strings.Contains(text, "0 of 0 copies") { // of 12
		t.Errorf("the run says %q", text)
	}
	if s := decode(t, "sweep", "status", dir, "--json"); s["state"] != "shard done" || s["done"] != 0.0 {
		t.Errorf("status %v", s)
	}
	if d := decode(t, "sweep", "digest", dir, "--json"); d["runs"] != 0.0 {
		t.Errorf("digest %v", d)
	}
	if text := must(t, "sweep", "export", dir, "--csv"); strings.Count(text, "\n") != 1 {
		t.Errorf("export %q, want a header", text)
	}
	must(t, "report", dir)
	text, err := os.ReadFile(filepath.Join(dir, "report", "report.md"))
	if err != nil || !strings.Contains(string(text), "0 of 12 networks") {
		t.Errorf("the report is %s, %v", text, err)
	}
	events := filepath.Join(t.TempDir(), "events")
	for _, args := range [][]string{
		{"sweep", "plot", dir, "--x", "r", "--value", "systematicity", "-o", filepath.Join(t.TempDir(), "a.svg")},
		{"sweep", "export", dir, "--tensorboard", events},
	} {
		_, stderr, code := modspec(t, args...)
		if code != exitBadInput || !strings.Contains(stderr, "no ") || strings.Contains(stderr, "no folder") {
			t.Errorf("modspec %v: exit %d, %s", args, code, stderr)
		}
	}
	must(t, "sweep", "merge", dir, "--out", filepath.Join(t.TempDir(), "merged"))
	must(t, "sweep", "repair", dir)
	must(t, "sweep", "run", file, "--out", dir)
}

// TestSweepRepair: every command that reads a folder with a damaged journal says how
// it is rebuilt, and afterwards takes it.
func TestSweepRepair(t *testing.T) {
	file, dir := writeSweep(t, smallSweep), filepath.Join(t.TempDir(), "out")
	must(t, "sweep", "run", file, "--out", dir)
	digest := must(t, "sweep", "digest", dir)
	path := filepath.Join(dir, "journal.jsonl")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"sweep", "status", dir}, {"sweep", "digest", dir}, {"sweep", "export", dir, "--csv"}, {"report", dir},
		{"sweep", "plot", dir, "--x", "r", "--value", "systematicity", "-o", filepath.Join(t.TempDir(), "a.svg")},
		{"sweep", "merge", dir, "--out", filepath.Join(t.TempDir(), "merged")},
	} {
		if _, stderr, code := modspec(t, args...); code == exitOK || !strings.Contains(stderr, "modspec sweep repair") {
			t.Errorf("modspec %v: exit %d, %s", args, code, stderr)
		}
	}
	if said := must(t, "sweep", "repair", dir); !strings.Contains(said, "12 of 12 copies") {
		t.Errorf("it says %q", said)
	}
	if again := must(t, "sweep", "digest", dir); again != digest {
		t.Errorf("the digest is %s, and was %s", again, digest)
	}
	none := t.TempDir()
	if _, stderr, code := modspec(t, "sweep", "repair", none); code != exitBadInput || !strings.Contains(stderr, "no folder of a sweep") {
		t.Errorf("exit %d, %s", code, stderr)
	}
}
