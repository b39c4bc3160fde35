//go:build unix

package sweep

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"modspec/engine/lock"
	"modspec/engine/results"
)

// TestIrregularFilesAreRefused in place of a folder's own, and none is waited for or
// read without end.
func TestIrregularFilesAreRefused(t *testing.T) {
	s := enumerated(t, small)
	for _, name := range []string{journalName, results.ManifestName, lock.Name, filepath.Join(results.RunsTable, partName(1)+".parquet")} {
		o := options(s, t.TempDir())
		run(t, o)
		path := filepath.Join(o.Dir, name)
		removeFiles(t, path)
		if err := syscall.Mkfifo(path, 0o666); err != nil {
			t.Skipf("a FIFO cannot be made here: %v", err)
		}
		ReadStatus(o.Dir)
		Digest(o.Dir)
		if _, err := Run(context.Background(), o); name != results.ManifestName {
			expect(t, err, "regular file")
		} else if err != nil {
			t.Errorf("a manifest that is a FIFO is not mended: %v", err)
		}
	}
	o := options(s, t.TempDir())
	run(t, o)
	if err := os.Truncate(filepath.Join(o.Dir, journalName), 200<<30); err != nil {
		t.Skipf("a file with holes cannot be made here: %v", err)
	}
	_, err := readJournal(o.Dir)
	expect(t, err, "longer than")
	if sum := run(t, o); sum.Copies != 0 {
		t.Errorf("%+v", sum)
	}
}
