//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package lock

import (
	"errors"
	"os"
	"syscall"
)

// lockFile takes the advisory lock of an open file, which the system gives back
// when the process ends, so that none is left behind by a process that was
// killed.
func lockFile(f *os.File) error { return flock(f, syscall.LOCK_EX) }

// probeFile returns errLocked if another process holds the lock.
func probeFile(f *os.File) error {
	if err := flock(f, syscall.LOCK_SH); err != nil {
		return err
	}
	return syscall.Flock(int(f.Fd()), syscall.LOCK_UN)
}

func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errLocked
		default:
			return err
		}
	}
}

// unlockFile gives the lock back, by closing the file.
func unlockFile(f *os.File) error { return f.Close() }
