//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package lock

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// lockFile takes the lock where the system has no advisory locks: the lock is a
// second file, which names its process. One whose process has ended, or that
// another host left behind and nobody answers for, is taken over only if the
// process was on this host.
func lockFile(f *os.File) error {
	for range 2 {
		held, err := os.OpenFile(heldName(f), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err == nil {
			host, _ := os.Hostname()
			fmt.Fprintf(held, "%d %s", os.Getpid(), host)
			return held.Close()
		}
		if !errors.Is(err, os.ErrExist) {
			return err
		}
		if !abandoned(heldName(f)) {
			return errLocked
		}
		if err := os.Remove(heldName(f)); err != nil {
			return errLocked
		}
	}
	return errLocked
}

// probeFile returns errLocked if another process holds the lock.
func probeFile(f *os.File) error {
	if _, err := os.Stat(heldName(f)); err == nil && !abandoned(heldName(f)) {
		return errLocked
	}
	return nil
}

// abandoned reports whether the process that a lock names has ended.
func abandoned(path string) bool {
	text, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	var pid int
	var host string
	if n, _ := fmt.Sscan(strings.TrimSpace(string(text)), &pid, &host); n < 1 {
		return false
	}
	if here, _ := os.Hostname(); host != here {
		return false
	}
	// Where there are no advisory locks (Windows), this opens the process.
	p, err := os.FindProcess(pid)
	if err != nil {
		return true
	}
	p.Release()
	return false
}

// unlockFile gives the lock back.
func unlockFile(f *os.File) error {
	name := heldName(f)
	f.Close()
	return os.Remove(name)
}

func heldName(f *os.File) string { return f.Name() + ".held" }
