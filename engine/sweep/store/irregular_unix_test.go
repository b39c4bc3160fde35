//go:build unix

package store_test

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"modspec/engine/lock"
	"modspec/engine/results"
	"modspec/engine/sweep/runner"
	"modspec/engine/sweep/runner/runtest"
	"modspec/engine/sweep/store"
	"modspec/engine/sweep/sweeptest"
)

// TestIrregularFilesAreRefused in place of a folder's own, and none is waited for or
// read without end.
func TestIrregularFilesAreRefused(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	for _, name := range []string{store.JournalName, results.ManifestName, lock.Name, filepath.Join(results.RunsTable, store.PartName(1)+".parquet")} {
		o := runtest.Options(s, t.TempDir())
		runtest.Run(t, o)
		path := filepath.Join(o.Dir, name)
		sweeptest.RemoveFiles(t, path)
		if err := syscall.Mkfifo(path, 0o666); err != nil {
			t.Skipf("a FIFO cannot be made here: %v", err)
		}
		store.ReadStatus(o.Dir)
		store.Digest(o.Dir)
		if _, err := runner.Run(context.Background(), o); name != results.ManifestName {
			sweeptest.Expect(t, err, "regular file")
		} else if err != nil {
			t.Errorf("a manifest that is a FIFO is not mended: %v", err)
		}
	}
	o := runtest.Options(s, t.TempDir())
	runtest.Run(t, o)
	if err := os.Truncate(filepath.Join(o.Dir, store.JournalName), 200<<30); err != nil {
		t.Skipf("a file with holes cannot be made here: %v", err)
	}
	_, err := store.ReadJournal(o.Dir)
	sweeptest.Expect(t, err, "longer than")
	if sum := runtest.Run(t, o); sum.Copies != 0 {
		t.Errorf("%+v", sum)
	}
}
