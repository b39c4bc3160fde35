package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const smallSweep = `name: small
method: grid
seeds: 3
steps: 40
record: {every: 20}
precision: float64
parameters:
  arch: {values: [dense, partitioned]}
  r: {values: [0.5, 1]}
  init_scale: {value: 0.05}
`

// writeSweep writes a sweep file into a folder of its own and returns its path.
func writeSweep(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sweep.yaml")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// must runs a command line that has to succeed and returns what it printed.
func must(t *testing.T, args ...string) string {
	t.Helper()
	stdout, stderr, code := modspec(t, args...)
	if code != exitOK {
		t.Fatalf("modspec %v: exit %d, %s", args, code, stderr)
	}
	return stdout
}

// TestSweepOnce: a sweep runs once, is found done by the same command, and two
// shards merged have its digest.
func TestSweepOnce(t *testing.T) {
	file, whole := writeSweep(t, smallSweep), filepath.Join(t.TempDir(), "whole")
	plan := decode(t, "sweep", "plan", file, "--json")
	if plan["points"] != 4.0 || plan["copies"] != 12.0 || plan["network_steps"] != 480.0 {
		t.Errorf("the plan has %v points, %v copies, %v network-steps", plan["points"], plan["copies"], plan["network_steps"])
	}
	first := decode(t, "sweep", "run", file, "--out", whole, "--json")
	if first["copies"] != 12.0 || first["network_steps"] != 480.0 || first["diverged"] != 0.0 {
		t.Errorf("summary %v", first)
	}
	again := decode(t, "sweep", "run", file, "--out", whole, "--json")
	if again["copies"] != 0.0 || again["done"] != 12.0 {
		t.Errorf("the same command again trained %v copies; %v are done", again["copies"], again["done"])
	}
	if s := decode(t, "sweep", "status", whole, "--json"); s["state"] != "done" || s["done"] != 12.0 {
		t.Errorf("status %v", s)
	}
	digest := decode(t, "sweep", "digest", whole, "--json")["digest"]

	shards := t.TempDir()
	dirs := []string{"sweep", "merge"}
	for i := 1; i <= 2; i++ {
		dir := filepath.Join(shards, fmt.Sprint(i))
		must(t, "sweep", "run", file, "--out", dir, "--shard", fmt.Sprintf("%d/2", i))
		dirs = append(dirs, dir)
	}
	merged := filepath.Join(shards, "merged")
	must(t, append(dirs, "--out", merged)...)
	if d := decode(t, "sweep", "digest", merged, "--json")["digest"]; d != digest {
		t.Errorf("two shards merged have digest %v, the whole sweep %v", d, digest)
	}
}

// TestSweepCopiesAreTrainRuns: a row of the results is what modspec train gives
// for the same parameters and seed, to the last bit.
func TestSweepCopiesAreTrainRuns(t *testing.T) {
	file, dir := writeSweep(t, smallSweep), filepath.Join(t.TempDir(), "out")
	must(t, "sweep", "run", file, "--out", dir, "--backend", "reference")
	rows, err := csv.NewReader(strings.NewReader(must(t, "sweep", "export", dir, "--csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	for _, row := range rows[1:] {
		at := func(name string) string { return row[column[name]] }
		run := decode(t, "train", "--arch", at("arch"), "--r", at("r"), "--seed", at("seed"),
			"--init-scale", "0.05", "--steps", "40", "--record-every", "20", "--json")
		last := run["trajectory"].([]any)[2].(map[string]any)
		for name, want := range map[string]any{
			"train_loss": last["loss"], "systematicity": last["systematicity"],
			"quadrant_omega_omega": last["quadrants"].(map[string]any)["omega_omega"],
			"mode_1":               last["modes"].([]any)[0],
		} {
			got, err := strconv.ParseFloat(at(name), 64)
			if err != nil || got != want.(float64) {
				t.Errorf("%s of %s, r %s, seed %s is %v in the sweep and %v in train", name, at("arch"), at("r"), at("seed"), at(name), want)
			}
		}
	}
}

// TestSweepMistakes: each exits with 2 and says what is wrong and where.
func TestSweepMistakes(t *testing.T) {
	file, dir := writeSweep(t, smallSweep), filepath.Join(t.TempDir(), "out")
	must(t, "sweep", "run", file, "--out", dir)
	changed := writeSweep(t, strings.Replace(smallSweep, "steps: 40", "steps: 60", 1))
	typo := writeSweep(t, strings.Replace(smallSweep, "init_scale", "init_scal", 1))
	reference32 := writeSweep(t, strings.Replace(smallSweep, "float64", "float32", 1))
	other := t.TempDir()
	mixed := filepath.Join(t.TempDir(), "mixed")
	must(t, "sweep", "run", writeSweep(t, "kind: toy\nmethod: grid\nseeds: 1\nsteps: 2\n"), "--out", mixed)
	for _, c := range []struct {
		args string
		code int
		says []string
	}{
		{"sweep run " + changed + " --out " + dir, exitBadInput, []string{"steps", "40", "60"}},
		{"sweep run " + typo + " --out " + other, exitBadInput, []string{":10:3:", "init_scal", "init_scale"}},
		{"sweep plan " + typo, exitBadInput, []string{":10:3:", "^"}},
		{"sweep run " + file, exitBadInput, []string{"--out"}},
		{"sweep run", exitBadInput, []string{"a sweep file"}},
		{"sweep run " + file + ".none --out " + other, exitBadInput, []string{"no such file"}},
		{"sweep run " + reference32 + " --backend reference --out " + other, exitBadInput, []string{"float64 only", "--backend cpu"}},
		{"sweep run " + file + " --backend gpu --out " + other, exitBadInput, []string{`"gpu"`, "cpu, cuda, reference"}},
		{"sweep run " + file + " --shard 3/2 --out " + other, exitBadInput, []string{"3/2"}},
		{"sweep run " + file + " --shard 02/8 --out " + other, exitBadInput, []string{`"02/8"`, "leading zero; write 2"}},
		{"sweep run " + file + " --shard 0/0 --out " + other, exitBadInput, []string{`"0/0"`, "whole number from 1"}}, // it was the whole sweep
		{"sweep run " + file + " --shard 2/8x --out " + other, exitBadInput, []string{`"2/8x"`}},
		{"sweep run " + file + " --shard half --out " + other, exitBadInput, []string{`"half"`, "i/n"}},
		{"sweep run " + file + " --threads -1 --out " + other, exitBadInput, []string{"-1"}},
		{"sweep status " + other, exitBadInput, []string{"no folder of a sweep"}},
		{"sweep digest " + other, exitBadInput, []string{"no folder of a sweep"}},
		{"sweep export " + other + " --csv", exitBadInput, []string{"no folder of a sweep"}},
		{"sweep run " + file + " --out " + file, exitBadInput, []string{"cannot make the folder " + file, "not a directory"}},
		{"sweep merge " + dir + " " + mixed + " --out " + other + "/x", exitBadInput, []string{dir + " is a sweep of linear, " + mixed + " of toy; only folders of one sweep can be merged"}},
		{"sweep merge " + dir + " " + other + "/none --out " + other + "/x", exitBadInput, []string{"/none is no folder of a sweep"}},
		{"sweep merge " + dir + " --out " + dir, exitBadInput, []string{"named twice"}},
		{"sweep merge " + dir + " --out " + mixed, exitBadInput, []string{mixed + " is a sweep of the kind toy, and not of linear"}},
		{"sweep export " + dir, exitBadInput, []string{"--csv"}},
		{"sweep export " + dir + " --tensorboard " + other + " --where lr=010", exitBadInput, []string{"--where", `"010"`, "write 10"}},
		{"sweep export " + dir + " --csv --table run", exitBadInput, []string{`"run"`, `"runs"`}},
		{"sweep merge", exitBadInput, []string{"no folder"}},
		{"sweep ran", exitBadInput, []string{`"ran"`, `"run"`}},
	} {
		stdout, stderr, code := modspec(t, strings.Fields(c.args)...)
		if code != c.code || stdout != "" {
			t.Errorf("modspec %s: exit %d, want %d; printed %q", c.args, code, c.code, stdout)
		}
		for _, s := range c.says {
			if !strings.Contains(stderr, s) {
				t.Errorf("modspec %s: the error does not say %q: %s", c.args, s, stderr)
			}
		}
	}
	if left, _ := os.ReadDir(other); len(left) != 0 {
		t.Errorf("refused sweeps left files behind: %v", left)
	}
}

// TestOneIsNotMany: what there is one of is said in the singular.
func TestOneIsNotMany(t *testing.T) {
	file, dir := writeSweep(t, "kind: toy\nmethod: grid\nseeds: 1\nsteps: 1\n"), t.TempDir()
	one, all := filepath.Join(dir, "one"), filepath.Join(dir, "all")
	wrong := regexp.MustCompile(`\b1 (copies|groups|parts|jobs)\b|about under`)
	for _, args := range [][]string{{"plan", file}, {"run", file, "--out", one}, {"status", one}, {"repair", one}, {"merge", one, "--out", all}, {"digest", one}} {
		if stdout := must(t, append([]string{"sweep"}, args...)...); wrong.MatchString(stdout) {
			t.Errorf("sweep %s: %q", args[0], stdout)
		}
	}
}

// TestSweepSummaryKeys holds the names that scripts read.
func TestSweepSummaryKeys(t *testing.T) {
	file, dir := writeSweep(t, smallSweep), filepath.Join(t.TempDir(), "out")
	var summary map[string]json.Number
	d := json.NewDecoder(strings.NewReader(must(t, "sweep", "run", file, "--out", dir, "--json")))
	d.UseNumber()
	if err := d.Decode(&summary); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"copies", "network_steps", "seconds", "network_steps_per_second", "diverged"} {
		if _, ok := summary[key]; !ok {
			t.Errorf("the summary lacks %q", key)
		}
	}
}
