package results

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// only fails unless folder holds exactly the names given.
func only(t *testing.T, folder string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(names, " ") {
		t.Errorf("the folder holds %q, want %q", got, names)
	}
}

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func TestWriteFileReplacesWhole(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "a.txt")
	for _, content := range []string{"first", "", strings.Repeat("x", 100_000)} {
		if err := WriteFile(path, text(content)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != content {
			t.Fatalf("read back %d bytes, %v; want %d", len(got), err, len(content))
		}
		only(t, folder, "a.txt")
	}
}

func TestWriteFileLeavesTheOldFileWhenWritingFails(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "a.txt")
	if err := WriteFile(path, text("old")); err != nil {
		t.Fatal(err)
	}
	full := errors.New("no room")
	err := WriteFile(path, func(w io.Writer) error {
		io.WriteString(w, strings.Repeat("half", 10_000)) // more than any buffer holds
		return full
	})
	if !errors.Is(err, full) || !strings.Contains(err.Error(), path) {
		t.Errorf("error is %v, want %v with the path", err, full)
	}
	func() {
		defer func() { recover() }()
		WriteFile(path, func(io.Writer) error { panic("in the middle") })
	}()
	if got, _ := os.ReadFile(path); string(got) != "old" {
		t.Errorf("the file holds %q, want %q", got, "old")
	}
	only(t, folder, "a.txt")
}

func TestWriteFileWhereItCannot(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := WriteFile(file, text("")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(folder, "sub"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(filepath.Join(folder, "sub", "x"), text("")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		filepath.Join(folder, "missing", "a.txt"),
		filepath.Join(file, "a.txt"), // a folder that is a regular file, unwritable even for root
		filepath.Join(folder, "sub"), // a folder that is not empty
		"",
	} {
		called := false
		err := WriteFile(path, func(io.Writer) error { called = true; return nil })
		if err == nil {
			t.Errorf("WriteFile(%q) succeeded", path)
		} else if !strings.Contains(err.Error(), path) {
			t.Errorf("WriteFile(%q): error %v does not name the path", path, err)
		}
		if strings.HasSuffix(path, "a.txt") && called {
			t.Errorf("WriteFile(%q) called write with nowhere to put it", path)
		}
	}
	if err := WriteFile(filepath.Join(folder, "missing", "a.txt"), text("")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error for a missing folder is %v, want one that wraps fs.ErrNotExist", err)
	}
	only(t, folder, "file", "sub")
}

// TestCreateFileReplacesNothing, also where the name is taken while it writes.
func TestCreateFileReplacesNothing(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "a.txt")
	if err := CreateFile(path, text("first")); err != nil {
		t.Fatal(err)
	}
	if err := CreateFile(path, text("second")); !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("error is %v, want %v with the path", err, fs.ErrExist)
	}
	other := filepath.Join(folder, "b.txt")
	err := CreateFile(other, func(io.Writer) error { return os.WriteFile(other, []byte("theirs"), 0o666) })
	if !errors.Is(err, fs.ErrExist) {
		t.Errorf("error is %v, want %v", err, fs.ErrExist)
	}
	for path, want := range map[string]string{path: "first", other: "theirs"} {
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s holds %q, %v, want %q", path, got, err, want)
		}
	}
	only(t, folder, "a.txt", "b.txt")
}

// TestCreateFileOnOtherFileSystems: on those that give no second names it replaces
// nothing either, and an answer of NFS that says that the name is taken, by this very
// file, is a success.
func TestCreateFileOnOtherFileSystems(t *testing.T) {
	defer func() { link = os.Link }()
	for name, other := range map[string]func(from, to string) error{
		"no second names": func(from, to string) error {
			return &os.LinkError{Op: "link", Old: from, New: to, Err: errors.ErrUnsupported}
		},
		"answered twice": func(from, to string) error {
			os.Link(from, to)
			return os.Link(from, to)
		},
	} {
		link = other
		folder := t.TempDir()
		path := filepath.Join(folder, "a.txt")
		if err := CreateFile(path, text("first")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := CreateFile(path, text("second")); !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error is %v, want %v with the path", name, err, fs.ErrExist)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != "first" {
			t.Errorf("%s: %s holds %q, %v, want %q", name, path, got, err, "first")
		}
		only(t, folder, "a.txt")
	}
}

func TestTemporaryNames(t *testing.T) {
	f, err := createBeside(t.TempDir(), "a.b.png")
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	for name, want := range map[string]string{
		filepath.Base(f.Name()): "a.b.png", ".x.0123abcd.tmp": "x",
		"x.0123abcd.tmp": "", ".x.0123abc.tmp": "", ".x.0123ABCD.tmp": "", ".0123abcd.tmp": "", ".x.0123abcd.tmp~": "", "": "",
	} {
		if got := TemporaryFor(name); got != want {
			t.Errorf("TemporaryFor(%q) = %q, want %q", name, got, want)
		}
	}
}
