//go:build unix

package experiment_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"modspec/engine/cmnist/experiment"
)

// A pipe in place of a file of the folder was opened and waited for, whatever signals
// came.
func TestPipesInTheFolderAreRefused(t *testing.T) {
	for _, name := range []string{"lock", experiment.ConfigName, experiment.JournalName, "checkpoints/one-1.safetensors", "weights/linear-0.safetensors"} {
		for _, resume := range []bool{false, true} {
			dir := t.TempDir()
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := syscall.Mkfifo(path, 0o666); err != nil {
				t.Fatal(err)
			}
			o := options(t, dir)
			o.Resume, o.SaveWeights = resume, true
			var mismatch *experiment.MismatchError
			if _, err := experiment.Run(context.Background(), o); !errors.As(err, &mismatch) || !strings.Contains(err.Error(), path+" is a FIFO, but must be a regular file") {
				t.Errorf("%s, resumed %v: the error is %v, want that it must be a regular file", name, resume, err)
			}
		}
	}
}
