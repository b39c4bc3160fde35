package lock

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFolderIsOfOneProcess: whoever asks is told who works there, and nobody when the
// lock is released.
func TestFolderIsOfOneProcess(t *testing.T) {
	dir := t.TempDir()
	if used, who := InUse(dir); used {
		t.Errorf("a folder without a lock is used by %q", who)
	}
	for range 2 {
		held, err := Folder(dir)
		if err != nil {
			t.Fatal(err)
		}
		host, _ := os.Hostname()
		if used, who := InUse(dir); !used || !strings.HasPrefix(who, "process ") || !strings.Contains(who, host) {
			t.Errorf("in use: %v, by %q", used, who)
		}
		if _, err := Folder(dir); err == nil || !strings.Contains(err.Error(), "another process works in "+dir+" (process ") {
			t.Errorf("the second lock: %v", err)
		}
		if err := held.Check(); err != nil {
			t.Error(err)
		}
		if err := held.Release(); err != nil {
			t.Error(err)
		}
		if used, who := InUse(dir); used {
			t.Errorf("released, it is used by %q", who)
		}
		if info, err := os.Stat(filepath.Join(dir, Name)); err != nil || info.Size() != 0 {
			t.Errorf("released, the file has %d bytes, %v", info.Size(), err)
		}
	}
}

// TestLostLockIsNoticed: another file under its name, none, or another's text in it.
func TestLostLockIsNoticed(t *testing.T) {
	for want, change := range map[string]func(path string) error{
		"removed or replaced":             os.Remove,
		"removed or replaced while":       func(path string) error { os.Remove(path); return os.WriteFile(path, nil, 0o666) },
		"another process (process 1 on x": func(path string) error { return os.WriteFile(path, []byte("\nprocess 1 on x"), 0o666) },
		"which has ended":                 func(path string) error { return os.Truncate(path, 0) },
	} {
		dir := t.TempDir()
		held, err := Folder(dir)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, Name)
		if err := change(path); err != nil {
			t.Fatal(err)
		}
		before, _ := os.ReadFile(path)
		if err := held.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error that says %q", err, want)
		}
		if err := held.Release(); err != nil {
			t.Error(err)
		}
		if after, _ := os.ReadFile(path); string(after) != string(before) {
			t.Errorf("what another process wrote is %q, and was %q", after, before)
		}
	}
	if _, err := Folder(filepath.Join(t.TempDir(), "none")); err == nil || !strings.Contains(err.Error(), "cannot write in") {
		t.Errorf("a folder that does not exist: %v", err)
	}
}

// TestLockThatCannotBeLookedAtIsNotLost: an error of the disk is no other process.
func TestLockThatCannotBeLookedAtIsNotLost(t *testing.T) {
	for name, change := range map[string]func(l *Lock) error{
		"its handle": func(l *Lock) error { return l.file.Close() },
		"its name": func(l *Lock) error {
			return errors.Join(os.Remove(l.path), os.Symlink(Name, l.path)) // a link to itself
		},
		"its text": func(l *Lock) (err error) {
			l.file.Close()
			l.file, err = os.OpenFile(l.path, os.O_WRONLY, 0)
			return err
		},
	} {
		held, err := Folder(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if err := change(held); err != nil {
			t.Skipf("%s: %v", name, err)
		}
		err = held.Check()
		if lost := new(LostError); err == nil || errors.As(err, &lost) || !strings.Contains(err.Error(), held.path) {
			t.Errorf("%s: %v, want what failed", name, err)
		}
		held.Release()
	}
}
