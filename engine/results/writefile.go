package results

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
)

// WriteFile makes the file at path from what write puts out, whole or not at
// all: it writes to a temporary name in the same folder, syncs, renames over
// path and syncs the folder. A reader therefore sees the old file or the new
// one, also after a power cut. When anything fails the temporary file is removed
// and path is left as it was. The folder must exist.
func WriteFile(path string, write func(io.Writer) error) error {
	return writeFile(path, os.Rename, write)
}

// CreateFile is WriteFile for a file that must not exist yet: if it does, also by
// another process's work in the meantime, it stays and the error wraps
// fs.ErrExist.
func CreateFile(path string, write func(io.Writer) error) error {
	return writeFile(path, renameNew, write)
}

// link is os.Link, except in tests of file systems without hard links.
var link = os.Link

// renameNew renames a file unless there is one of the new name. A hard link never
// replaces a file; on file systems without hard links the check and the rename are two
// steps.
func renameNew(from, to string) error {
	err := link(from, to)
	if errors.Is(err, fs.ErrExist) && sameFile(from, to) {
		err = nil // NFS: the reply was lost, and the repeated request found the link of the first
	}
	if err == nil || errors.Is(err, fs.ErrExist) {
		os.Remove(from)
		return err
	}
	if _, err := os.Lstat(to); err == nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: fs.ErrExist}
	}
	return os.Rename(from, to)
}

func sameFile(a, b string) bool {
	first, err := os.Lstat(a)
	second, err2 := os.Lstat(b)
	return err == nil && err2 == nil && os.SameFile(first, second)
}

func writeFile(path string, rename func(from, to string) error, write func(io.Writer) error) error {
	folder, name := filepath.Split(path)
	if folder == "" {
		folder = "."
	}
	f, err := createBeside(folder, name)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	// The deferred removal also runs when write panics.
	renamed := false
	defer func() {
		if !renamed {
			f.Close()
			os.Remove(f.Name())
		}
	}()

	buffered := bufio.NewWriter(f)
	if err := write(buffered); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := buffered.Flush(); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	// Closed before the rename, which Windows refuses for an open file.
	if err := f.Close(); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := rename(f.Name(), path); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	renamed = true
	if err := syncFolder(folder); err != nil {
		return fmt.Errorf("writing %s: syncing its folder: %w", path, err)
	}
	return nil
}

// createBeside opens a new file in folder under a name that nothing else has.
// os.CreateTemp is not used because its files are closed to everyone but their
// owner, and the rename would keep it so.
func createBeside(folder, name string) (*os.File, error) {
	for range 1000 {
		temporary := filepath.Join(folder, temporaryName(name, rand.Uint32()))
		f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, os.ErrExist) {
			return f, err
		}
	}
	return nil, fmt.Errorf("no free temporary name: remove old .%s.*.tmp files", name)
}

func temporaryName(name string, number uint32) string {
	return fmt.Sprintf(".%s.%08x.tmp", name, number)
}

// LongestName is the longest name of a file that [WriteFile] can write, in bytes: file
// systems have names of 255, and the temporary one is longer.
var LongestName = 255 - len(temporaryName("", 0))

var temporary = regexp.MustCompile(`^\.(.+)\.[0-9a-f]{8}\.tmp$`)

// TemporaryFor returns the name of the file that a temporary one of [WriteFile] was
// to become, or "" for the name of any other file.
func TemporaryFor(name string) string {
	if m := temporary.FindStringSubmatch(name); m != nil {
		return m[1]
	}
	return ""
}

// RemoveTemporaries removes the temporary files that a process left in a folder which
// was killed inside [WriteFile]. Only the process that alone writes there may call
// it. It has no error: a file that stays does no harm.
func RemoveTemporaries(folder string) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, e := range entries {
		if TemporaryFor(e.Name()) != "" && e.Type().IsRegular() {
			_ = os.Remove(filepath.Join(folder, e.Name()))
		}
	}
}

// syncFolder makes a rename in folder durable.
func syncFolder(folder string) error {
	if runtime.GOOS == "windows" {
		return nil // folders cannot be opened for syncing there
	}
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
