//go:build unix

package regularfile

import "syscall"

// withoutWaiting opens a FIFO without waiting for a writer. It changes nothing for
// regular files.
const withoutWaiting = syscall.O_NONBLOCK
