package results

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The longest name that is allowed is written, and one more byte is not, on file
// systems whose names have 255 bytes.
func TestLongestName(t *testing.T) {
	folder := t.TempDir()
	if os.WriteFile(filepath.Join(folder, strings.Repeat("n", 256)), nil, 0o666) == nil {
		t.Skip("names may be longer than 255 bytes here")
	}
	if err := WriteFile(filepath.Join(folder, strings.Repeat("n", LongestName)), text("")); err != nil {
		t.Error(err)
	}
	if err := WriteFile(filepath.Join(folder, strings.Repeat("n", LongestName+1)), text("")); err == nil {
		t.Error("a longer name was written")
	}
}

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
