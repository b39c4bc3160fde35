package serve_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"modspec/engine/backend"
	programs "modspec/engine/backend/reference"
	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/model"
	"modspec/engine/results"
	"modspec/engine/serve"
	"modspec/engine/serve/explorer"
	"modspec/engine/sweep/runner"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/store"
	"modspec/engine/sweep/sweeptest"
	"modspec/engine/train"
	"modspec/engine/train/reference"
)

// sweepFile is a small sweep with all that views tell apart: two parameters,
// architectures, seeds, rates at which a copy diverges, and one for which theory
// knows the end alone.
const sweepFile = `
name: small
method: grid
seeds: 4
steps: 40
record: {every: 10}
precision: float64
skip_invalid: true
parameters:
  hidden: {value: 6}
  bits: {value: 2}
  kx: {values: [0, 2]}
  ny: {values: [1, 2]}
  arch: {values: [dense, split, shallow]}
  lr: {values: [0.2, 300]}
  depth: {values: [1, 2]}
  init_scale: {value: 0.3}
`

// status is how a command asks for a sweep's status.
func status(dir string) (serve.Status, error) {
	s, err := store.ReadStatus(dir)
	return serve.Status{
		Name: s.Name, State: s.State, Process: s.Process, Reason: s.Reason, Copies: s.Copies, Done: s.Done, Target: s.Copies,
		Diverged: s.Diverged, Failed: s.Failed, Shard: s.Shard, NetworkSteps: s.NetworkSteps, Began: s.Began, Last: s.Last,
		Backend: s.Backend, Precision: s.Precision, Fingerprint: s.Fingerprint, Text: s.Text, Parts: s.Parts, Bytes: s.Bytes,
		Problems: s.Problems, Processes: s.Processes,
	}, err
}

// runSweep runs a sweep file into a folder, in parts of so many copies.
func runSweep(t testing.TB, text, dir string, partRows int) {
	t.Helper()
	linear := reference.New(1)
	defer linear.Close()
	runSweepOn(t, model.Backend(linear), text, dir, partRows)
}

