package sweep

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
	"modspec/engine/sweep/space"
	"modspec/engine/train"
	"modspec/engine/train/reference"
)

// shard runs one shard of a space in a folder of its own.
func shard(t *testing.T, s *space.Space, i, n int) string {
	t.Helper()
	o := options(s, t.TempDir())
	o.Shard = space.Shard{Index: i, Count: n}
	sum := run(t, o)
	if want := o.Shard.Of(s.Copies()); sum.Copies != want || sum.Total != want || sum.Done != want {
		t.Errorf("shard %v: %+v, want %d copies", o.Shard, sum, want)
	}
	if status, err := ReadStatus(o.Dir); err != nil || n > 1 && status.State != StateShardDone {
		t.Errorf("shard %v: status is %+v, %v", o.Shard, status, err)
	}
	return o.Dir
}

func merge(t *testing.T, out string, dirs ...string) MergeSummary {
	t.Helper()
	sum, err := Merge(context.Background(), out, dirs, nil)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func TestMergedShardsAreTheWhole(t *testing.T) {
	s := enumerated(t, small)
	want := unbroken(t, s)
	a, b, c := shard(t, s, 1, 3), shard(t, s, 2, 3), shard(t, s, 3, 3)
	repeated := shard(t, s, 2, 3)
	other := shard(t, s, 2, 2) // has some copies of each
	out := filepath.Join(t.TempDir(), "out")

	first := merge(t, out, a, b)
	if first.Merged != (space.Shard{Index: 1, Count: 3}).Of(s.Copies())+(space.Shard{Index: 2, Count: 3}).Of(s.Copies()) || first.Duplicates != 0 || first.Done != first.Merged {
		t.Errorf("two shards: %+v", first)
	}
	if status, err := ReadStatus(out); err != nil || status.State != StateInterrupted || !strings.Contains(status.Reason, "still to be trained") {
		t.Errorf("status is %+v, %v", status, err)
	}
	var notices []string
	again, err := Merge(context.Background(), out, []string{repeated, other}, func(text string) { notices = append(notices, text) })
	if err != nil {
		t.Fatal(err)
	}
	if again.Merged == 0 || again.Duplicates <= 2 || len(notices) != 2 {
		t.Errorf("a repeated shard and an overlapping one: %+v, %q", again, notices)
	}
	last := merge(t, out, c)
	if last.Done != s.Copies() || last.Copies != s.Copies() {
		t.Errorf("all shards: %+v", last)
	}
	onlyOnce(t, s, out)
	if got := digest(t, out); got != want {
		t.Errorf("digest is %s, want %s", got, want)
	}
	if status, err := ReadStatus(out); err != nil || status.State != StateDone {
		t.Errorf("status is %+v, %v", status, err)
	}
	if sum := run(t, options(s, out)); sum.Copies != 0 {
		t.Errorf("a merged folder is trained again: %+v", sum)
	}
	if m, err := results.ReadManifest(filepath.Join(out, results.ManifestName)); err != nil || len(m.Processes) < 3 {
		t.Errorf("the manifest has %d processes, %v", len(m.Processes), err)
	}
}

// TestMergedFolderGoesOn where its origins had not come to an end.
func TestMergedFolderGoesOn(t *testing.T) {
	s := enumerated(t, small)
	out := t.TempDir()
	merge(t, out, shard(t, s, 2, 5))
	run(t, options(s, out))
	onlyOnce(t, s, out)
	if got, want := digest(t, out), unbroken(t, s); got != want {
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
	s := enumerated(t, small)
	a := shard(t, s, 1, 2)
	o := options(s, t.TempDir())
	o.Backend = model.Backend(lying{reference.New(2)})
	run(t, o)
	out := t.TempDir()
	_, err := Merge(context.Background(), out, []string{a, o.Dir}, nil)
	expect(t, err, "differs between", a, o.Dir)
	named := false
	for i := range s.Copies() {
		named = named || strings.Contains(err.Error(), s.Copy(i).ID.String())
	}
	if !named {
		t.Errorf("error %v names no copy", err)
	}
	// What was good is there, and nothing else.
	if d, err := Digest(out); err != nil || d.Runs != (space.Shard{Index: 1, Count: 2}).Of(s.Copies()) {
		t.Errorf("digest is %+v, %v", d, err)
	}
}

func TestMergeRefusesOtherSweeps(t *testing.T) {
	s := enumerated(t, small)
	a := shard(t, s, 1, 2)
	other := enumerated(t, strings.Replace(small, "seeds: 6", "seeds: 5", 1))
	b := shard(t, other, 2, 2)
	out := filepath.Join(t.TempDir(), "out")
	_, err := Merge(context.Background(), out, []string{a, b}, nil)
	expect(t, err, a, b, "seeds")
	_, err = Merge(context.Background(), out, []string{a, a}, nil)
	expect(t, err, "named twice")
	_, err = Merge(context.Background(), a, []string{a}, nil)
	expect(t, err, "named twice")
	_, err = Merge(context.Background(), out, nil, nil)
	expect(t, err, "no folder")
	_, err = Merge(context.Background(), out, []string{t.TempDir()}, nil)
	expect(t, err, "no folder of a sweep")
	if _, err := os.Stat(out); err == nil {
		t.Error("a refused merge made its folder")
	}
	merge(t, out, a)
	_, err = Merge(context.Background(), out, []string{b}, nil)
	expect(t, err, "another sweep")
}

func TestCancelledMergeGoesOn(t *testing.T) {
	s := enumerated(t, small)
	a, b := shard(t, s, 1, 2), shard(t, s, 2, 2)
	out := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := Merge(ctx, out, []string{a, b}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	merge(t, out, a, b)
	if got, want := digest(t, out), unbroken(t, s); got != want {
		t.Errorf("digest is %s, want %s", got, want)
	}
}

// TestExportedTablesReadBack by a reader of CSV, with every number as it was.
func TestExportedTablesReadBack(t *testing.T) {
	s := enumerated(t, small)
	o := options(s, t.TempDir())
	run(t, o)
	var out bytes.Buffer
	if err := ExportCSV(context.Background(), o.Dir, "runs", Kinds, &out); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(lines[0], newTables(model.Kind).runs.Columns.Names()) || len(lines) != s.Copies()+1 {
		t.Fatalf("%d lines, the first is %q", len(lines), lines[0])
	}
	column := func(name string) int { return slices.Index(lines[0], name) }
	n := 0
	for _, f := range files(t, o.Dir, results.RunsTable) {
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
	if err := ExportCSV(context.Background(), o.Dir, "trajectories", Kinds, &out); err != nil {
		t.Fatal(err)
	}
	d, err := Digest(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := bytes.Count(out.Bytes(), []byte("\n")); got != d.Points+1 {
		t.Errorf("%d lines for %d points", got, d.Points)
	}
	expect(t, ExportCSV(context.Background(), o.Dir, "run", Kinds, &out), `"run"`, "runs")

	o = options(s, t.TempDir())
	o.Sweep.Trajectories = false
	run(t, o)
	expect(t, ExportCSV(context.Background(), o.Dir, "trajectories", Kinds, &out), "without trajectories")
	if _, err := os.Stat(filepath.Join(o.Dir, "trajectories")); err == nil {
		t.Error("a folder of trajectories was made for none")
	}
}

// TestDigestTellsResultsApart: by any change of a result, and by a copy more or
// less, but not by the order of rows (which the other tests vary).
func TestDigestTellsResultsApart(t *testing.T) {
	s := enumerated(t, small)
	want := unbroken(t, s)
	o := options(s, t.TempDir())
	o.Backend = model.Backend(lying{reference.New(1)})
	run(t, o)
	if digest(t, o.Dir) == want {
		t.Error("other results have the same digest")
	}
	// A loss on the way shows in the trajectories alone.
	o = options(s, t.TempDir())
	o.Backend = embellishing{referenceBackend(1)}
	run(t, o)
	if digest(t, o.Dir) == want {
		t.Error("other trajectories have the same digest")
	}
	if digest(t, shard(t, s, 1, 2)) == digest(t, shard(t, s, 2, 2)) {
		t.Error("different copies have the same digest")
	}
	a, b := sum256{}, sum256{}
	var all, one [32]byte
	for i := range all {
		all[i] = 0xff
	}
	one[31] = 1
	a.add(all)
	a.add(one)
	if a != b { // 2²⁵⁶ − 1 + 1
		t.Errorf("the sum does not carry through: %v", a)
	}
	b.add(one)
	if got := b.append(nil); got[31] != 1 || len(got) != 32 {
		t.Errorf("the sum is written as %v", got)
	}
}
