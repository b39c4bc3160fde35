// Command modspec trains many small modular networks and measures when their modules
// specialise. See modspec --help and the README.
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
	// The first signal cancels the context; a second Ctrl-C ends the process, also
	// while it is in code that does not check the context. A second SIGTERM does not:
	// schedulers repeat it while they wait, and send SIGKILL in the end.
	context.AfterFunc(ctx, func() { signal.Reset(os.Interrupt) })
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}