func runSweepOn(t testing.TB, backend train.Backend, text, dir string, partRows int) {
	t.Helper()
	points := sweeptest.Enumerate(t, text)
	_, err := runner.Run(context.Background(), runner.Options{
		Dir: dir, Sweep: store.SweepOf(points, true), Chunks: points.Chunks(func(*space.Group) int { return 7 }),
		Copy: points.Copy, Backend: backend, Provenance: results.NewProvenance("reference", "float64", []string{"modspec"}, time.Now()), PartRows: partRows,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// networks is the explorer as a command hands it in, on the plain backend.
var networks = &explorer.Explorer{Open: func() (linear.Backend, error) { return reference.New(1), nil }}

// newServer serves a folder on loopback.
func newServer(t testing.TB, dir string, change func(*serve.Options)) *serve.Server {
	t.Helper()
	o := serve.Options{Dir: dir, Addr: "127.0.0.1:0", Status: status, Networks: networks, Memory: 1 << 26, Workers: 2, Poll: 20 * time.Millisecond}
	if change != nil {
		change(&o)
	}
	s, err := serve.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// get asks the server and returns status and body.
func get(t testing.TB, s http.Handler, target string) (int, []byte) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.Host = "127.0.0.1:8080"
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code, w.Body.Bytes()
}

// ask asks the server and reads its JSON into a value.
func ask(t testing.TB, s http.Handler, target string, to any) {
	t.Helper()
	code, body := get(t, s, target)
	if code != http.StatusOK {
		t.Fatalf("%s answers %d: %s", target, code, body)
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(to); err != nil {
		t.Fatalf("%s: %v in %s", target, err, body)
	}
}

// linearRuns is the table runs of linear networks.
var linearRuns = results.NewRunsTable("linear", linear.Parameters, linear.Summary)

// rowOf returns a struct as a row of the table runs.
func rowOf(t testing.TB, run *results.Run) *results.Row {
	t.Helper()
	fields, err := results.Bind(linearRuns, run)
	if err != nil {
		t.Fatal(err)
	}
	row := linearRuns.NewRow()
	fields.Put(row)
	return row
}

// rowsOf reads a sweep's rows in the order of the table.
func rowsOf(t testing.TB, dir string) []results.Run {
	t.Helper()
	var rows []results.Run
	for row, err := range results.As[results.Run](results.ReadFolder(dir, results.RunsTable)) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, *row)
	}
	return rows
}

// small is a server over a folder with the small sweep in "a b/small", written in
// parts of 11 copies.
func small(t testing.TB) (*serve.Server, string, []results.Run) {
	t.Helper()
	root := t.TempDir()
	dir := filepath.Join(root, "a b", "small")
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		t.Fatal(err)
	}
	runSweep(t, sweepFile, dir, 11)
	return newServer(t, root, nil), dir, rowsOf(t, dir)
}

// TestWhatIsShownFirst: of a kind without ranks the page opened on the last step, and over
// two parameters of which one is the other.
func TestWhatIsShownFirst(t *testing.T) {
	root := t.TempDir()
	runSweepOn(t, backend.New(programs.New(1)), `
name: toys
kind: toy
method: grid
seeds: 2
steps: 4
precision: float64
parameters:
  classes: {values: [2, 3]}
  batch: {value: classes}
  lr: {values: [0.1, 0.2]}
`, filepath.Join(root, "toys"), 100)
	var out struct {
		Columns []struct {
			Name, With string
			Rank       int
		}
	}
	ask(t, newServer(t, root, nil), "/api/sweep?dir=toys", &out)
	ranks, with := map[string]int{}, map[string]string{}
	for _, c := range out.Columns {
		if c.Rank > 0 {
			ranks[c.Name] = c.Rank
		}
		if c.With != "" {
			with[c.Name] = c.With
		}
	}
	if want := map[string]int{"train_loss": 1, "first_class_loss": 2, "weight_norm": 3}; !maps.Equal(ranks, want) {
		t.Errorf("the ranks are %v, want %v", ranks, want)
	}
	if want := map[string]string{"batch": "classes"}; !maps.Equal(with, want) {
		t.Errorf("parameters that go together are %v, want %v", with, want)
	}
}

const smallDir = "dir=a+b%2Fsmall"

func TestSweep(t *testing.T) {
	s, _, rows := small(t)
	var out struct {
		Status       serve.Status
		Sweep        string
		Trajectories bool
		Rows         int
		Columns      []struct {
			Name, Label, Kind, Prediction string
			Numeric                       bool
			Distinct                      *int
			Values                        []any
			Min, Max                      *float64
		}
	}
	ask(t, s, "/api/sweep?"+smallDir, &out)
	diverged := 0
	for i := range rows {
		if rows[i].DivergedStep >= 0 {
			diverged++
		}
	}
	if diverged == 0 || diverged == len(rows) {
		t.Fatalf("%d of %d copies diverged: the sweep does not serve its purpose", diverged, len(rows))
	}
	if out.Rows != len(rows) || out.Status.Done != len(rows) || out.Status.State != "done" || out.Status.Diverged != diverged {
		t.Errorf("%d rows, status %+v; want %d rows, %d diverged, done", out.Rows, out.Status, len(rows), diverged)
	}
	if !out.Trajectories || !strings.Contains(out.Sweep, "name: \"small\"") {
		t.Errorf("trajectories %v, sweep %q", out.Trajectories, out.Sweep)
	}
	if rate := float64(out.Status.Rate.Copies); !(rate > 0) {
		t.Errorf("the rate is %v copies a second", rate)
	}
	seen := map[string]bool{}
	for _, c := range out.Columns {
		seen[c.Name] = true
		switch c.Name {
		case "arch":
			if fmt.Sprint(c.Values) != "[dense shallow split]" || c.Kind != "parameter" || c.Numeric {
				t.Errorf("arch is %+v", c)
			}
		case "kx":
			if fmt.Sprint(c.Values) != "[0 2]" || *c.Distinct != 2 || *c.Min != 0 || *c.Max != 2 || c.Label != "k_x" {
				t.Errorf("kx is %+v", c)
			}
		case "seed":
			if fmt.Sprintf("%q", c.Values) != `["0" "1" "2" "3"]` {
				t.Errorf("seed is %+v", c)
			}
		case "train_loss":
			if c.Kind != "result" || c.Prediction != "pred_train_loss" || c.Values != nil {
				t.Errorf("train_loss is %+v", c)
			}
		case "test_loss":
			if c.Prediction != "" {
				t.Errorf("test_loss is %+v", c)
			}
		case "pred_mode_1":
			if c.Kind != "prediction" || c.Label != "strength of mode 1, theory" {
				t.Errorf("pred_mode_1 is %+v", c)
			}
		}
	}
	for _, name := range linearRuns.Columns.Names() {
		if !seen[name] && name != "id" && name != "copy" {
			t.Errorf("the column %s is missing", name)
		}
	}
}

// TestRateOfARunningSweep: of the running process alone, by when its parts were
// written.
func TestRateOfARunningSweep(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "s")
	runSweep(t, sweepFile, dir, 60) // three parts
	began := time.Now().Add(-time.Hour).Truncate(time.Second)
	s := newServer(t, root, func(o *serve.Options) {
		o.Status = func(dir string) (serve.Status, error) {
			st, err := status(dir)
			st.State, st.Target = "running", st.Done+100
			st.Processes = append(st.Processes, results.Provenance{Started: began})
			return st, err
		}
	})
	// The first part is of an earlier process; the last was written after 20 s.
	for part, at := range []time.Duration{-time.Minute, 10 * time.Second, 20 * time.Second} {
		path := filepath.Join(dir, "runs", fmt.Sprintf("part-%06d.parquet", part+1))
		if err := os.Chtimes(path, began, began.Add(at)); err != nil {
			t.Fatal(err)
		}
	}
	var out struct {
		Status serve.Status
		Rows   int
	}
	ask(t, s, "/api/sweep?dir=s", &out)
	// Quotients of whole numbers, computed in the same order: exact.
	rate := float64(out.Rows-60) / 20
	perCopy := float64(out.Status.NetworkSteps) / float64(out.Status.Done)
	if got := out.Status.Rate; float64(got.Copies) != rate || math.Abs(float64(got.NetworkSteps)-rate*perCopy) > 4*0x1p-53*rate*perCopy {
		t.Errorf("the rate is %+v, want %v copies a second, %v network-steps each", got, rate, perCopy)
	}
	if got := float64(out.Status.SecondsLeft); got != 100/rate {
		t.Errorf("%v s are left, want %v", got, 100/rate)
	}
}

