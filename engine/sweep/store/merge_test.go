package store_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/model"
	"modspec/engine/results"
	"modspec/engine/sweep/runner/runtest"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/store"
	"modspec/engine/sweep/sweeptest"
	"modspec/engine/train"
	"modspec/engine/train/reference"
)

func TestMergedShardsAreTheWhole(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	want := runtest.Unbroken(t, s)
	a, b, c := runtest.Shard(t, s, 1, 3), runtest.Shard(t, s, 2, 3), runtest.Shard(t, s, 3, 3)
	repeated := runtest.Shard(t, s, 2, 3)
	other := runtest.Shard(t, s, 2, 2) // has some copies of each
	out := filepath.Join(t.TempDir(), "out")

	first := runtest.Merge(t, out, a, b)
	if first.Merged != (space.Shard{Index: 1, Count: 3}).Of(s.Copies())+(space.Shard{Index: 2, Count: 3}).Of(s.Copies()) || first.Duplicates != 0 || first.Done != first.Merged {
		t.Errorf("two shards: %+v", first)
	}
	if status, err := store.ReadStatus(out); err != nil || status.State != store.StateInterrupted || !strings.Contains(status.Reason, "still to be trained") {
		t.Errorf("status is %+v, %v", status, err)
	}
	var notices []string
	again, err := store.Merge(context.Background(), out, []string{repeated, other}, func(text string) { notices = append(notices, text) })
	if err != nil {
		t.Fatal(err)
	}
	if again.Merged == 0 || again.Duplicates <= 2 || len(notices) != 2 {
		t.Errorf("a repeated shard and an overlapping one: %+v, %q", again, notices)
	}
	last := runtest.Merge(t, out, c)
	if last.Done != s.Copies() || last.Copies != s.Copies() {
		t.Errorf("all shards: %+v", last)
	}
	runtest.OnlyOnce(t, s, out)
	if got := runtest.DigestOf(t, out); got != want {
		t.Errorf("digest is %s, want %s", got, want)
	}
	if status, err := store.ReadStatus(out); err != nil || status.State != store.StateDone {
		t.Errorf("status is %+v, %v", status, err)
	}
	if sum := runtest.Run(t, runtest.Options(s, out)); sum.Copies != 0 {
		t.Errorf("a merged folder is trained again: %+v", sum)
	}
	if m, err := results.ReadManifest(filepath.Join(out, results.ManifestName)); err != nil || len(m.Processes) < 3 {
		t.Errorf("the manifest has %d processes, %v", len(m.Processes), err)
	}
}

// TestMergedFolderGoesOn where its origins had not come to an end.
func TestMergedFolderGoesOn(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	out := t.TempDir()
	runtest.Merge(t, out, runtest.Shard(t, s, 2, 5))
	runtest.Run(t, runtest.Options(s, out))
	runtest.OnlyOnce(t, s, out)
	if got, want := runtest.DigestOf(t, out), runtest.Unbroken(t, s); got != want {
		t.Errorf("digest is %s, want %s", got, want)
	}
}

// lying trains with a learning rate that is off in its last digits.
type lying struct{ linear.Backend }

func (l lying) Train(ctx context.Context, job *linear.Job, r linear.Recorder) error {
	wrong := *job
	wrong.Copies = slices.Clone(job.Copies)
	for i := range wrong.Copies {
		wrong.Copies[i].LearningRate *= 1 + 0x1p-50
	}
	return l.Backend.Train(ctx, &wrong, r)
}

// embellishing changes a loss at step 5, which is not the last.
type embellishing struct{ train.Backend }

func (e embellishing) Train(ctx context.Context, job *train.Job, r train.Recorder) error {
	return e.Backend.Train(ctx, job, embellisher{r})
}

type embellisher struct{ train.Recorder }

func (e embellisher) Observe(run, step int, metrics []float64) error {
	if step == 5 {
		metrics = slices.Clone(metrics)
		metrics[0] *= 0.5
	}
	return e.Recorder.Observe(run, step, metrics)
}

func TestMergeRefusesOtherResults(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	a := runtest.Shard(t, s, 1, 2)
	o := runtest.Options(s, t.TempDir())
	o.Backend = model.Backend(lying{reference.New(2)})
	runtest.Run(t, o)
	out := t.TempDir()
	_, err := store.Merge(context.Background(), out, []string{a, o.Dir}, nil)
	sweeptest.Expect(t, err, "differs between", a, o.Dir)
	named := false
	for i := range s.Copies() {
		named = named || strings.Contains(err.Error(), s.Copy(i).ID.String())
	}
	if !named {
		t.Errorf("error %v names no copy", err)
	}
	// What was good is there, and nothing else.
	if d, err := store.Digest(out); err != nil || d.Runs != (space.Shard{Index: 1, Count: 2}).Of(s.Copies()) {
		t.Errorf("digest is %+v, %v", d, err)
	}
}

