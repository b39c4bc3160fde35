package main

import (
	"errors"
	"fmt"
	"io"
)

// output is the standard output of a command. It keeps the first error of a write, so
// that no command has to look at each of its writes, and writes nothing after it. A
// closed pipe on the real standard output ends the process by SIGPIPE before that.
type output struct {
	to  io.Writer
	err error
}

func (o *output) Write(p []byte) (n int, err error) {
	if o.err == nil {
		n, o.err = o.to.Write(p)
	}
	return n, o.err
}

// outcome joins the error of a command with that of writing its output.
func (o *output) outcome(err error) error {
	if o.err == nil {
		return err
	}
	failed := fmt.Errorf("cannot write to standard output: %w", errNo(o.err))
	if err == nil || errors.Is(err, o.err) {
		return failed
	}
	return fmt.Errorf("%w; and %w", err, failed)
}
