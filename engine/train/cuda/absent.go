//go:build !gpu

package cuda

import (
	"context"
	"errors"

	"modspec/engine/kind/linear"
)

var errAbsent = errors.New("this modspec was built without the CUDA engine; build it with `make gpu`")

// Backend stands for the backend that this program does not have. None is ever open.
type Backend struct{ precision Precision }

var _ linear.Backend = (*Backend)(nil)

// Open returns an error that says that the program has no CUDA engine.
func Open(o Options) (*Backend, error) {
	if _, err := o.resolved(); err != nil {
		return nil, err
	}
	return nil, errAbsent
}

// Devices reports that the program has no CUDA engine.
func Devices() Report { return Report{Problem: errAbsent} }

// Name returns "cuda".
func (b *Backend) Name() string { return "cuda" }

// Precision returns the precision that the backend trains in.
func (b *Backend) Precision() Precision { return b.precision }

// Devices describes the devices that the backend trains on.
func (b *Backend) Devices() []DeviceReport { return nil }

// Train returns the error of [Open].
func (b *Backend) Train(context.Context, *linear.Job, linear.Recorder) error { return errAbsent }

// Close does nothing.
func (b *Backend) Close() error { return nil }
