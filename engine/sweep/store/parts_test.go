package store_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"modspec/engine/sweep/runner"
	"modspec/engine/sweep/runner/runtest"
	"modspec/engine/sweep/store"
	"modspec/engine/sweep/sweeptest"
)

// TestChangedPartsAreNoticed: by the next run, by the digest and by whatever else
// reads them; the message names the file, and what is good stays. Deleting the
// file is the way out.
func TestChangedPartsAreNoticed(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	want := runtest.Unbroken(t, s)
	for name, change := range map[string]func([]byte) []byte{
		"cut short":    func(b []byte) []byte { return b[:len(b)/2] },
		"empty":        func(b []byte) []byte { return nil },
		"flipped byte": func(b []byte) []byte { b[len(b)/3] ^= 4; return b },
		"longer":       func(b []byte) []byte { return append(b, 0) },
	} {
		for _, table := range store.Tables {
			o := runtest.Options(s, t.TempDir())
			runtest.Run(t, o)
			path := sweeptest.Files(t, o.Dir, table)[1]
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, change(data), 0o666); err != nil {
				t.Fatal(err)
			}
			_, err = runner.Run(context.Background(), o)
			sweeptest.Expect(t, err, path, "was changed after it was written", "delete it")
			_, err = store.Digest(o.Dir)
			sweeptest.Expect(t, err, path)
			sweeptest.Expect(t, store.ExportCSV(context.Background(), o.Dir, table, sweeptest.Kinds, io.Discard), path)
			_, err = store.Merge(context.Background(), t.TempDir(), []string{o.Dir}, nil)
			sweeptest.Expect(t, err, path)
			if status, err := store.ReadStatus(o.Dir); err != nil || name != "flipped byte" && len(status.Problems) != 1 {
				t.Errorf("%s of %s: status is %+v, %v", name, table, status, err)
			}

			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			var notices []string
			o.Notice = func(text string) { notices = append(notices, text) }
			sum := runtest.Run(t, o)
			if sum.Copies != 16 || len(notices) < 1 || !strings.Contains(notices[0], path) {
				t.Errorf("%s of %s: after deleting it %+v, %q", name, table, sum, notices)
			}
			runtest.OnlyOnce(t, s, o.Dir)
			if got := runtest.DigestOf(t, o.Dir); got != want {
				t.Errorf("%s of %s: digest is %s, want %s", name, table, got, want)
			}
		}
	}
}

// TestStraysAreRemoved and files of other names are left alone.
func TestStraysAreRemoved(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	o := runtest.Options(s, t.TempDir())
	runtest.Run(t, o)
	put := func(table, name string) string {
		path := filepath.Join(o.Dir, table, name)
		if err := os.WriteFile(path, []byte("left"), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	strayPaths := []string{
		put("runs", "part-000099.parquet"), put("trajectories", "part-000099.parquet"),
		put("runs", ".part-000100.parquet.0123abcd.tmp"),
	}
	foreign := []string{put("runs", "notes.txt"), put("runs", "part-1.parquet"), put("runs", "part-000099.csv")}
	if status, err := store.ReadStatus(o.Dir); err != nil || len(status.Problems) != len(strayPaths) {
		t.Errorf("status is %+v, %v", status, err)
	}
	runtest.Run(t, o)
	for _, path := range strayPaths {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there", path)
		}
	}
	for _, path := range foreign {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s was removed", path)
		}
	}
}

// TestTakenPartNamesArePassedOver: what stands under the name of a part, and is no file
// that a run may remove, ends no run. Before, every run ended at it, for ever, with the
// reason that another process works in the folder.
func TestTakenPartNamesArePassedOver(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	want := runtest.Unbroken(t, s)
	for _, table := range store.Tables {
		o := runtest.Options(s, t.TempDir())
		taken := store.PartPath(o.Dir, table, store.PartName(2))
		if err := os.MkdirAll(taken, 0o777); err != nil {
			t.Fatal(err)
		}
		link := store.PartPath(o.Dir, table, store.PartName(3))
		if err := os.Symlink("nothing", link); err != nil {
			t.Logf("a link cannot be made here: %v", err)
		}
		runtest.Run(t, o)
		for path, number := range map[string]int{taken: 2, link: 3} {
			if _, err := os.Lstat(path); err != nil && number == 2 {
				t.Error(err)
			}
			if _, err := os.Stat(store.PartPath(o.Dir, table, store.PartName(number+2))); err != nil {
				t.Error(err)
			}
		}
		if got := runtest.DigestOf(t, o.Dir); got != want {
			t.Errorf("digest is %s, want %s", got, want)
		}
		out := t.TempDir()
		if err := os.MkdirAll(store.PartPath(out, table, store.PartName(1)), 0o777); err != nil {
			t.Fatal(err)
		}
		runtest.Merge(t, out, o.Dir)
		if got := runtest.DigestOf(t, out); got != want {
			t.Errorf("merged, the digest is %s, want %s", got, want)
		}
	}
}
