package cpu

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"modspec/engine/cmnist"
	"modspec/engine/train/cpu/asm"
)

// Options choose how a backend works. The zero Options stand for all CPUs and the
// fastest kernels.
type Options struct {
	Threads int    // goroutines that train; 0 means one for each CPU
	Kernels string // "avx512", "avx2" or "go"; "" means the fastest that the processor has
}

// Backend trains on the CPU. It is safe for use by several goroutines.
type Backend struct {
	threads int
	kernels *asm.Kernels[float32]
}

var _ cmnist.Backend = (*Backend)(nil)

// New returns a backend, or an error for a kernel set that this processor or build
// does not have.
func New(o Options) (*Backend, error) {
	if o.Threads < 0 {
		return nil, fmt.Errorf("the number of threads is %d, but must be 1 or more, or 0 for one for each CPU", o.Threads)
	}
	if o.Threads == 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	var names []string
	for _, k := range asm.Sets[float32]() {
		if o.Kernels == "" || o.Kernels == k.Set {
			return &Backend{threads: o.Threads, kernels: k}, nil
		}
		names = append(names, k.Set)
	}
	return nil, fmt.Errorf("the kernel set is %q, but must be one that this processor and build have: %s", o.Kernels, strings.Join(names, ", "))
}

// Name returns "cpu".
func (b *Backend) Name() string { return "cpu" }

// Kernels returns the name of the kernel set in use.
func (b *Backend) Kernels() string { return b.kernels.Set }

// Close does nothing: the backend holds nothing between jobs.
func (b *Backend) Close() error { return nil }

// inside is the most threads that one run is shared between. More would wait for
// each other at the end of every layer of a batch of 16 images.
const inside = 4

// Train implements cmnist.Backend. It trains every job that package reference
// trains.
func (b *Backend) Train(ctx context.Context, job *cmnist.Job, recorder cmnist.Recorder) error {
	if err := job.Check(); err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	shared := cmnist.Share(recorder)
	each := min(b.threads, inside)
	queue := make(chan int)
	var workers sync.WaitGroup
	for range min(len(job.Runs), max(1, b.threads/each)) {
		workers.Go(func() {
			for run := range queue {
				if err := train(ctx, job, run, shared, b.kernels, each); err != nil {
					stop(err)
				}
			}
		})
	}
	for run := range job.Runs {
		select {
		case queue <- run:
		case <-ctx.Done():
		}
	}
	close(queue)
	workers.Wait()
	return context.Cause(ctx)
}

// train trains one run. Panics, which are faults of this package, come back as
// errors.
func train(ctx context.Context, job *cmnist.Job, run int, recorder cmnist.Recorder, k *asm.Kernels[float32], threads int) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("cpu backend, run %d: %v", run+1, r)
		}
	}()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	state, err := job.Start(run)
	if err != nil {
		return err
	}
	spec := &job.Runs[run]
	n, err := newNet(spec.Network, job, state, k, threads)
	if err != nil {
		return err
	}
	epoch := state.Epoch
	save := func() (*cmnist.Checkpoint, error) { return n.save(epoch) }
	for {
		o, err := n.observe(ctx, job, spec.Network, epoch)
		if err != nil {
			return err
		}
		if err := recorder.Epoch(run, o, save); err != nil {
			return err
		}
		if epoch == job.Epochs || o.Diverged {
			return nil
		}
		if err := n.epoch(ctx, job, spec.Stream.Permutation(job.Data.Train.Count(), uint32(epoch))); err != nil {
			return err
		}
		epoch++
	}
}
