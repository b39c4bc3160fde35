package compare

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"modspec/engine/results"
)

// found is a result with a peer that is slower, one that is faster, one that is
// missing, and a workload that could not be had.
func found() *Result {
	row := func(workload, contender, who, form string, median, times float64) *Row {
		return &Row{Workload: workload, Title: workload, Unit: "network-steps/s", Contender: contender, Who: who, Form: form,
			Ours: contender == Baseline, Status: Measured, Median: median, Lowest: median, Highest: median, Times: times, TimesLow: times, TimesHigh: times, Share: 0.7}
	}
	missing := row("dense-100", "torch-bmm-plain", "PyTorch bmm", Plain, 0, 0)
	missing.Status, missing.Reason = Missing, "there is | none"
	failed := row("large", Baseline, "modspec cpu, float32", Reduced, 0, 0)
	failed.Status, failed.Reason = Failed, "no memory"
	return &Result{
		Device: "cpu", Date: "2026-01-31", Threads: 2, Provenance: results.Provenance{CPU: "a processor", Commit: "0123456789abcdef", Command: "modspec bench"},
		Limits: Limits{Float32: 1e11, Float64: 5e10, Memory: 1e10, Kernels: "avx512", Samples: 1},
		Rows: []*Row{
			row("dense-1", Baseline, "modspec cpu, float32", Reduced, 1e6, 0), row("dense-1", "jax-reduced", "JAX", Reduced, 2e6, 0.5),
			row("dense-100", Baseline, "modspec cpu, float32", Reduced, 1e7, 0), row("dense-100", "numpy-plain", "NumPy", Plain, 1e5, 100),
			row("dense-100", "jax-plain", "JAX", Plain, 2e5, 50), row("dense-100", "jax-reduced", "JAX", Reduced, 5e5, 20), missing, failed,
		},
	}
}

func TestSectionSaysWhoIsFasterAndWhoIsMissing(t *testing.T) {
	text := Section(found(), "bench/results/cpu-2026-01-31.json")
	for _, want := range []string{
		"| dense-100 | 10,000,000 network-steps/s | 70 % | 100 | 50.0 (JAX) | 20.0 (JAX) |",
		"dense-1, reduced: JAX is 2.00 times as fast as modspec cpu; a step of one network",
		"Missing: PyTorch bmm (there is | none)", "| large | failed: no memory |", "commit 0123456789ab,", "`modspec bench`",
		"![Throughput", "(bench/results/cpu-2026-01-31.png)", "(bench/results/cpu-2026-01-31.md)",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the section lacks %q:\n%s", want, text)
		}
	}
	if table := found().Markdown(); !strings.Contains(table, `there is \| none`) {
		t.Errorf("a | in a reason ends a cell of the table:\n%s", table)
	}
}

// The newest full result counts; quick ones do not, and nothing at all is said to be
// nothing.
func TestRefresh(t *testing.T) {
	dir := t.TempDir()
	readme := filepath.Join(dir, "README.md")
	folder := filepath.Join(dir, "bench", "results")
	if err := os.MkdirAll(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	old := "# Title\n\n" + sectionBegin + "\nold\n" + sectionEnd + "\n\n## After\n"
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	put := func(date string, quick bool) {
		t.Helper()
		r := found()
		r.Date, r.Quick = date, quick
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		write(filepath.Join(folder, r.Stem()+".json"), string(text))
	}
	refresh := func() string {
		t.Helper()
		write(readme, old)
		if err := WriteReadme(readme, "bench/results"); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(readme)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if text := refresh(); !strings.Contains(text, "No result") || strings.Contains(text, "old") {
		t.Errorf("without results README is\n%s", text)
	}
	put("2026-01-30", false)
	put("2026-01-31", false)
	put("2026-02-01", true)
	text := refresh()
	if !strings.Contains(text, "cpu-2026-01-31.md") || !strings.HasPrefix(text, "# Title\n\n") || !strings.HasSuffix(text, "\n\n## After\n") {
		t.Errorf("README is\n%s", text)
	}
	if again, err := Refresh(readme, "bench/results"); err != nil || again != text {
		t.Errorf("a second refresh changes README (%v)", err)
	}
	write(readme, "# Title\n")
	if _, err := Refresh(readme, "bench/results"); err == nil {
		t.Error("a README without the section's lines is taken")
	}
	write(filepath.Join(folder, "cpu-2026-03-01.json"), "{")
	write(readme, old)
	if _, err := Refresh(readme, "bench/results"); err == nil {
		t.Error("a torn result is taken")
	}
}

// README has what the newest result in bench/results says; make readme writes it.
func TestReadmeIsUpToDate(t *testing.T) {
	const readme = "../../README.md"
	want, err := Refresh(readme, "bench/results")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != want {
		t.Error("README's section of speeds is not that of the newest result: run make readme")
	}
}

// A machine on which something else ran says so, beside the rows that it is true of.
func TestTextsSayThatTheMachineWasDisturbed(t *testing.T) {
	r := found()
	r.Repeated = 3
	quiet, disturbed := r.Rows[0], r.Rows[1]
	quiet.Quiet, disturbed.Quiet, disturbed.Share = 0.95, 0.5, 0.25
	text := r.Markdown()
	for _, want := range []string{"3 repetitions were made again", "at times it had only 50 % of its arithmetic", "25 % (machine at 50 %)"} {
		if !strings.Contains(text, want) {
			t.Errorf("the table does not say %q:\n%s", want, text)
		}
	}
	if strings.Count(text, "(machine at") != 1 {
		t.Errorf("a quiet row is said to be disturbed:\n%s", text)
	}
	r.Repeated, disturbed.Quiet = 0, 0.95
	if text := r.Markdown(); strings.Contains(text, "made again") || strings.Contains(text, "not quiet") {
		t.Errorf("a quiet result is said to be disturbed:\n%s", text)
	}
}
