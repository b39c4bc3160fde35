//go:build gpu

package cuda

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"modspec/engine/cmnist"
	"modspec/engine/cuda"
)

// Backend trains runs on one GPU or several. Jobs are trained one after the other.
type Backend struct {
	options Options
	devices []*cuda.Device
	most    int // runs in a group; tests lower it, and no number that comes out may change
	mu      sync.Mutex
}

var _ cmnist.Backend = (*Backend)(nil)

// Open returns a backend on the devices that the options name. Its error says in one
// line what is missing and what to do: a driver, a newer driver, a device, a device
// that is free, or device code for it.
func Open(o Options) (*Backend, error) {
	o, err := o.resolved()
	if err != nil {
		return nil, err
	}
	if _, err := cuda.DriverVersion(); err != nil {
		return nil, err
	}
	b := &Backend{options: o, most: unlimited}
	for _, number := range o.Devices {
		d, err := cuda.Open(number)
		if err == nil {
			b.devices = append(b.devices, d)
			// An image that the device does not take should be known before the first job.
			err = d.Do(func() error {
				_, err := loadKernels(d, o)
				return err
			})
		}
		if err != nil {
			return nil, errors.Join(err, b.Close())
		}
	}
	return b, nil
}

// Name returns "cuda", or "cuda-tf32" where layers multiply on tensor cores.
func (b *Backend) Name() string { return b.options.name() }

// Close gives the devices back.
func (b *Backend) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var errs []error
	for _, d := range b.devices {
		errs = append(errs, d.Close())
	}
	b.devices = nil
	return errors.Join(errs...)
}

// Train implements cmnist.Backend. It trains every job that package reference trains
// and a device has room for one run of.
func (b *Backend) Train(ctx context.Context, job *cmnist.Job, recorder cmnist.Recorder) error {
	if err := job.Check(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.devices) == 0 {
		return errors.New("the cuda backend is closed; open it again")
	}
	for _, d := range b.devices {
		if d.Broken() {
			return fmt.Errorf("%s failed in a job before and cannot be used any more; start the program again", d.Label)
		}
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	shared := cmnist.Share(recorder)
	var wait sync.WaitGroup
	for i, d := range b.devices {
		// Neighbouring runs are of one network as a rule: each device has its share of all.
		var mine []int
		for run := i; run < len(job.Runs); run += len(b.devices) {
			mine = append(mine, run)
		}
		if len(mine) == 0 {
			continue
		}
		wait.Go(func() {
			if err := b.trainOn(ctx, d, job, mine, shared); err != nil {
				stop(err)
			}
		})
	}
	wait.Wait()
	return context.Cause(ctx)
}
