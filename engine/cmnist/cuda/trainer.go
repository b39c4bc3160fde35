//go:build gpu

package cuda

import (
	"context"
	"errors"
	"fmt"

	"modspec/engine/cmnist"
	"modspec/engine/cuda"
)

const unlimited = 1 << 30

// trainer trains some runs of a job on one device, group after group.
type trainer struct {
	device   *cuda.Device
	stream   *cuda.Stream
	options  Options
	kernels  kernels
	job      *cmnist.Job
	images   *images
	recorder cmnist.Recorder
}

// trainOn trains some runs of a job on a device.
func (b *Backend) trainOn(ctx context.Context, d *cuda.Device, job *cmnist.Job, runs []int, recorder cmnist.Recorder) error {
	return b.withTrainer(d, job, recorder, func(t *trainer) error { return t.train(ctx, runs, b.most) })
}

// withTrainer calls back with a trainer that has the job's images. Panics, which are
// faults of this package, come back as errors.
func (b *Backend) withTrainer(d *cuda.Device, job *cmnist.Job, recorder cmnist.Recorder, do func(t *trainer) error) error {
	return d.Do(func() (err error) {
		t := &trainer{device: d, options: b.options, job: job, recorder: recorder}
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("cuda backend, %s: %v", d.Label, r)
			}
			err = first(err, t.close())
		}()
		if t.kernels, err = loadKernels(d, b.options); err != nil {
			return err
		}
		if t.stream, err = d.NewStream(); err != nil {
			return err
		}
		if t.images, err = newImages(t.stream, job.Data); err != nil {
			return tooLarge("the images are", err)
		}
		return do(t)
	})
}

// first returns the first error that there is: what closes after a failure only fails
// again.
func first(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}

// tooLarge makes running out of memory for something that cannot be made smaller an
// error of a job that the backend cannot run.
func tooLarge(what string, err error) error {
	if !errors.Is(err, cuda.ErrOutOfMemory) {
		return err
	}
	return fmt.Errorf("%w: %s too large for the device: %w; or use fewer images or smaller networks, or the cpu backend", errors.ErrUnsupported, what, err)
}

// close gives the trainer's memory back. A broken device has lost it already.
func (t *trainer) close() error {
	if t.device.Broken() {
		return nil
	}
	var errs []error
	if t.images != nil {
		errs = append(errs, t.stream.Wait("what was begun"), t.images.release())
	}
	if t.stream != nil {
		errs = append(errs, t.stream.Destroy())
	}
	return errors.Join(errs...)
}

// train trains runs in groups of at most so many, half of them after the other where
// the device has too little memory.
func (t *trainer) train(ctx context.Context, runs []int, most int) error {
	for len(runs) > 0 {
		n := min(most, len(runs))
		g, err := t.newGroup(runs[:n])
		if errors.Is(err, cuda.ErrOutOfMemory) {
			if n == 1 {
				return tooLarge(fmt.Sprintf("run %d is", runs[0]+1), err)
			}
			most = (n + 1) / 2
			continue
		}
		if err != nil {
			return err
		}
		if err := first(g.train(ctx), g.close()); err != nil {
			return err
		}
		runs = runs[n:]
	}
	return nil
}
