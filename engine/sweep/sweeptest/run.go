package sweeptest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"modspec/engine/backend"
	programs "modspec/engine/backend/reference"
	"modspec/engine/kind/linear/model"
	"modspec/engine/results"
	"modspec/engine/sweep/space"
	"modspec/engine/train"
	"modspec/engine/train/reference"
)

// Reference returns a backend that trains both kinds.
func Reference(threads int) train.Backend {
	return backend.New(programs.New(threads), model.Form{Backend: reference.New(threads)})
}

// InChunks goes through a space in chunks of n copies.
func InChunks(s *space.Space, n int) space.Chunks {
	return s.Chunks(func(*space.Group) int { return n })
}

// Provenance is that of a process that works in a folder.
func Provenance(dir string) results.Provenance {
	return results.NewProvenance("reference", "float64", []string{"modspec", "sweep", "run", "--out", filepath.Base(dir)}, time.Now())
}

// Expect fails unless err says all of want.
func Expect(t testing.TB, err error, want ...string) {
	t.Helper()
	for _, w := range want {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("error is %v, want one that says %q", err, w)
		}
	}
}

// Files returns the files of a table in a folder; there must be some.
func Files(t testing.TB, dir, table string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, table, "*.parquet"))
	if err != nil || len(list) == 0 {
		t.Fatalf("there are no files of %s: %v", table, err)
	}
	return list
}

// Toys is a sweep of networks that are trained as programs, of which one point diverges.
const Toys = `
name: toys
kind: toy
method: grid
seeds: 4
steps: 20
record: {every: 5}
precision: float64
parameters:
  hidden: {values: [2, 3]}
  lr: {values: [0.1, 1.0e20]}
  optimizer: {values: [sgd, adam]}
  data_seed: {value: 7}
`

// ReadBytes reads a file, which must be there.
func ReadBytes(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// WriteBytes writes a file.
func WriteBytes(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// RemoveFiles removes files, which must be there.
func RemoveFiles(t testing.TB, paths ...string) {
	t.Helper()
	for _, path := range paths {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}
