//go:build gpu

package cuda

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"modspec/engine/network"
	"modspec/engine/train"
)

// tellStarts draws the starting weights of a chunk's copies on the host, which are
// those that the device draws bit by bit, and reports them while the device trains.
// The function that it returns waits until all are told; nothing else of these copies
// may be reported before.
func (w *worker) tellStarts(ctx context.Context, job *train.Job, c *chunk, report *reporter) (told func() error) {
	if report.starts == nil {
		return func() error { return nil }
	}
	var wait sync.WaitGroup
	var next atomic.Int64
	var mu sync.Mutex
	var failure error
	for range min(runtime.GOMAXPROCS(0), len(c.members)) {
		wait.Go(func() {
			for ctx.Err() == nil {
				k := int(next.Add(1)) - 1
				if k >= len(c.members) {
					return
				}
				if err := tellStart(job, &c.members[k], report); err != nil {
					mu.Lock()
					failure = err
					mu.Unlock()
					return
				}
			}
		})
	}
	return func() error {
		wait.Wait()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		mu.Lock()
		defer mu.Unlock()
		return failure
	}
}

// tellStart reports the starting weights of one copy.
func tellStart(job *train.Job, m *member, report *reporter) error {
	c := &job.Copies[m.index]
	weights := c.Weights
	if weights == nil {
		var err error
		if weights, err = network.Initial(m.task.arch, c.Task.Point, c.Stream, c.InitScale); err != nil {
			return fmt.Errorf("copy %d: %w", m.index, err)
		}
	}
	return report.report(func() error { return report.starts.Start(m.index, weights) })
}
