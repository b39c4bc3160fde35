//go:build !gpu

package cuda

import (
	"context"
	"errors"

	"modspec/engine/cmnist"
)

var errAbsent = errors.New("this modspec was built without the CUDA engine; build it with `make gpu`")

// Backend stands for the backend that this program does not have. None is ever open.
type Backend struct{}

var _ cmnist.Backend = (*Backend)(nil)

// Open returns an error that says that the program has no CUDA engine.
func Open(o Options) (*Backend, error) {
	if _, err := o.resolved(); err != nil {
		return nil, err
	}
	return nil, errAbsent
}

// Name returns "cuda".
func (b *Backend) Name() string { return "cuda" }

// Train returns the error of [Open].
func (b *Backend) Train(context.Context, *cmnist.Job, cmnist.Recorder) error { return errAbsent }

// Close does nothing.
func (b *Backend) Close() error { return nil }
