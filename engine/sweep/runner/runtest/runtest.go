// Package runtest has what tests that run sweeps share.
package runtest

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"modspec/engine/results"
	"modspec/engine/sweep/runner"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/store"
	"modspec/engine/sweep/sweeptest"
	"modspec/engine/train"
)

// Options are those of a run of a space on the reference backend.
func Options(s *space.Space, dir string) runner.Options {
	return runner.Options{
		Dir: dir, Sweep: store.SweepOf(s, true), Chunks: sweeptest.InChunks(s, 7), Copy: s.Copy, Backend: sweeptest.Reference(2),
		Provenance: sweeptest.Provenance(dir), PartRows: 16,
	}
}

// Run runs a sweep that must end well.
func Run(t testing.TB, o runner.Options) runner.Summary {
	t.Helper()
	sum, err := runner.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// DigestOf returns the digest of a folder as text.
func DigestOf(t testing.TB, dir string) string {
	t.Helper()
	d, err := store.Digest(dir)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(d)
}

// Unbroken returns the digest of a run of a space from one end to the other.
func Unbroken(t testing.TB, s *space.Space) string {
	t.Helper()
	dir := t.TempDir()
	Run(t, Options(s, dir))
	return DigestOf(t, dir)
}

// OnlyOnce checks that a folder holds each copy of a space exactly once, as its
// files have it and not the journal.
func OnlyOnce(t testing.TB, s *space.Space, dir string) {
	t.Helper()
	rows := map[string]int{}
	files, err := filepath.Glob(filepath.Join(dir, results.RunsTable, "*.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		for row, err := range results.Read(f, results.RunsTable) {
			if err != nil {
				t.Fatal(err)
			}
			id := row.Text(results.IDPlace)
			rows[id]++
			who := s.Copy(row.Whole(results.CopyPlace))
			columns := row.Table().Columns
			if who.ID.String() != id || who.Seed != row.Seed(columns.Index(results.SeedColumn)) || row.Text(columns.Index(results.PrecisionColumn)) != s.File.Precision {
				t.Errorf("copy %s is written as %s", who.ID, id)
			}
			for i, c := range s.File.Kind.Parameters() {
				at := columns.Index(c.Name)
				if v := who.Parameters[i]; c.Type == results.Text && row.Text(at) != v.Text || c.Type != results.Text && row.Number(at) != v.Number {
					t.Errorf("%s of copy %s is written as %s, not %v", c.Name, id, row.Text(at), v)
				}
			}
		}
	}
	if len(rows) != s.Copies() {
		t.Errorf("%d copies are there, want %d", len(rows), s.Copies())
	}
	for id, n := range rows {
		if n != 1 {
			t.Errorf("copy %s is there %d times", id, n)
		}
	}
	for _, pattern := range []string{"*.tmp", ".*"} {
		for _, table := range store.Tables {
			if left, _ := filepath.Glob(filepath.Join(dir, table, pattern)); len(left) > 0 {
				t.Errorf("%v are left over", left)
			}
		}
	}
}

// Cancelling returns a backend that cancels its run after a number of finished copies.
func Cancelling(b train.Backend, after int, cancel func()) train.Backend {
	return &canceller{b, after, cancel}
}

type canceller struct {
	train.Backend
	after  int
	cancel func()
}

func (c *canceller) Train(ctx context.Context, job *train.Job, r train.Recorder) error {
	return c.Backend.Train(ctx, job, cancellingRecorder{r, c})
}

type cancellingRecorder struct {
	train.Recorder
	c *canceller
}

func (r cancellingRecorder) Finish(i int, end train.End) error {
	if r.c.after--; r.c.after == 0 {
		r.c.cancel()
	}
	return r.Recorder.Finish(i, end)
}

// Shard runs one shard of a space in a folder of its own.
func Shard(t *testing.T, s *space.Space, i, n int) string {
	t.Helper()
	o := Options(s, t.TempDir())
	o.Shard = space.Shard{Index: i, Count: n}
	sum := Run(t, o)
	if want := o.Shard.Of(s.Copies()); sum.Copies != want || sum.Total != want || sum.Done != want {
		t.Errorf("shard %v: %+v, want %d copies", o.Shard, sum, want)
	}
	if status, err := store.ReadStatus(o.Dir); err != nil || n > 1 && status.State != store.StateShardDone {
		t.Errorf("shard %v: status is %+v, %v", o.Shard, status, err)
	}
	return o.Dir
}

// Merge merges folders, which must end well.
func Merge(t *testing.T, out string, dirs ...string) store.MergeSummary {
	t.Helper()
	sum, err := store.Merge(context.Background(), out, dirs, nil)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}
