//go:build !linux

package compare

import "os/exec"

// startPinned starts a command. Which CPUs it has is Linux's to say; elsewhere only
// the variables for threads limit it.
func startPinned(command *exec.Cmd, _ int) error { return command.Start() }

// peakOf is not known here.
func peakOf(int) uint64 { return 0 }
