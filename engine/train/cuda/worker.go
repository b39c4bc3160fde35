//go:build gpu

package cuda

import (
	"context"
	"errors"
	"fmt"

	"modspec/engine/cuda"
	"modspec/engine/kind/linear"
)

// worker trains chunks on a device, in a stream and in memory of its own. A device has
// two, so that one trains while the other's results are copied and recorded.
type worker struct {
	device *cuda.Device
	stream *cuda.Stream
	side   *cuda.Stream // for initial weights that are reported while copies train
	arena  cuda.Arena
	size   int   // bytes of a Real
	budget int64 // bytes of the device's memory that are the worker's
	most   int   // copies in a chunk; less after memory ran out
	panel  int   // copies whose weights come back together, at most
	tempo  tempo
}

const (
	workersOfDevice = 2
	// mostWaves is how many times over a chunk fills a device. At the end of a chunk
	// multiprocessors become idle one by one; over many fillings that is a small part.
	mostWaves = 32
	unlimited = 1 << 40
)

// limits bound what a worker takes on at a time; tests lower them, and no number that
// comes out may change.
type limits struct {
	copies int   // in a chunk
	steps  int64 // in a slice
	panel  int   // copies whose weights come back together
}

// newWorker makes a worker of a device. It is kept from job to job, with its memory and
// the measured speed of the device: a job of a sweep may take a millisecond.
func newWorker(d *cuda.Device, precision Precision) (w *worker, err error) {
	w = &worker{device: d, arena: cuda.Arena{Device: d}, size: precision.size(), tempo: tempo{rates: map[stride]float64{}}}
	err = d.Do(func() (err error) {
		if w.stream, err = d.NewStream(); err != nil {
			return err
		}
		w.side, err = d.NewStream()
		return err
	})
	return w, err
}

// share divides the free memory of a device among its workers, for a job.
func share(d *cuda.Device, workers []*worker, most limits) error {
	return d.Do(func() error {
		free, err := d.FreeMemory()
		if err != nil {
			return err
		}
		for _, w := range workers {
			free += w.arena.Size()
		}
		for _, w := range workers {
			w.budget = (free - free/16) / int64(len(workers))
			w.most, w.panel, w.tempo.most = most.copies, most.panel, most.steps
			if w.arena.Size() > w.budget { // others have come to need the memory
				if err := w.arena.Release(); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// releaseMemory frees the memory of workers.
func releaseMemory(d *cuda.Device, workers []*worker) error {
	return d.Do(func() error {
		for _, w := range workers {
			if err := w.arena.Release(); err != nil {
				return err
			}
		}
		return nil
	})
}

// close frees the memory and streams of the worker.
func (w *worker) close() error {
	if w.device.Broken() {
		return nil // its memory and streams are gone
	}
	return w.device.Do(func() error { return errors.Join(w.arena.Release(), w.stream.Destroy(), w.side.Destroy()) })
}

// outRoom and panelRoom are the memory for records and for final weights that a
// worker plans with, less on a small device.
func (w *worker) outRoom() int64 { return min(outRoom, w.budget/8) }

func (w *worker) panelRoom() int64 { return min(panelRoom, w.budget/8) }

// withScratch takes blocks away from a launch whose groups need more room than there
// is.
func (w *worker) withScratch(g geometry, stride int64) geometry {
	each := stride * int64(w.size) * int64(g.groups/g.blocks)
	if most := max(1, w.budget/4/each); int64(g.blocks) > most {
		g.groups = g.groups / g.blocks * int(most)
		g.blocks = int(most)
	}
	return g
}

// work trains chunks until none are left. Panics, which are faults of this package, come
// back as errors.
func (w *worker) work(ctx context.Context, job *linear.Job, q *queue, report *reporter) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("cuda backend, %s: %v", w.device.Label, r)
		}
	}()
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		var c *chunk
		err := w.device.Do(func() (err error) {
			c, err = q.take(w.chunkSize)
			return err
		})
		if err != nil || c == nil {
			return err
		}
		err = w.trainChunk(ctx, job, c, report)
		if large := (*tooLarge)(nil); errors.As(err, &large) {
			err = w.halve(q, c, err)
		}
		if err != nil {
			return err
		}
	}
}

// unsupported is an error of a job that the backend cannot run.
type unsupported struct{ error }

func (e *unsupported) Unwrap() []error { return []error{errors.ErrUnsupported, e.error} }

// halve gives a chunk back that was too large for the device's memory, and sees to it
// that the next ones are half as large.
func (w *worker) halve(q *queue, c *chunk, err error) error {
	if len(c.members) == 1 {
		return &unsupported{fmt.Errorf("copy %d is too large for the device: %w; or use fewer bits, copies of the blocks or hidden units, or the cpu backend",
			c.members[0].index, err)}
	}
	if err := w.device.Do(w.arena.Release); err != nil {
		return err
	}
	w.most = (len(c.members) + 1) / 2
	q.giveBack(c, c.members)
	return nil
}

// chunkSize is how many copies the next chunk of a cohort has: what fits the worker's
// memory, but no more than the worker's share, in whole fillings of the device, nor than
// fills it many times.
func (w *worker) chunkSize(c *cohort, share int) (int, error) {
	wave := 1
	var fixed, each int64
	for m := range c.signature.count {
		l, err := newLot(w.device, c, m)
		if err != nil {
			return 0, err
		}
		g, err := l.choice.over(unlimited, w.device.Multiprocessors, w.device.SharedOptIn, l.training.Resident)
		if err != nil {
			return 0, err
		}
		g = w.withScratch(g, l.launch.scratchStride)
		wave = max(wave, g.groups)
		fixed += int64(g.groups)*l.launch.scratchStride*int64(w.size) + l.launch.finalStride*int64(w.size+8) + 16*cuda.Alignment
		each += l.bytesEach(int64(w.size), c.passing) + itemBytes
	}
	fixed += w.outRoom() + 2*w.panelRoom()
	most := min(len(c.waiting), w.most, cuda.CeilDiv(share, wave)*wave, mostWaves*wave)
	n := w.fitting(c, most, each, w.budget-fixed)
	if n < most && n > wave { // whole fillings
		n = n / wave * wave
	}
	return n, nil
}

// fitting is how many of a cohort's waiting copies take no more than some memory, at
// most so many, and at least one.
func (w *worker) fitting(c *cohort, most int, each, room int64) int {
	seen := map[*task]bool{}
	for n := range most {
		m := &c.waiting[n]
		room -= each
		if !seen[m.task] {
			seen[m.task] = true
			for i := range m.task.modules {
				room -= m.task.modules[i].taskBytes(w.size)
			}
		}
		if m.goals != nil { // each copy may wait for other values
			for i := range m.task.modules {
				room -= m.task.modules[i].taskBytes(w.size)
			}
		}
		for i := range m.task.modules {
			room -= 8 * m.task.modules[i].shape.plainWeights() // it may bring its own
		}
		if room < 0 {
			return max(1, n)
		}
	}
	return most
}
