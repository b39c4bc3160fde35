// Package reference is the backend that every other is checked against: float64
// on gonum, one copy at a time on each core, in plain coordinates, with
// the equations of gradient descent written as they stand. It is meant to be read.
//
// One step of one copy, with W_l the layers of each module, M the sum of the
// modules' maps and Σ the second moments of the step's examples:
//
//	E   = Σ_yx − M Σ_x                               (n_out × n_in)
//	ΔW_l = η (W_L ⋯ W_{l+1})ᵀ E_m (W_{l−1} ⋯ W_1)ᵀ       (E_m: the module's part of E)
//
// all from the weights before the step, plus the terms of network.Rule. Every
// layer count, architecture, rule and batch size goes through this one path.
package reference

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"modspec/engine/kind/linear"
	"modspec/engine/network"
)

// Backend trains copies in float64 on the CPU. It is safe for use by several
// goroutines.
type Backend struct {
	threads int
}

var _ linear.Backend = (*Backend)(nil)

// New returns a backend that trains up to threads copies side by side; 0 means
// one for each CPU. The results do not depend on the number.
func New(threads int) *Backend {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	return &Backend{threads: threads}
}

// Name returns "reference".
func (b *Backend) Name() string { return "reference" }

// Close does nothing: the backend holds nothing between jobs.
func (b *Backend) Close() error { return nil }

// Train implements linear.Backend. It can run every job whose matrices fit the
// limits of package dataset.
func (b *Backend) Train(ctx context.Context, job *linear.Job, recorder linear.Recorder) error {
	if err := job.Check(); err != nil {
		return err
	}
	if err := fits(job); err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	shared := linear.Share(recorder)
	moments := &momentCache{}
	queue := make(chan int)
	var workers sync.WaitGroup
	for range min(b.threads, len(job.Copies)) {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for i := range queue {
				if err := trainCopy(ctx, job, i, moments, shared); err != nil {
					stop(err)
				}
			}
		}()
	}
	for i := range job.Copies {
		select {
		case queue <- i:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(queue)
	workers.Wait()
	return context.Cause(ctx)
}

// fits returns an error if a copy's second moments are too large to form, before
// any copy is trained.
func fits(job *linear.Job) error {
	for i := range job.Copies {
		c := &job.Copies[i]
		p := c.Task.Point
		err := p.CheckCorrelations()
		if err == nil && c.Rule.Gamma != 0 {
			err = p.CheckOutputCorrelations()
		}
		if err != nil {
			return unsupported{fmt.Errorf("the reference backend cannot train %v: %w; or the cpu backend, which needs none of them", p, err)}
		}
	}
	return nil
}

// unsupported is an error that is errors.ErrUnsupported too, without its words.
type unsupported struct{ error }

func (unsupported) Is(target error) bool { return target == errors.ErrUnsupported }

// momentCache keeps the second moments of the task that was last asked for: the
// copies of a job mostly share one.
type momentCache struct {
	mu      sync.Mutex
	task    *linear.Task
	moments *stepMoments
}

func (c *momentCache) of(task *linear.Task, rule network.Rule) (*stepMoments, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.task != task || rule.Gamma != 0 && c.moments.Y == nil {
		moments, err := newStepMoments(task, task.Examples, rule)
		if err != nil {
			return nil, err
		}
		c.task, c.moments = task, moments
	}
	return c.moments, nil
}
