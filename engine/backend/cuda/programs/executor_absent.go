//go:build !gpu

package programs

import (
	"context"
	"errors"

	"modspec/engine/backend"
	"modspec/engine/program"
)

var errAbsent = errors.New("this modspec was built without the CUDA engine; build it with `make gpu`")

// Executor stands for the executor that this program does not have. None is ever open.
type Executor struct{ options Options }

var _ backend.Executor = (*Executor)(nil)

// Open returns an error that says that the program has no CUDA engine.
func Open(_ []int, o Options) (*Executor, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	return nil, errAbsent
}

// Train returns the error of [Open].
func (e *Executor) Train(context.Context, *program.Training, []program.Run, int, []int, backend.Sink) error {
	return errAbsent
}

// Close does nothing.
func (e *Executor) Close() error { return nil }