type diagram struct {
	Matched int
	X, Y    struct {
		Values []any
		Edges  []float64
	}
	Facets []struct {
		Value string
		Cells [][]*float64
	}
	Range  *[2]float64
	Fields []string
}

// TestDiagram compares an answer with a loop over the rows that the sweep wrote.
func TestDiagram(t *testing.T) {
	s, _, rows := small(t)
	var d diagram
	ask(t, s, "/api/sweep/diagram?"+smallDir+"&x=kx&y=ny&facet=arch&value=quadrant_gamma_gamma&stat=max&theory=true&where=lr%3C1&where=depth=1&where=depth=0&where=seed!=2", &d)
	if fmt.Sprint(d.Fields) != "[x y value count diverged theory]" || len(d.Facets) != 3 {
		t.Fatalf("the diagram is %+v", d)
	}
	matched := 0
	for i := range rows {
		if rows[i].LR < 1 && rows[i].Depth < 2 && rows[i].Seed != 2 {
			matched++
		}
	}
	if d.Matched != matched {
		t.Errorf("%d rows match, want %d", d.Matched, matched)
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, f := range d.Facets {
		if len(f.Cells) != 4 {
			t.Errorf("%s has %d cells, want 4", f.Value, len(f.Cells))
		}
		for _, c := range f.Cells {
			kx, ny := int(d.X.Values[int(*c[0])].(float64)), int(d.Y.Values[int(*c[1])].(float64))
			most, count, theory := math.Inf(-1), 0, 0.0
			for i := range rows {
				r := &rows[i]
				if r.LR < 1 && r.Depth < 2 && r.Seed != 2 && r.Arch == f.Value && r.KX == kx && r.NY == ny && !math.IsNaN(r.Quadrants.GammaGamma) {
					most = max(most, r.Quadrants.GammaGamma)
					theory += r.Predicted.Quadrants.GammaGamma
					count++
				}
			}
			low, high = min(low, most), max(high, most)
			// A maximum and a count are exact; a mean of at most 3 numbers, summed in the
			// same order, is too.
			if *c[2] != most || int(*c[3]) != count || *c[5] != theory/float64(count) {
				t.Errorf("%s, kx %d, ny %d is %v of %v copies with theory %v, want %v of %d with %v", f.Value, kx, ny, *c[2], *c[3], *c[5], most, count, theory/float64(count))
			}
		}
	}
	if d.Range == nil || d.Range[0] != low || d.Range[1] != high {
		t.Errorf("the range is %v, want %v to %v", d.Range, low, high)
	}
}

func TestSweepWithoutTrajectories(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "ends")
	runSweep(t, "name: ends\nmethod: grid\nseeds: 2\nsteps: 5\nrecord: ends\nparameters: {bits: {value: 2}, hidden: {value: 3}}\n", dir, 10)
	// A sweep of ends alone is run without its trajectories by the command.
	if err := os.RemoveAll(filepath.Join(dir, "trajectories")); err != nil {
		t.Fatal(err)
	}
	s := newServer(t, root, nil)
	code, body := get(t, s, "/api/sweep/trajectories?dir=ends")
	if code != http.StatusUnprocessableEntity || !strings.Contains(string(body), "keeps no trajectories") {
		t.Errorf("%d: %s", code, body)
	}
}

