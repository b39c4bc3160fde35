package runner_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"modspec/engine/lock"
	"modspec/engine/results"
	"modspec/engine/sweep/runner"
	"modspec/engine/sweep/runner/runtest"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/store"
	"modspec/engine/sweep/sweeptest"
)

// The names of the journal and of the first part in a folder.
const (
	journalName = "journal.jsonl"
	firstPart   = "part-000001"
)

// unlocked makes locks do nothing, as on some network file systems, until the test
// ends.
func unlocked(t *testing.T) {
	try := lock.Try
	lock.Try = func(*flock.Flock) (bool, error) { return true, nil }
	t.Cleanup(func() { lock.Try = try })
}

// interrupting returns options of a run that calls back in its middle.
func interrupting(s *space.Space, dir string, middle func()) runner.Options {
	o := runtest.Options(s, dir)
	o.Backend = runtest.Cancelling(sweeptest.Reference(1), 30, middle)
	return o
}

// TestFilesRemovedInMidRun: a run never claims success over a folder that cannot be
// read, and the same command goes on to the results of an unbroken one. Before, it
// ended with exit 0 without its journal, and with its lock removed a second process
// could work beside it.
func TestFilesRemovedInMidRun(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	want := runtest.Unbroken(t, s)
	for _, c := range []struct {
		name, says string
		change     func(path string) error
	}{
		{lock.Name, "lock was removed or replaced", os.Remove},
		{lock.Name, "was taken by another process", func(path string) error { return os.WriteFile(path, []byte("\nprocess 1"), 0o666) }},
		{journalName, "journal.jsonl was removed or replaced", os.Remove},
		{journalName, "journal.jsonl was removed or replaced", func(path string) error {
			data, err := os.ReadFile(path)
			return errors.Join(err, os.Remove(path), os.WriteFile(path, data, 0o666))
		}},
		{journalName, "bytes, but this process left it with", func(path string) error { return os.Truncate(path, 0) }},
		{filepath.Join(results.RunsTable, firstPart+".parquet"), firstPart, os.Remove},
		{filepath.Join(results.RunsTable, firstPart+".parquet"), firstPart, func(path string) error { return os.Truncate(path, 10) }},
		{results.ManifestName, "", os.Remove},
	} {
		dir := t.TempDir()
		sum, err := runner.Run(context.Background(), interrupting(s, dir, func() {
			path := filepath.Join(dir, c.name)
			for { // the first part holds 16 copies, and is on its way
				if _, err := os.Stat(path); err == nil {
					break
				}
				time.Sleep(time.Millisecond)
			}
			if err := c.change(path); err != nil {
				t.Error(err)
			}
		}))
		if c.says == "" {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		} else {
			sweeptest.Expect(t, err, dir+" was changed by something else", c.says)
			if sum != (runner.Summary{}) {
				t.Errorf("%s: %+v is claimed", c.name, sum)
			}
		}
		if c.says == firstPart {
			os.Remove(filepath.Join(dir, c.name)) // a part that was changed, only its owner may remove
		}
		runtest.Run(t, runtest.Options(s, dir))
		runtest.OnlyOnce(t, s, dir)
		if got := runtest.DigestOf(t, dir); got != want {
			t.Errorf("%s: digest is %s, want %s", c.name, got, want)
		}
	}
}

// TestLockThatDoesNotLock: of two processes in one folder none claims success over a
// folder that cannot be read. Before, both wrote into one journal, the second ended
// with exit 0, and no command could read the folder again.
func TestLockThatDoesNotLock(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	want := runtest.Unbroken(t, s)
	unlocked(t)

	// claims looks at what a process says when it ends beside another: either success,
	// over the whole results, or that it is not alone.
	claims := func(dir string, err error) {
		t.Helper()
		if err != nil {
			sweeptest.Expect(t, err, dir+" was changed by something else")
		} else if got := runtest.DigestOf(t, dir); got != want {
			t.Errorf("a process claims %s, want %s", got, want)
		}
	}

	// The second begins and ends in the middle of the first.
	dir := t.TempDir()
	sum, err := runner.Run(context.Background(), interrupting(s, dir, func() {
		_, err := runner.Run(context.Background(), runtest.Options(s, dir))
		claims(dir, err)
	}))
	sweeptest.Expect(t, err, dir+" was changed by something else")
	if sum != (runner.Summary{}) {
		t.Errorf("the first process claims %+v", sum)
	}
	runtest.Run(t, runtest.Options(s, dir))
	runtest.OnlyOnce(t, s, dir)
	if got := runtest.DigestOf(t, dir); got != want {
		t.Errorf("digest is %s, want %s", got, want)
	}

	// The first ends in the middle of the second.
	dir = t.TempDir()
	begun, goOn, ended := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		_, err := runner.Run(context.Background(), interrupting(s, dir, func() { close(begun); <-goOn }))
		ended <- err
	}()
	<-begun
	_, err = runner.Run(context.Background(), interrupting(s, dir, func() {
		close(goOn)
		sweeptest.Expect(t, <-ended, dir+" was changed by something else")
	}))
	claims(dir, err)
	runtest.Run(t, runtest.Options(s, dir))
	runtest.OnlyOnce(t, s, dir)
	if got := runtest.DigestOf(t, dir); got != want {
		t.Errorf("digest is %s, want %s", got, want)
	}
}

// TestTwoProcessesWithoutALock begin at once, with everything in any order.
func TestTwoProcessesWithoutALock(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	want := runtest.Unbroken(t, s)
	for range 2 {
		dir := t.TempDir()
		first, second := child(t, dir, childUnlocked+"=1"), child(t, dir, childUnlocked+"=1")
		restOfFirst, restOfSecond := started(t, first), started(t, second)
		said := []string{restOfFirst(-1), restOfSecond(-1)}
		told := strings.Join(said, "")
		for i, err := range []error{first.Wait(), second.Wait()} {
			if err != nil {
				// One that looked before the other came can still remove a file on its way.
				foreign := strings.Contains(said[i], dir+" was changed by something else")
				if swept := strings.Contains(said[i], ".tmp ") && strings.Contains(said[i], "no such file"); strings.Contains(said[i], "panic:") || !foreign && !swept {
					t.Errorf("a process ends with %v: %s", err, said[i])
				}
				continue
			}
			if d, err := store.Digest(dir); err != nil || d.Runs != s.Copies() {
				t.Errorf("a process claims success, and the digest is %+v, %v: %s", d, err, told)
			}
		}
		runtest.Run(t, runtest.Options(s, dir))
		runtest.OnlyOnce(t, s, dir)
		if got := runtest.DigestOf(t, dir); got != want {
			t.Errorf("digest is %s, want %s: %s", got, want, told)
		}
	}
}
