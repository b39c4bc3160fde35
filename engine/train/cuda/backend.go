//go:build gpu

package cuda

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"modspec/engine/cuda"
	"modspec/engine/kind/linear"
	"modspec/engine/train"
	"modspec/engine/train/cuda/large"
	"modspec/kernels"
)

// Backend trains copies on one GPU or several. Jobs are trained one after the other.
type Backend struct {
	precision Precision
	devices   []*cuda.Device
	workers   [][]*worker // of each device
	planner   planner
	most      limits
	mu        sync.Mutex
}

var _ linear.Backend = (*Backend)(nil)

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
	b := &Backend{precision: o.Precision, most: limits{unlimited, unlimited, unlimited}}
	b.planner = planner{precision: o.Precision, sharedOptIn: unlimited}
	if b.planner.kernels, err = kernels.Kernels(); err != nil {
		return nil, err
	}
	for _, number := range o.Devices {
		d, err := cuda.Open(number)
		if err == nil {
			b.devices = append(b.devices, d)
			b.planner.sharedOptIn = min(b.planner.sharedOptIn, d.SharedOptIn)
			// An image that the device does not take should be known before the first job.
			err = d.Do(func() error {
				_, err := d.Function("init" + o.Precision.suffix())
				return err
			})
		}
		if err != nil {
			return nil, errors.Join(err, b.Close())
		}
	}
	return b, nil
}

// Name returns "cuda".
func (b *Backend) Name() string { return "cuda" }

// Precision returns the precision that the backend trains in.
func (b *Backend) Precision() Precision { return b.precision }

// Devices describes the devices that the backend trains on.
func (b *Backend) Devices() []DeviceReport {
	var list []DeviceReport
	for _, d := range b.devices {
		list = append(list, reportOf(d))
	}
	return list
}

// Close releases the devices.
func (b *Backend) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var errs []error
	for i, d := range b.devices {
		if i < len(b.workers) {
			for _, w := range b.workers[i] {
				errs = append(errs, w.close())
			}
		}
		errs = append(errs, d.Close())
	}
	b.devices, b.workers = nil, nil
	return errors.Join(errs...)
}

// Train implements linear.Backend.
func (b *Backend) Train(ctx context.Context, job *linear.Job, recorder linear.Recorder) error {
	if err := job.Check(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.devices) == 0 {
		return errors.New("the cuda backend is closed; open it again")
	}
	if d := b.broken(); d != nil {
		return train.Lost(fmt.Errorf("%s failed in a job before and cannot be used any more; start the program again", d.Label))
	}
	report := newReporter(recorder)
	p, err := b.planner.plan(ctx, job, report)
	if err == nil {
		err = b.trainFused(ctx, job, p.cohorts, report)
	}
	if err == nil {
		err = b.trainLarge(ctx, job, p.large, report)
	}
	if err != nil && b.broken() != nil {
		return train.Lost(err)
	}
	return err
}

// broken returns a device that cannot be used any more, or nil.
func (b *Backend) broken() *cuda.Device {
	for _, d := range b.devices {
		if d.Broken() {
			return d
		}
	}
	return nil
}

// together runs some functions at once; the first that fails cancels the others, and
// its error is returned.
func together(ctx context.Context, work []func(ctx context.Context) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var wait sync.WaitGroup
	for _, f := range work {
		wait.Go(func() {
			if err := f(ctx); err != nil {
				stop(err)
			}
		})
	}
	wait.Wait()
	return context.Cause(ctx)
}

// ready returns the workers of all devices, ready for a job.
func (b *Backend) ready() (all []*worker, err error) {
	for i, d := range b.devices {
		if len(b.workers) == i {
			b.workers = append(b.workers, nil)
		}
		for len(b.workers[i]) < workersOfDevice {
			w, err := newWorker(d, b.precision)
			if err != nil {
				return nil, err
			}
			b.workers[i] = append(b.workers[i], w)
		}
		if err := share(d, b.workers[i], b.most); err != nil {
			return nil, err
		}
		all = append(all, b.workers[i]...)
	}
	return all, nil
}

// trainFused trains copies whose modules fit the fused kernels.
func (b *Backend) trainFused(ctx context.Context, job *linear.Job, cohorts []*cohort, report *reporter) error {
	if len(cohorts) == 0 {
		return nil
	}
	workers, err := b.ready()
	if err != nil {
		return err
	}
	q := &queue{cohorts: cohorts, workers: len(workers)}
	var work []func(context.Context) error
	for _, w := range workers {
		work = append(work, func(ctx context.Context) error { return w.work(ctx, job, q, report) })
	}
	return together(ctx, work)
}

// trainLarge trains copies that take the large path, a part of them on each device.
func (b *Backend) trainLarge(ctx context.Context, job *linear.Job, copies []int, report *reporter) error {
	if len(copies) == 0 {
		return nil
	}
	for i := range b.workers {
		if err := releaseMemory(b.devices[i], b.workers[i]); err != nil {
			return err
		}
	}
	each := cuda.CeilDiv(len(copies), len(b.devices))
	var work []func(context.Context) error
	for _, d := range b.devices {
		mine := copies[:min(each, len(copies))]
		copies = copies[len(mine):]
		if len(mine) > 0 {
			work = append(work, func(ctx context.Context) error {
				return large.Train(ctx, d, b.precision.size(), job, mine, report.plain())
			})
		}
	}
	return together(ctx, work)
}
