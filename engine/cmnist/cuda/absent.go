//go:build !gpu

package cuda

import (
	"context"
	"errors"

	"modspec/engine/cmnist"
)

var errAbsent = errors.New("this modspec was built without the CUDA engine; build it with `make gpu`")

// Backend stands for the backend that this program does not have. None is ever open.
type Backend struct{ options Options }

var _ cmnist.Backend = (*Backend)(nil)

// Open returns an error that says that the program has no CUDA engine.
func Open(o Options) (*Backend, error) {
	if _, err := o.resolved(); err != nil {
		return nil, err
	}
	return nil, errAbsent
}

// Name returns "cuda", or "cuda-tf32" where layers would multiply on tensor cores.
func (b *Backend) Name() string { return b.options.name() }

// Train returns the error of [Open].
func (b *Backend) Train(context.Context, *cmnist.Job, cmnist.Recorder) error { return errAbsent }

// Close does nothing.
func (b *Backend) Close() error { return nil }
