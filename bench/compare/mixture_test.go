package compare

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modspec/engine/backend"
	"modspec/engine/backend/cpu/programs"
)

// Contend writes losses that are those of float64 and answers with times; losses of
// weights that are a little off, or of another core, are not taken.
func TestContendMixture(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	m := Mixture{Core: "modular", Rules: 4, Runs: 2}
	if err := m.Write(ctx, dir); err != nil {
		t.Fatal(err)
	}
	back, runs, err := readMixture(dir)
	if err != nil || back != m || len(runs) != m.Runs {
		t.Fatalf("the folder reads back as %+v with %d runs (%v)", back, len(runs), err)
	}
	truth, err := m.bound(ctx, runs)
	if err != nil {
		t.Fatal(err)
	}
	executor, err := programs.New(programs.Options{Threads: 1, Precision: programs.Float32})
	if err != nil {
		t.Fatal(err)
	}
	b := backend.New(executor)
	defer b.Close()

	r := ContendRequest{Folder: dir, Maps: filepath.Join(dir, "losses"), Threads: 1, Whole: true}
	var out bytes.Buffer
	if err := ContendMixture(ctx, b, "float32", r, strings.NewReader("run\n"), &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var first ready
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil || len(lines) != 2 || first.Copies != m.Runs || first.Steps != m.steps() {
		t.Errorf("it said %q (%v), want that it is ready for %d runs of %d steps, and a time", lines, err, m.Runs, m.steps())
	}
	if off, err := truth.Check(r.Maps); err != nil {
		t.Errorf("our losses are off by %g: %v", off, err)
	}

	check := func(what string, m Mixture, runs []given) {
		t.Helper()
		losses, err := m.losses(ctx, b, "float32", runs)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "losses")
		if err := writeNumbers(path, losses); err != nil {
			t.Fatal(err)
		}
		if off, err := truth.Check(path); err == nil {
			t.Errorf("%s: losses that are off by %g are taken, with a bound of %g", what, off, truth.bound)
		}
	}
	// with is the runs with other values of one tensor of one run.
	with := func(run int, name string, change func(data []float64)) []given {
		other := slices.Clone(runs)
		other[run] = maps.Clone(runs[run])
		x := runs[run][name]
		x.Data = slices.Clone(x.Data)
		change(x.Data)
		other[run][name] = x
		return other
	}
	check("weights of a module off by 1 %", m, with(1, "core.2.weight", func(data []float64) {
		for i := range data {
			data[i] *= 1.01
		}
	}))
	check("batches in another order", m, with(0, "x", slices.Reverse[[]float64]))
	var ungated []given
	for _, values := range runs {
		values = maps.Clone(values)
		delete(values, "gate.weight")
		delete(values, "gate.bias")
		ungated = append(ungated, values)
	}
	check("the gate of another core", Mixture{Core: "ground-truth", Rules: 4, Runs: 2}, ungated)

	if err := os.WriteFile(filepath.Join(dir, valuesName), []byte{1, 2, 3, 4}, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, _, err := readMixture(dir); err == nil {
		t.Error("a torn file of values is taken")
	}
}

// Each core has a workload, with contenders of different names.
func TestMixtureWorkloads(t *testing.T) {
	found := 0
	for _, w := range Workloads() {
		if w.Mixture == nil {
			continue
		}
		found++
		if work, err := w.Mixture.work(); err != nil || work <= 0 {
			t.Errorf("%s: a step has %g multiply-adds (%v)", w.Name, work, err)
		}
		seen := map[string]bool{}
		for _, c := range w.contenders() {
			if seen[c.Name] {
				t.Errorf("%s has two contenders %s", w.Name, c.Name)
			}
			seen[c.Name] = true
		}
		if !seen[Baseline] || len(seen) < 4 {
			t.Errorf("%s has the contenders %v", w.Name, seen)
		}
	}
	if found != 16 {
		t.Errorf("there are %d workloads of mixtures, want 4 cores × 2 numbers of rules × 2 numbers of runs", found)
	}
}
