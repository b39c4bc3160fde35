//go:build gpu

package large

import (
	"context"
	"time"

	"modspec/engine/cuda"
	"modspec/engine/kind/linear"
)

// train trains the bundle from its first step to its last.
func (b *bundle) train(ctx context.Context, recorder linear.Recorder) error {
	if err := b.start(ctx, recorder); err != nil {
		return err
	}
	if err := b.launch(b.program.mapping[0]); err != nil {
		return err
	}
	step := 0
	for _, record := range b.job.Schedule.Steps(b.job.Steps) {
		if err := b.advance(ctx, step, record); err != nil {
			return err
		}
		step = record
		if err := b.observe(step, recorder); err != nil {
			return err
		}
		if !b.running(0, len(b.members)) {
			break
		}
	}
	return b.finish(b.job.Steps, recorder)
}

// pace says how many steps are queued before the host waits for them, so that a run
// can be cancelled promptly and the device does not wait for the host.
type pace struct {
	cycle    int       // steps after which operations repeat
	made     int       // steps queued one by one
	steps    int       // to be queued next time
	recorded recording // of some steps, or nil
	length   int       // of the recording
	refused  bool      // there will be no recording
}

const (
	// The host waits no longer than this for the device, as near as it can tell. Before
	// it can, it queues about firstWork multiply-adds, some milliseconds' work for a
	// device, or mostFirst steps.
	longestWait = 50 * time.Millisecond
	firstWork   = 1e11
	mostFirst   = 64
	// stepsRecorded is about how many steps a recording has, and longestCycle the most
	// steps after which a run must repeat itself for one to be made.
	stepsRecorded = 16
	longestCycle  = 64
)

func (p *pace) release() error {
	if p.recorded == nil {
		return nil
	}
	r := p.recorded
	p.recorded = nil
	return r.release()
}

// cycle is after how many steps the same operations come again: two, because W_1 has
// two places, or a whole number of epochs where their last batches are smaller.
func (p *program) cycle() int {
	if p.task.trained%p.task.batch == 0 {
		return 2
	}
	n := p.task.stepsOfEpoch()
	if n%2 == 1 {
		n *= 2
	}
	return n
}

// work is about the number of multiply-adds of a copy's step.
func (t *task) work() float64 {
	sum := 0.0
	for i := range t.modules {
		widths := t.modules[i].widths()
		for l := range widths[1:] {
			sum += 3 * float64(widths[l]) * float64(widths[l+1]) * float64(widths[0])
		}
	}
	return sum
}

// advance makes the steps from one step to another, or fewer when all copies have
// ended.
func (b *bundle) advance(ctx context.Context, from, to int) error {
	if b.pace.steps == 0 {
		b.pace.steps = int(max(1, min(mostFirst, firstWork/(b.program.task.work()*float64(len(b.members))))))
	}
	for step := from; step < to; {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		end := min(to, step+b.pace.steps)
		end, err := b.orders(step, end)
		if err != nil {
			return err
		}
		began := time.Now()
		if err := b.steps(step, end); err != nil {
			return err
		}
		if err := b.look(); err != nil { // waits for the steps
			return err
		}
		took := time.Since(began)
		switch {
		case took > longestWait:
			b.pace.steps = max(1, b.pace.steps/2)
		case took < longestWait/4 && end == step+b.pace.steps:
			b.pace.steps *= 2
		}
		if !b.running(0, len(b.members)) {
			return nil
		}
		step = end
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// steps queues the steps from one step to another.
func (b *bundle) steps(from, to int) error {
	p := &b.pace
	for step := from; step < to; {
		// Every kernel has been started before it is recorded: the driver may load it
		// then, which it cannot do while it records.
		if p.recorded == nil && !p.refused && p.made >= p.cycle && to-step >= 2*max(p.cycle, stepsRecorded) {
			if err := b.recordCycle(); err != nil {
				return err
			}
		}
		if p.recorded != nil && step%p.cycle == 0 && to-step >= p.length {
			if err := p.recorded.start(); err != nil {
				return err
			}
			step += p.length
			continue
		}
		if err := b.step(step); err != nil {
			return err
		}
		p.made++
		step++
	}
	return nil
}

// step queues one step and the maps after it.
func (b *bundle) step(step int) error {
	t := b.program.task
	variant := 0
	if n := t.stepsOfEpoch(); t.trained%t.batch != 0 && step%n == n-1 {
		variant = 1
	}
	if err := b.launch(b.program.update[step%2][variant]); err != nil {
		return err
	}
	return b.launch(b.program.mapping[(step+1)%2])
}

// recordCycle records so many steps that the cost of starting them is negligible.
func (b *bundle) recordCycle() error {
	p := &b.pace
	if p.cycle > longestCycle {
		p.refused = true
		return nil
	}
	p.length = cuda.CeilDiv(stepsRecorded, p.cycle) * p.cycle
	var err error
	p.recorded, err = b.device.record(func() error {
		for step := range p.length {
			if err := b.step(step); err != nil {
				return err
			}
		}
		return nil
	})
	p.refused = p.recorded == nil
	return err
}

// orders copies the orders of examples for some steps to the device, or for as many as
// fit, and returns up to which step.
func (b *bundle) orders(from, to int) (int, error) {
	x, t := b.layout, b.program.task
	if x.orders.count == 0 {
		return to, nil
	}
	epochs, n := x.orders.count, t.stepsOfEpoch()
	window := from / n / epochs * epochs // the first epoch of those that are there together
	if from%n == 0 && from/n == window {
		if err := b.uploadOrders(window, epochs); err != nil {
			return 0, err
		}
	}
	return min(to, (window+epochs)*n), nil
}

// uploadOrders brings over the orders of some epochs, as Stream.Permutation draws them.
func (b *bundle) uploadOrders(first, epochs int) error {
	x, t := b.layout, b.program.task
	list := make([]uint32, epochs*x.orders.lead)
	for e := range epochs {
		for i, m := range b.members {
			to := list[e*x.orders.lead+i*t.trained:][:t.trained]
			for k, v := range b.job.Copies[m.index].Stream.Permutation(t.trained, uint32(first+e)) {
				to[k] = uint32(v)
			}
		}
	}
	return b.device.upload(x.orders.at, cuda.AsBytes(list))
}
