package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modspec/engine/program"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/store"
	"modspec/engine/sweep/sweeptest"
	"modspec/engine/train"
)

// TestCheckpointFiles: a run is in the file in which it was kept last; a file without runs
// is removed, and a large one is split; what is read is what was written.
func TestCheckpointFiles(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Toys)
	o := store.Options{
		Dir: t.TempDir(), Sweep: store.SweepOf(s, true), Provenance: sweeptest.Provenance("out"), Copy: s.Copy,
		Notice: func(text string) { t.Error(text) },
	}
	f, err := store.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	training := &program.Training{Variables: []program.VariableInfo{{Name: "b", Shape: []int{2}}, {Name: "a", Shape: nil}, {Name: "none", Shape: []int{0, 3}}}}
	at := func(step int, numbers ...int) (list []Run) {
		for _, n := range numbers {
			x := float64(step*100 + n)
			c := &train.Checkpoint{Checkpoint: program.Checkpoint{Step: step, Variables: [][]float64{{x, -x / 3}, {1 / x}, {}}}}
			for range step / 2 {
				c.Observed = append(c.Observed, []float64{x, x + 1, x + 2})
			}
			list = append(list, Run{n, s.Copy(n).ID, c})
		}
		return list
	}
	c := New(f, &o.Sweep, &o.Provenance)
	check := func(numbers ...int) {
		t.Helper()
		entries, err := os.ReadDir(c.path(""))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		var names, want []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		for _, n := range numbers {
			want = append(want, fileName(n))
		}
		if !slices.Equal(names, want) {
			t.Errorf("the files are %v, want %v", names, want)
		}
	}
	keep := func(list []Run) {
		t.Helper()
		if err := c.Keep(training, list); err != nil {
			t.Fatal(err)
		}
	}
	keep(at(1, 3, 4, 5))
	check(1)
	keep(at(2, 3, 5))
	check(1, 2)
	c.Drop(4)
	check(2)
	c.bytes = 1
	keep(at(5, 5, 6))
	check(2, 3, 4)
	// Another process reads what this one left.
	for _, shard := range []space.Shard{{}, {Index: 2, Count: 2}} {
		again := New(f, &o.Sweep, &o.Provenance)
		got := again.Load(shard.Has)
		for _, want := range slices.Concat(at(2, 3), at(5, 5, 6)) {
			r, ok := got[want.Number]
			if ok != shard.Has(want.Number) || ok && (r.ID != want.ID || fmt.Sprint(*r.Checkpoint) != fmt.Sprint(*want.Checkpoint)) {
				t.Errorf("of shard %s copy %d is read as %+v, want %+v", shard, want.Number, r.Checkpoint, want.Checkpoint)
			}
		}
		check(2, 3, 4)
	}
	again := New(f, &o.Sweep, &o.Provenance)
	again.Load(space.Shard{}.Has)
	if err := again.Keep(training, at(6, 5)); err != nil {
		t.Fatal(err)
	}
	check(2, 4, 5)
	// Whoever says anything else of itself begins at none.
	for i, text := range again.identity {
		other := New(f, &o.Sweep, &o.Provenance)
		other.identity[i][1] = "other"
		if _, err := other.read(fileName(4)); err == nil || !strings.Contains(err.Error(), "its "+text[0]+" is ") {
			t.Errorf("with another %s the error is %v", text[0], err)
		}
	}
	for _, n := range []int{3, 6, 5} {
		again.Drop(n)
	}
	check()
	again.Close()
	if _, err := os.Lstat(filepath.Join(o.Dir, folderName)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the empty folder stays: %v", err)
	}
}
