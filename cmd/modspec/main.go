// Command modspec trains many small modular networks and asks when their modules
// specialise. See modspec --help, and the README for a first evening.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"modspec/engine/machine"
)

func main() {
	machine.LimitProcessors()
	// Signals stay caught to the very end: one that came between here and there would
	// end the process with another exit code than its own.
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks for an orderly end; a second Ctrl-C ends the process,
	// also where it is at work on something that does not look at the context.
	// SIGTERM comes from schedulers, who repeat it while they wait for the end that
	// they asked for, and have SIGKILL for when they no longer do.
	context.AfterFunc(ctx, func() { signal.Reset(os.Interrupt) })
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}