func TestMergeRefusesOtherSweeps(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	a := runtest.Shard(t, s, 1, 2)
	other := sweeptest.Enumerate(t, strings.Replace(sweeptest.Small, "seeds: 6", "seeds: 5", 1))
	b := runtest.Shard(t, other, 2, 2)
	out := filepath.Join(t.TempDir(), "out")
	_, err := store.Merge(context.Background(), out, []string{a, b}, nil)
	sweeptest.Expect(t, err, a, b, "seeds")
	_, err = store.Merge(context.Background(), out, []string{a, a}, nil)
	sweeptest.Expect(t, err, "named twice")
	_, err = store.Merge(context.Background(), a, []string{a}, nil)
	sweeptest.Expect(t, err, "named twice")
	_, err = store.Merge(context.Background(), out, nil, nil)
	sweeptest.Expect(t, err, "no folder")
	_, err = store.Merge(context.Background(), out, []string{t.TempDir()}, nil)
	sweeptest.Expect(t, err, "no folder of a sweep")
	if _, err := os.Stat(out); err == nil {
		t.Error("a refused merge made its folder")
	}
	runtest.Merge(t, out, a)
	_, err = store.Merge(context.Background(), out, []string{b}, nil)
	sweeptest.Expect(t, err, "another sweep")
}

func TestCancelledMergeGoesOn(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	a, b := runtest.Shard(t, s, 1, 2), runtest.Shard(t, s, 2, 2)
	out := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := store.Merge(ctx, out, []string{a, b}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	runtest.Merge(t, out, a, b)
	if got, want := runtest.DigestOf(t, out), runtest.Unbroken(t, s); got != want {
		t.Errorf("digest is %s, want %s", got, want)
	}
}

// TestExportedTablesReadBack by a reader of CSV, with every number as it was.
func TestExportedTablesReadBack(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	o := runtest.Options(s, t.TempDir())
	runtest.Run(t, o)
	table, err := store.TableOf(o.Dir, results.RunsTable)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := store.ExportCSV(context.Background(), o.Dir, "runs", sweeptest.Kinds, &out); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(lines[0], table.Columns.Names()) || len(lines) != s.Copies()+1 {
		t.Fatalf("%d lines, the first is %q", len(lines), lines[0])
	}
	column := func(name string) int { return slices.Index(lines[0], name) }
	n := 0
	for _, f := range sweeptest.Files(t, o.Dir, results.RunsTable) {
		for row, err := range results.As[results.Run](results.Read(f, results.RunsTable)) {
			if err != nil {
				t.Fatal(err)
			}
			n++
			line := lines[n]
			if line[column("id")] != row.ID || line[column("input_bits")] != row.InputBits || line[column("seed")] != strconv.FormatUint(row.Seed, 10) {
				t.Errorf("line %q is not %+v", line, row)
			}
			want := ""
			if row.DivergedStep < 0 {
				want = fmt.Sprint(row.Train.Total)
			}
			got := line[column("train_loss")]
			if v, err := strconv.ParseFloat(got, 64); want == "" && got != "" || want != "" && (err != nil || v != row.Train.Total) {
				t.Errorf("train_loss is written as %q, want %q", got, want)
			}
		}
	}
	out.Reset()
	if err := store.ExportCSV(context.Background(), o.Dir, "trajectories", sweeptest.Kinds, &out); err != nil {
		t.Fatal(err)
	}
	d, err := store.Digest(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := bytes.Count(out.Bytes(), []byte("\n")); got != d.Points+1 {
		t.Errorf("%d lines for %d points", got, d.Points)
	}
	sweeptest.Expect(t, store.ExportCSV(context.Background(), o.Dir, "run", sweeptest.Kinds, &out), `"run"`, "runs")

	o = runtest.Options(s, t.TempDir())
	o.Sweep.Trajectories = false
	runtest.Run(t, o)
	sweeptest.Expect(t, store.ExportCSV(context.Background(), o.Dir, "trajectories", sweeptest.Kinds, &out), "without trajectories")
	if _, err := os.Stat(filepath.Join(o.Dir, "trajectories")); err == nil {
		t.Error("a folder of trajectories was made for none")
	}
}

// TestDigestTellsResultsApart: by any change of a result, and by a copy more or
// less, but not by the order of rows (which the other tests vary).
func TestDigestTellsResultsApart(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	want := runtest.Unbroken(t, s)
	o := runtest.Options(s, t.TempDir())
	o.Backend = model.Backend(lying{reference.New(1)})
	runtest.Run(t, o)
	if runtest.DigestOf(t, o.Dir) == want {
		t.Error("other results have the same digest")
	}
	// A loss on the way shows in the trajectories alone.
	o = runtest.Options(s, t.TempDir())
	o.Backend = embellishing{sweeptest.Reference(1)}
	runtest.Run(t, o)
	if runtest.DigestOf(t, o.Dir) == want {
		t.Error("other trajectories have the same digest")
	}
	if runtest.DigestOf(t, runtest.Shard(t, s, 1, 2)) == runtest.DigestOf(t, runtest.Shard(t, s, 2, 2)) {
		t.Error("different copies have the same digest")
	}
}
