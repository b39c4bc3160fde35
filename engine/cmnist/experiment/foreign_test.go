package experiment

import (
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gofrs/flock"

	"modspec/engine/lock"
	"modspec/engine/results"
)

const changed = " was changed by something else while this process worked in it: "

// between returns the small experiment, which calls back once in the middle of its
// second run.
func between(t *testing.T, dir string, middle func()) Options {
	o := small(t, dir)
	o.Progress = func(row results.CMNISTEpoch) {
		if row.Arch == "two" && row.Epoch == 1 {
			middle()
		}
	}
	return o
}

// With its journal removed an experiment ended with exit 0 and a table, and --resume
// trained everything again.
func TestFilesRemovedInMidRun(t *testing.T) {
	unsynced(t)
	want := unbroken(t)
	for _, c := range []struct {
		name, says string
		change     func(path string) error
	}{
		{lock.Name, "lock was removed or replaced", os.Remove},
		{lock.Name, "was taken by another process", func(path string) error { return os.WriteFile(path, []byte("\nprocess 1"), 0o666) }},
		{JournalName, "journal.jsonl was removed or replaced", os.Remove},
		{JournalName, "journal.jsonl was removed or replaced", func(path string) error {
			data, err := os.ReadFile(path)
			return errors.Join(err, os.Remove(path), os.WriteFile(path, data, 0o666))
		}},
		{JournalName, "has 0 bytes, but this process left it with", func(path string) error { return os.Truncate(path, 0) }},
	} {
		for _, when := range []int{1, 3} { // an epoch follows, or only the table
			dir := t.TempDir()
			o := small(t, dir)
			o.Progress = func(row results.CMNISTEpoch) {
				if row.Arch == "two" && row.Epoch == when {
					if err := c.change(filepath.Join(dir, c.name)); err != nil {
						t.Error(err)
					}
				}
			}
			if _, err := Run(context.Background(), o); err == nil || !strings.Contains(err.Error(), dir+changed) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s, epoch %d: the error is %v, want one line with %q", c.name, when, err, c.says)
			}
			if _, err := os.Stat(filepath.Join(dir, TableName)); err == nil {
				t.Errorf("%s, epoch %d: there is a table", c.name, when)
			}
			if _, err := Run(context.Background(), small(t, dir)); err != nil {
				t.Errorf("%s, epoch %d: going on: %v", c.name, when, err)
				continue
			}
			sameResults(t, c.says, files(t, dir), want)
		}
	}
}

// A table without a journal was trained anew without a word.
func TestALostJournalIsTold(t *testing.T) {
	unsynced(t)
	want := unbroken(t)
	list := maps.Clone(want)
	delete(list, JournalName)
	got, notices, err := goOn(t, "no journal", list)
	if err != nil || len(notices) != 1 || !strings.Contains(notices[0], "holds epochs.parquet, but no journal.jsonl; everything is trained again") {
		t.Errorf("told %q, %v", notices, err)
	}
	sameResults(t, "no journal", got, want)
}

// Where locks do nothing, a process that works beside another says so and claims
// nothing, and the experiment goes on to the files of an unbroken one. Both wrote into
// one journal.
func TestLockThatDoesNotLock(t *testing.T) {
	unsynced(t)
	want := unbroken(t)
	try := lock.Try
	lock.Try = func(*flock.Flock) (bool, error) { return true, nil }
	t.Cleanup(func() { lock.Try = try })

	// The second begins and ends in the middle of the first.
	dir := t.TempDir()
	_, err := Run(context.Background(), between(t, dir, func() {
		if _, err := Run(context.Background(), small(t, dir)); err != nil {
			t.Errorf("the second: %v", err)
		}
		sameResults(t, "the second", files(t, dir), want)
	}))
	if err == nil || !strings.Contains(err.Error(), dir+changed) {
		t.Errorf("the first: %v", err)
	}
	sameResults(t, "after the first", files(t, dir), want)

	// The second removes what the first is writing.
	dir = t.TempDir()
	original, once := disk, true
	disk.writeFile = func(path string, write func(w io.Writer) error) error {
		if filepath.Base(path) != "two-0.safetensors" || !once {
			return original.writeFile(path, write)
		}
		once = false
		return results.WriteFile(path, func(w io.Writer) error {
			if _, err := Run(context.Background(), small(t, dir)); err != nil {
				t.Errorf("the second: %v", err)
			}
			return write(w)
		})
	}
	_, err = Run(context.Background(), small(t, dir))
	if err == nil || !strings.Contains(err.Error(), dir+changed) || !strings.Contains(err.Error(), "the file system does not lock") {
		t.Errorf("the first, whose file was removed: %v", err)
	}
	if _, err := Run(context.Background(), small(t, dir)); err != nil {
		t.Fatal(err)
	}
	sameResults(t, "after both", files(t, dir), want)
}
