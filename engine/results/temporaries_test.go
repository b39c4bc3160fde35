package results

import (
	"os"
	"path/filepath"
	"testing"
)

// What a kill inside WriteFile leaves goes; everything else stays, names that only
// look alike among it.
func TestRemoveTemporaries(t *testing.T) {
	folder := t.TempDir()
	f, err := createBeside(folder, "a.txt")
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	for _, name := range []string{"a.txt", "b.tmp", ".hidden.tmp", ".a.txt.1234567.tmp", ".a.txt.1234567G.tmp"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(folder, ".sub.00000000.tmp"), 0o777); err != nil {
		t.Fatal(err)
	}
	RemoveTemporaries(folder)
	only(t, folder, ".a.txt.1234567.tmp", ".a.txt.1234567G.tmp", ".hidden.tmp", ".sub.00000000.tmp", "a.txt", "b.tmp")
	RemoveTemporaries(filepath.Join(folder, "missing"))
}
