//go:build gpu

package cuda

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/cuda"
	"modspec/engine/network"
)

// draw is a lot's initial weights as a recorder receives them: in float64 and plain
// coordinates, bit by bit those of network.Initial. The device draws them once more,
// for a task whose coordinates are the inputs; that takes it a small part of the time
// that the host's processors would need.
type draw struct {
	function *cuda.Function
	launch   launchABI
	slot     uint64 // where the kernel reads it
	host     []byte // what came back
}

// layOut gives what is drawn some addresses: for n items, so many at a time.
func (d *draw) layOut(l *lot, atATime, n int64, take func(bytes int64) uint64) {
	s := l.shape
	d.launch = launchABI{
		layers: l.launch.layers, widths: l.launch.widths, coords: s.widths[0], rule: s.rule,
		fields: l.launch.fields, stateStride: s.plainWeights(),
	}
	d.slot = take(launchBytes)
	d.launch.tasks = take(int64(unsafe.Sizeof(taskABI{})))
	d.launch.members = take(n * itemBytes)
	d.launch.ended = take(8 * atATime)
	d.launch.state = take(8 * atATime * d.launch.stateStride)
}

// bring copies the lot's items over, all of the one task without a basis.
func (d *draw) bring(l *lot, s *cuda.Stream) (err error) {
	if d.function, err = s.Device.Function("init" + Float64.suffix()); err != nil {
		return err
	}
	items := slices.Clone(l.members)
	for i := range items {
		items[i].task = 0
	}
	if err := s.Upload(d.launch.members, cuda.AsBytes(items), "items"); err != nil {
		return err
	}
	return s.Upload(d.launch.tasks, cuda.AsBytes([]taskABI{{}}), "a task")
}

// some queues the kernel init_f64 for n items from number first on, and the copy of
// what it draws.
func (d *draw) some(s *cuda.Stream, first, n int) error {
	part := d.launch
	part.items = int64(n)
	part.members += uint64(int64(first) * itemBytes)
	const warps = 4
	most, err := d.function.Resident(32*warps, 0)
	if err != nil {
		return err
	}
	if err := giveAt(s, d.slot, &part, d.function, min(cuda.CeilDiv(n, warps), most), 32*warps, 0); err != nil {
		return err
	}
	return s.Download(d.host[:8*int64(n)*part.stateStride], part.state, "initial weights")
}

// tellStarts reports the initial weights of the run's copies while they train. The
// function that it returns waits until all are; nothing else of these copies may be
// reported before.
func (r *run) tellStarts(ctx context.Context, report *reporter) (told func() error) {
	if !r.tells {
		return func() error { return nil }
	}
	return sync.OnceValue(r.background(func() error {
		s := r.worker.side
		for _, l := range r.lots {
			if err := l.draw.bring(l, s); err != nil {
				return err
			}
		}
		n := len(r.chunk.members)
		for from := 0; from < n; from += r.drawn {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			to := min(n, from+r.drawn)
			for _, l := range r.lots {
				if err := l.draw.some(s, from, to-from); err != nil {
					return err
				}
			}
			if err := s.Wait("initial weights"); err != nil {
				return err
			}
			if err := r.tellDrawn(ctx, report, from, to); err != nil {
				return err
			}
		}
		return nil
	}))
}

// background begins some work with the device at once, and returns what waits for it.
func (r *run) background(work func() error) (wait func() error) {
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- fmt.Errorf("cuda backend, telling initial weights: %v", p)
			}
		}()
		done <- r.worker.device.Do(work)
	}()
	return func() error { return <-done }
}

// tellDrawn reports the weights that were drawn last, those of copies from one to
// another, on all processors.
func (r *run) tellDrawn(ctx context.Context, report *reporter, from, to int) error {
	var wait sync.WaitGroup
	var next atomic.Int64
	errs := make([]error, min(runtime.GOMAXPROCS(0), to-from))
	for k := range errs {
		wait.Go(func() {
			for ctx.Err() == nil && errs[k] == nil {
				i := int(next.Add(1)) - 1
				if i >= to-from {
					return
				}
				errs[k] = report.start(r.chunk.members[from+i].index, r.drawnWeights(i))
			}
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

// drawnWeights are number i of those that were drawn last, in the memory that they
// came back to.
func (r *run) drawnWeights(i int) *network.Weights {
	w := &network.Weights{}
	for _, l := range r.lots {
		stride := int(l.draw.launch.stateStride)
		values := cuda.AsNumbers[float64](l.draw.host)[i*stride:][:stride]
		var layers []*mat.Dense
		for k := range l.shape.layers {
			rows, cols := int(l.shape.widths[k+1]), int(l.shape.widths[k])
			layers = append(layers, mat.NewDense(rows, cols, values[:rows*cols:rows*cols]))
			values = values[rows*cols:]
		}
		w.Modules = append(w.Modules, layers)
	}
	return w
}
