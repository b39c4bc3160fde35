//go:build unix

package regularfile

import "syscall"

func fifo(path string) error { return syscall.Mkfifo(path, 0o666) }
