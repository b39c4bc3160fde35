// Package lock lets one process at a time work in a folder of results.
package lock

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"modspec/engine/regularfile"
)

// Name is the file that a process locks while it works in a folder. It stays
// there: a lock that is removed could be taken by two processes, one on the old
// file and one on the new.
const Name = "lock"

// Try takes the lock of a file if it is free. It is a variable so that a test can
// imitate a file system on which locks do nothing.
var Try = (*flock.Flock).TryLock

// A Lock is the lock of a folder, held by this process until it is released or the
// process ends, however it ends.
type Lock struct {
	path   string
	file   *os.File // kept open, so that no other file can get its number
	locked *flock.Flock
	text   string
}

// The file names its holder from this byte on. Where locks keep others from
// reading (Windows), the byte before it is the one that is locked.
const textOffset = 1

// maxText bounds what is read of a lock.
const maxText = 1 << 10

// Folder lets this process alone work in a folder. The error for a folder in use
// says by whom.
func Folder(dir string) (*Lock, error) {
	path := filepath.Join(dir, Name)
	// What is no regular file would block when it is opened or read.
	if err := regularfile.Check(path); err != nil {
		return nil, fmt.Errorf("%w; remove it, or choose another folder", err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, fmt.Errorf("cannot write in %s: %w; choose a folder that can be written to", dir, err)
	}
	if info, err := file.Stat(); err == nil && info.Size() == 0 {
		file.WriteString("\n") // what stands before the text
	}
	host, err := os.Hostname()
	if err != nil {
		host = "an unknown host"
	}
	l := &Lock{
		path: path, file: file, locked: flock.New(path, flock.SetFlag(os.O_RDWR)),
		text: fmt.Sprintf("process %d on %s since %s\n", os.Getpid(), host, time.Now().Format(time.RFC3339Nano)),
	}
	free, err := tryRepeatedly(l.locked)
	if err != nil || !free {
		file.Close()
		if err != nil {
			return nil, fmt.Errorf("cannot lock %s: %w; choose a folder on a file system with locks", path, err)
		}
		return nil, fmt.Errorf("another process works in %s%s; wait for it, or stop it", dir, holder(path))
	}
	if err := l.sign(); err != nil {
		file.Close()
		l.locked.Close()
		return nil, fmt.Errorf("cannot write in %s: %w", dir, err)
	}
	return l, nil
}

// tryRepeatedly tries for a moment: a process that reads a folder's status holds its
// lock for some microseconds to find out whether it is free.
func tryRepeatedly(f *flock.Flock) (bool, error) {
	for wait := time.Millisecond; ; wait *= 4 {
		free, err := Try(f)
		if free || err != nil || wait > 100*time.Millisecond {
			return free, err
		}
		time.Sleep(wait)
	}
}

// sign writes who holds the lock.
func (l *Lock) sign() error {
	if err := l.file.Truncate(textOffset); err != nil {
		return err
	}
	_, err := l.file.WriteAt([]byte(l.text), textOffset)
	return err
}

// A LostError is a lock that is not this process's any more.
type LostError struct{ text string }

func (e *LostError) Error() string { return e.text }

// Check returns a [LostError] if the lock is not this process's any more: the file was
// removed or replaced, or another process took the lock too, which it can where
// the file system does not lock. Any other error says that it cannot be found out.
func (l *Lock) Check() error {
	held, err := l.file.Stat()
	if err != nil {
		return fmt.Errorf("cannot look at %s: %w", l.path, err)
	}
	now, err := os.Stat(l.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot look at %s: %w", l.path, err)
	}
	if err != nil || !os.SameFile(held, now) {
		return &LostError{fmt.Sprintf("%s was removed or replaced while this process held it", l.path)}
	}
	text, err := signature(l.file)
	if err != nil {
		return fmt.Errorf("cannot read %s: %w", l.path, err)
	}
	if text != l.text {
		return &LostError{fmt.Sprintf("%s was taken by another process (%s) while this one held it: the file system does not lock", l.path, cmp.Or(strings.TrimSpace(text), "which has ended"))}
	}
	return nil
}

// Release gives the lock back.
func (l *Lock) Release() error {
	if l.Check() == nil {
		// An empty file names no process; only the lock itself is decisive.
		l.file.Truncate(0)
	}
	return errors.Join(l.file.Close(), l.locked.Close())
}

// signature returns the text in a lock that names its holder.
func signature(f io.ReaderAt) (string, error) {
	text, err := io.ReadAll(io.NewSectionReader(f, textOffset, maxText))
	return string(text), err
}

// holder returns who holds the lock, in brackets, as far as the file says.
func holder(path string) string {
	f, _, err := regularfile.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	text, _ := signature(f)
	if text = strings.TrimSpace(text); text != "" {
		return " (" + text + ")"
	}
	return ""
}

// InUse reports whether a process works in a folder, and which.
func InUse(dir string) (bool, string) {
	path := filepath.Join(dir, Name)
	// Nobody locks what is no regular file, and to open a FIFO could block.
	if _, err := os.Stat(path); err != nil || regularfile.Check(path) != nil {
		return false, ""
	}
	probe := flock.New(path, flock.SetFlag(os.O_RDONLY))
	defer probe.Close()
	if free, err := probe.TryRLock(); err == nil && !free {
		return true, strings.Trim(holder(path), " ()")
	}
	return false, ""
}
