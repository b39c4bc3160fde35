// Package lock lets one process at a time work in a folder of results.
package lock

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modspec/engine/regularfile"
)

// Name is the file that a process locks while it works in a folder. It stays
// there: a lock that is removed could be taken by two processes, one on the old
// file and one on the new.
const Name = "lock"

// errLocked is what lockFile returns when another process holds the lock.
var errLocked = errors.New("locked")

// Folder lets this process alone work in a folder until the lock is given
// back or the process ends, however it ends. The error for a folder in use says
// by whom.
func Folder(dir string) (release func() error, err error) {
	path := filepath.Join(dir, Name)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, fmt.Errorf("cannot write in %s: %w; choose a folder that can be written to", dir, err)
	}
	if err := lockPatiently(f); err != nil {
		f.Close()
		if errors.Is(err, errLocked) {
			return nil, fmt.Errorf("another process works in %s%s; wait for it, or stop it", dir, holder(path))
		}
		return nil, fmt.Errorf("cannot lock %s: %w; choose a folder on a file system with locks", path, err)
	}
	host, err := os.Hostname()
	if err != nil {
		host = "an unknown host"
	}
	text := fmt.Sprintf("process %d on %s since %s\n", os.Getpid(), host, time.Now().Format(time.RFC3339))
	if err := writeHolder(f, text); err != nil {
		unlockFile(f)
		return nil, fmt.Errorf("cannot write in %s: %w", dir, err)
	}
	return func() error {
		// An empty file says that nobody is at work; the lock itself is what counts.
		f.Truncate(0)
		return unlockFile(f)
	}, nil
}

// lockPatiently tries for a moment: whoever asks for a folder's status holds its
// lock for some microseconds to find out whether it is free.
func lockPatiently(f *os.File) error {
	for wait := time.Millisecond; ; wait *= 4 {
		err := lockFile(f)
		if !errors.Is(err, errLocked) || wait > 100*time.Millisecond {
			return err
		}
		time.Sleep(wait)
	}
}

func writeHolder(f *os.File, text string) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(text), 0)
	return err
}

// maxHolder bounds what a process writes into its lock, in bytes.
const maxHolder = 1 << 10

// holder returns who holds the lock, in brackets, as far as the file says.
func holder(path string) string {
	text, err := regularfile.Read(path, maxHolder)
	if err != nil || len(text) == 0 {
		return ""
	}
	return " (" + strings.TrimSpace(string(text)) + ")"
}

// InUse reports whether a process works in a folder, and which.
func InUse(dir string) (bool, string) {
	path := filepath.Join(dir, Name)
	f, _, err := regularfile.Open(path)
	if err != nil {
		return false, ""
	}
	defer f.Close()
	if err := probeFile(f); errors.Is(err, errLocked) {
		return true, strings.Trim(holder(path), " ()")
	}
	return false, ""
}
