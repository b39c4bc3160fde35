package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modspec/engine/figure"
	"modspec/engine/kind/linear"
	"modspec/engine/plot"
	"modspec/engine/results"
	"modspec/engine/sweep/store"
)

// The tables of a kind that no program knows: other parameters, other metrics, one of
// which may be missing, and no predictions.
var (
	otherMetrics = results.Schema{
		{Name: "error", Label: "squared error", Unit: "V²", Doc: "mean over the batch", Rank: 1, Scale: results.Log},
		{Name: "hits", Type: results.Whole, Label: "hits"},
		{Name: "purity", Label: "purity of gates", Null: true, Panel: "Gates"},
	}
	otherRuns = results.NewRunsTable("other", results.Schema{
		{Name: "width", Type: results.Whole, Label: "width w"},
		{Name: "gate", Type: results.Text, Label: "kind of gate", Domain: results.Domain{Words: []string{"soft", "hard"}}},
		{Name: "note", Type: results.Text},
	}, otherMetrics)
	otherTrajectories = results.NewTrajectoriesTable("other", otherMetrics)
)

// otherSweep makes a folder of a sweep whose tables are of the other kind: that of a
// sweep of 12 copies, with other files.
func otherSweep(t *testing.T, dir string) {
	t.Helper()
	must(t, "sweep", "run", writeSweep(t, smallSweep), "--out", dir)
	var old []results.Run
	for run, err := range results.As[results.Run](store.Runs(dir)) {
		if err != nil {
			t.Fatal(err)
		}
		old = append(old, *run)
	}
	// Rows stand in the order in which runs ended.
	slices.SortFunc(old, func(a, b results.Run) int { return a.Copy - b.Copy })
	set := func(row *results.Row, values map[string]any) *results.Row {
		for name, value := range values {
			switch i := row.Table().Columns.Index(name); v := value.(type) {
			case string:
				row.SetText(i, v)
			case int:
				row.SetWhole(i, v)
			case uint64:
				row.SetSeed(i, v)
			case float64:
				row.SetNumber(i, v)
			}
		}
		return row
	}
	write := func(table *results.Table, rows func(write func(map[string]any) error) error) {
		parts, err := filepath.Glob(filepath.Join(dir, table.Name, "part-*.parquet"))
		if err != nil || len(parts) != 1 {
			t.Fatalf("the parts of %s are %q, %v", table.Name, parts, err)
		}
		err = results.WriteFile(parts[0], func(to io.Writer) error {
			w, err := results.NewWriter(to, table)
			if err != nil {
				return err
			}
			row := table.NewRow()
			if err := rows(func(values map[string]any) error { return w.Write(set(row, values)) }); err != nil {
				return err
			}
			return w.Close()
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	metrics := func(i, step int) map[string]any {
		m := map[string]any{"error": float64(100-step) + float64(i%4), "hits": step + i, "purity": 0.25 * float64(i%4)}
		if i%3 == 0 {
			m["purity"] = math.NaN()
		}
		return m
	}
	write(otherRuns, func(write func(map[string]any) error) error {
		for i, run := range old {
			values := metrics(i, 40)
			values["id"], values["copy"], values["seed"], values["precision"], values["last_step"] = run.ID, run.Copy, uint64(i), "float64", 40
			values["width"], values["gate"], values["note"] = 8<<(i%3), []string{"soft", "hard"}[i%2], "<a, b>"
			if err := write(values); err != nil {
				return err
			}
		}
		return nil
	})
	write(otherTrajectories, func(write func(map[string]any) error) error {
		for i, run := range old {
			for _, step := range []int{0, 20, 40} {
				values := metrics(i, step)
				values["id"], values["copy"], values["step"] = run.ID, run.Copy, step
				if err := write(values); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err := os.Remove(filepath.Join(dir, "journal.jsonl")); err != nil {
		t.Fatal(err)
	}
	must(t, "sweep", "repair", dir)
}

// TestAKindThatNobodyKnows has a report, figures, CSV, events and a page: all that they
// need stands in its files.
func TestAKindThatNobodyKnows(t *testing.T) {
	root := t.TempDir()
	dir, out := filepath.Join(root, "other"), t.TempDir()
	otherSweep(t, dir)

	lines, err := csv.NewReader(strings.NewReader(must(t, "sweep", "export", dir, "--csv"))).ReadAll()
	if err != nil || len(lines) != 13 || !slices.Equal(lines[0], otherRuns.Columns.Names()) {
		t.Fatalf("%d lines of CSV, %v: %q", len(lines), err, lines[:1])
	}
	purity := otherRuns.Columns.Index("purity")
	if lines[1][purity] != "" || lines[2][purity] != "0.25" || lines[2][otherRuns.Columns.Index("note")] != "<a, b>" {
		t.Errorf("the first rows are %q", lines[1:3])
	}
	must(t, "sweep", "digest", dir)

	for _, c := range [][]string{
		{"--x", "width", "--value", "error", "--facet", "gate"}, {"--x", "width", "--y", "seed", "--value", "purity"}, {"--x", "gate", "--value", "hits/error", "--where", "width>8"},
	} {
		file := filepath.Join(out, "plot.svg")
		must(t, append([]string{"sweep", "plot", dir, "-o", file}, c...)...)
	}
	if _, stderr, code := modspec(t, "sweep", "plot", dir, "--x", "widht", "--value", "error", "-o", filepath.Join(out, "x.svg")); code != exitBadInput || !strings.Contains(stderr, `did you mean "width"?`) {
		t.Errorf("a column that is not there gives exit %d, %s", code, stderr)
	}
	if _, stderr, code := modspec(t, "sweep", "plot", dir, "--x", "kx", "--value", "error", "-o", filepath.Join(out, "x.svg")); code != exitBadInput || !strings.Contains(stderr, "purity") {
		t.Errorf("a column of linear networks gives exit %d, %s", code, stderr)
	}

	must(t, "report", dir, "--out", out)
	text, err := os.ReadFile(filepath.Join(out, "report.md"))
	if err != nil {
		t.Fatal(err)
	}
	// Of copies 1, 3, 5, … with a value the mean of 0.25·(i mod 4): i = 1, 5, 7 and 11.
	for _, want := range []string{"squared error (V²)", "Measured: hard", "| purity of gates | 4 | 0.5 |", "(figures/error.svg)", "kind of gate", "12 of 12 networks"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the report lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "heory") {
		t.Errorf("the report speaks of theory:\n%s", text)
	}

	events := filepath.Join(out, "events")
	must(t, "sweep", "export", dir, "--tensorboard", events, "--where", "gate=soft", "--where", "width=8")
	for _, name := range eventRunsOf(t, events) {
		if shown := shownSteps(t, filepath.Join(events, name)); !slices.Equal(shown["error"], []uint64{0, 20, 40}) || len(shown["hits"]) != 3 {
			t.Errorf("run %s has %v", name, shown)
		}
	}

	ctx, stop := context.WithCancel(t.Context())
	read, write := io.Pipe()
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, []string{"serve", root, "--addr", "127.0.0.1:0"}, write, io.Discard) }()
	line, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	ask := func(target string) string {
		t.Helper()
		answer, err := http.Get(strings.TrimSpace(line) + "api/sweep" + target)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Errorf("%s answers %d, %v: %s", target, answer.StatusCode, err, body)
		}
		return string(body)
	}
	var about struct {
		Kind       string
		Columns    []struct{ Name, Label, Kind string }
		Quantities []struct{ Name, Panel, Scale string }
	}
	if err := json.Unmarshal([]byte(ask("?dir=other")), &about); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(about.Kind, about.Quantities); got != "other[{error  log} {hits  } {purity Gates }]" {
		t.Errorf("the sweep is of %s", got)
	}
	if got := fmt.Sprint(about.Columns); got != "[{seed seed parameter} {width width w parameter} {gate kind of gate parameter} {note note parameter} {precision precision parameter} "+
		"{last_step last step (steps) result} {diverged_step step of divergence (steps) result} {error squared error (V²) result} {hits hits result} {purity purity of gates result}]" {
		t.Errorf("the columns are %s", got)
	}
	if body := ask("/diagram?dir=other&x=width&y=gate&value=purity&theory=true"); !strings.Contains(body, `"matched":12`) {
		t.Errorf("the diagram is %s", body)
	}
	if body := ask("/trajectories?dir=other&where=width=16&where=gate=soft"); !strings.Contains(body, `"steps":[0,20,40]`) || !strings.Contains(body, `"purity"`) || !strings.Contains(body, `"kind":"none"`) {
		t.Errorf("the trajectories are %s", body)
	}
	ask("/rows?dir=other")
	if body := ask("/download?dir=other&format=csv&where=gate=hard"); strings.Count(body, "\n") != 7 {
		t.Errorf("the download is %s", body)
	}
	stop()
	<-ended
}

// TestColumnLabelsCanBeDrawn: no column's label has a character that the font
// lacks, or an underscore that would be read as a subscript.
func TestColumnLabelsCanBeDrawn(t *testing.T) {
	columns := results.NewRunsTable("linear", linear.Parameters, linear.Summary).Columns
	for _, c := range columns {
		f := figure.Figure{Name: "label", Panels: []figure.Panel{{
			XLabel: columns.Label(c.Name), YLabel: columns.Label(c.Name + "/pred_" + c.Name),
			Series: []figure.Series{{X: []float64{0, 1}, Y: []float64{0, 1}}},
		}}}
		if err := plot.SVG(io.Discard, f); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
}
