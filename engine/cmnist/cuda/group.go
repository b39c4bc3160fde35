//go:build gpu

package cuda

import (
	"context"
	"time"

	"modspec/engine/cmnist"
)

// member is a run of a group.
type member struct {
	run   int // its place in the job
	spec  *cmnist.Run
	epoch int // that it has done
	net   *net
}

// The host waits no longer than this for the device, as near as it can tell.
const longestWait = 50 * time.Millisecond

// train trains the members to their last epochs. Each turn of the loop is an epoch of
// every member that still trains, whichever epoch that is of it.
func (g *group) train(ctx context.Context) error {
	for {
		seen, err := g.observe(ctx)
		if err != nil {
			return err
		}
		var staying []*member
		for k, m := range g.members {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			save := func() (*cmnist.Checkpoint, error) { return g.save(m) }
			if err := g.recorder.Epoch(m.run, seen[k], save); err != nil {
				return err
			}
			if m.epoch < g.job.Epochs && !seen[k].Diverged {
				staying = append(staying, m)
			}
		}
		if len(staying) == 0 {
			return nil
		}
		if len(staying) < len(g.members) {
			if err := g.keep(staying); err != nil {
				return err
			}
		}
		if err := g.trainEpoch(ctx); err != nil {
			return err
		}
	}
}

// trainEpoch makes the steps of an epoch. So many are queued at a time that the host
// can stop soon after it is told to, and the device does not wait for the host.
func (g *group) trainEpoch(ctx context.Context) error {
	if err := g.bringOrders(); err != nil {
		return err
	}
	for step, steps := 0, g.steps(); step < steps; {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		began := time.Now()
		end := min(steps, step+g.queued)
		for ; step < end; step++ {
			if err := g.step(step); err != nil {
				return err
			}
		}
		if err := g.stream.Wait("training"); err != nil {
			return err
		}
		switch took := time.Since(began); {
		case took > longestWait:
			g.queued = max(1, g.queued/2)
		case took < longestWait/4 && end < steps:
			g.queued *= 2
		}
	}
	for _, m := range g.members {
		m.epoch++
	}
	return nil
}

// steps is how many steps an epoch has; the last may have fewer images.
func (g *group) steps() int {
	return (g.job.Data.Train.Count() + g.job.Batch - 1) / g.job.Batch
}
