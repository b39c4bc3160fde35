//go:build unix

package serve_test

import "syscall"

func fifo(path string) error { return syscall.Mkfifo(path, 0o666) }
