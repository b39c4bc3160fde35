package sweep

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestChangedPartsAreNoticed: by the next run, by the digest and by whatever else
// reads them; the message names the file, and what is good stays. Deleting the
// file is the way out.
func TestChangedPartsAreNoticed(t *testing.T) {
	s := enumerated(t, small)
	want := unbroken(t, s)
	for name, change := range map[string]func([]byte) []byte{
		"cut short":    func(b []byte) []byte { return b[:len(b)/2] },
		"empty":        func(b []byte) []byte { return nil },
		"flipped byte": func(b []byte) []byte { b[len(b)/3] ^= 4; return b },
		"longer":       func(b []byte) []byte { return append(b, 0) },
	} {
		for _, table := range Tables {
			o := options(s, t.TempDir())
			run(t, o)
			path := files(t, o.Dir, table)[1]
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, change(data), 0o666); err != nil {
				t.Fatal(err)
			}
			_, err = Run(context.Background(), o)
			expect(t, err, path, "was changed after it was written", "delete it")
			_, err = Digest(o.Dir)
			expect(t, err, path)
			expect(t, ExportCSV(context.Background(), o.Dir, table, Kinds, io.Discard), path)
			_, err = Merge(context.Background(), t.TempDir(), []string{o.Dir}, nil)
			expect(t, err, path)
			if status, err := ReadStatus(o.Dir); err != nil || name != "flipped byte" && len(status.Problems) != 1 {
				t.Errorf("%s of %s: status is %+v, %v", name, table, status, err)
			}

			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			var notices []string
			o.Notice = func(text string) { notices = append(notices, text) }
			sum := run(t, o)
			if sum.Copies != 16 || len(notices) < 1 || !strings.Contains(notices[0], path) {
				t.Errorf("%s of %s: after deleting it %+v, %q", name, table, sum, notices)
			}
			onlyOnce(t, s, o.Dir)
			if got := digest(t, o.Dir); got != want {
				t.Errorf("%s of %s: digest is %s, want %s", name, table, got, want)
			}
		}
	}
}

// TestStraysAreRemoved and files of other names are left alone.
func TestStraysAreRemoved(t *testing.T) {
	s := enumerated(t, small)
	o := options(s, t.TempDir())
	run(t, o)
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
	if status, err := ReadStatus(o.Dir); err != nil || len(status.Problems) != len(strayPaths) {
		t.Errorf("status is %+v, %v", status, err)
	}
	run(t, o)
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

func TestPartNames(t *testing.T) {
	for name, want := range map[string]int{
		"part-000001": 1, "part-1234567": 1234567, "part-1": 0, "part-000000": 0, "part-+00001": 0, "part-000001x": 0, "": 0, "part--00001": 0,
	} {
		if got, ok := partNumber(name); got != want || ok != (want > 0) {
			t.Errorf("partNumber(%q) = %d, %v, want %d", name, got, ok, want)
		}
	}
}

// TestTakenPartNamesArePassedOver: what stands under the name of a part, and is no file
// that a run may remove, ends no run. Before, every run ended at it, for ever, with the
// reason that another process works in the folder.
func TestTakenPartNamesArePassedOver(t *testing.T) {
	s := enumerated(t, small)
	want := unbroken(t, s)
	for _, table := range Tables {
		o := options(s, t.TempDir())
		taken := partPath(o.Dir, table, partName(2))
		if err := os.MkdirAll(taken, 0o777); err != nil {
			t.Fatal(err)
		}
		link := partPath(o.Dir, table, partName(3))
		if err := os.Symlink("nothing", link); err != nil {
			t.Logf("a link cannot be made here: %v", err)
		}
		run(t, o)
		for path, number := range map[string]int{taken: 2, link: 3} {
			if _, err := os.Lstat(path); err != nil && number == 2 {
				t.Error(err)
			}
			if _, err := os.Stat(partPath(o.Dir, table, partName(number+2))); err != nil {
				t.Error(err)
			}
		}
		if got := digest(t, o.Dir); got != want {
			t.Errorf("digest is %s, want %s", got, want)
		}
		out := t.TempDir()
		if err := os.MkdirAll(partPath(out, table, partName(1)), 0o777); err != nil {
			t.Fatal(err)
		}
		merge(t, out, o.Dir)
		if got := digest(t, out); got != want {
			t.Errorf("merged, the digest is %s, want %s", got, want)
		}
	}
}