// TestNothingIsWritten asks everything there is and compares the folder with what
// it was.
func TestNothingIsWritten(t *testing.T) {
	s, dir, _ := small(t)
	before := treeOf(t, dir)
	for _, target := range []string{
		"/", "/api/folder", "/api/sweep?" + smallDir, "/api/sweep/diagram?x=kx&value=train_loss&" + smallDir,
		"/api/sweep/trajectories?" + smallDir, "/api/sweep/rows?" + smallDir, "/api/sweep/download?format=parquet&" + smallDir,
	} {
		if code, body := get(t, s, target); code != http.StatusOK {
			t.Errorf("%s answers %d: %s", target, code, body)
		}
	}
	if after := treeOf(t, dir); after != before {
		t.Errorf("the folder changed from\n%s\nto\n%s", before, after)
	}
}

// treeOf lists a folder's files with length, mode and time.
func treeOf(t *testing.T, dir string) string {
	var b strings.Builder
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		fmt.Fprintln(&b, path, info.Size(), info.Mode(), info.ModTime())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestQueriesInAURL(t *testing.T) {
	s, _, _ := small(t)
	// What the page writes with URLSearchParams is what the server reads.
	q := url.Values{"dir": {"a b/small"}, "x": {"kx"}, "value": {"train_loss/pred_train_loss"}, "where": {"lr>=0.1", "arch=dense"}}
	var d diagram
	ask(t, s, "/api/sweep/diagram?"+q.Encode(), &d)
	if d.Matched == 0 {
		t.Error("nothing matches")
	}
}

// A page that is opened on a folder as soon as it is there does not have to wait
// for the next walk, which may be long ago and far away on a slow file system.
func TestNewFolderIsFoundAtOnce(t *testing.T) {
	root := t.TempDir()
	s := newServer(t, root, func(o *serve.Options) { o.Poll = time.Hour })
	var folder struct{ Entries []struct{ Dir string } }
	ask(t, s, "/api/folder", &folder)
	if len(folder.Entries) != 0 {
		t.Fatalf("an empty folder has %v", folder.Entries)
	}
	for _, dir := range []string{"new", "a/b/c/d"} {
		runSweep(t, sweepFile, filepath.Join(root, filepath.FromSlash(dir)), 100)
		if code, body := get(t, s, "/api/sweep?dir="+dir); code != http.StatusOK {
			t.Errorf("%s: %d %s", dir, code, body)
		}
	}
	// What no walk would find is not found this way either.
	for _, dir := range []string{".hidden", "new/inside", "a/b/c/e/f"} {
		runSweep(t, sweepFile, filepath.Join(root, filepath.FromSlash(dir)), 100)
	}
	if err := os.Symlink(filepath.Join(root, "new"), filepath.Join(root, "linked")); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{".hidden", "new/inside", "a/b/c/e/f", "linked", "new/", "new/../new", ".", "a/b/c"} {
		if code, body := get(t, s, "/api/sweep?dir="+dir); code != http.StatusNotFound {
			t.Errorf("%s: %d %s", dir, code, body)
		}
	}
}
