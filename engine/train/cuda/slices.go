//go:build gpu

package cuda

import (
	"context"
	"math/bits"
	"sort"
	"time"

	"modspec/engine/cuda"
)

// sliceTime is how long a launch is meant to take: a run that is cancelled ends with
// the slice that is under way, and what a slice costs beside its steps, some tens of
// microseconds, is nothing in it.
const sliceTime = 30 * time.Millisecond

// tempo is how fast a worker's device trains, so that slices take about sliceTime.
type tempo struct {
	rates map[stride]float64 // multiply-adds a second
	most  int64              // steps in a slice
}

// stride is what a rate is known for. A few items leave most of a device idle, so one
// number does not do for all.
type stride struct {
	kernel string
	items  int // bits of their number
}

const (
	// firstSteps and firstRate are what a slice has, and what a device is taken for,
	// before it was measured: few steps, so that the first slice is short anywhere.
	firstSteps = 64
	firstRate  = 1e9
	// mostGrowth is how much faster a device may seem from one slice to the next:
	// copies that have diverged take little time.
	mostGrowth = 16
)

// steps is how many steps make a slice, of so many multiply-adds each.
func (t *tempo) steps(of stride, work float64) int64 {
	rate, known := t.rates[of]
	if !known {
		return min(t.most, firstSteps, max(1, int64(sliceTime.Seconds()*firstRate/work)))
	}
	return min(t.most, max(1, int64(sliceTime.Seconds()*rate/work)))
}

// took takes in how long a slice took. A short one says nothing against the rate, for
// events may have ended it.
func (t *tempo) took(of stride, work float64, steps int64, d time.Duration) {
	rate, known := t.rates[of]
	seen := work * float64(steps) / max(d.Seconds(), 1e-6)
	switch {
	case steps == 0 || known && seen < rate && d < sliceTime/2:
	case known:
		t.rates[of] = min(mostGrowth*rate, max(rate/mostGrowth, seen))
	default:
		t.rates[of] = min(mostGrowth*work*float64(steps)/sliceTime.Seconds(), seen)
	}
}

// train takes the run from its first step to its last, slice by slice. After each one
// but the last that served records it calls deliver. It returns early when all copies
// have diverged.
func (r *run) train(ctx context.Context, deliver func() error) error {
	work := float64(0)
	for _, l := range r.lots {
		work += float64(l.shape.stepWork()) * float64(len(r.chunk.members))
	}
	tempo, stride := &r.worker.tempo, stride{r.lots[0].choice.kernel, bits.Len(uint(len(r.chunk.members)))}
	for from := int64(0); ; {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		to := min(r.steps, from+tempo.steps(stride, work))
		r.first = r.served
		last := sort.Search(len(r.records), func(i int) bool { return r.records[i] > to })
		if r.mode == everyRecord && int64(last-r.first) > r.kept {
			last = r.first + int(r.kept)
			to = r.records[last-1]
		}
		began := time.Now()
		if err := r.slice(from, to, last); err != nil {
			return err
		}
		tempo.took(stride, work, to-from, time.Since(began))
		r.served = last
		r.lookForEnds()
		if to == r.steps && r.served == len(r.records) || r.allGone() {
			return nil
		}
		if r.served > r.first && r.mode == everyRecord {
			if err := deliver(); err != nil {
				return err
			}
		}
		from = to
	}
}

// slice makes the steps from one to another and brings back the records up to number
// last, and which items have ended.
func (r *run) slice(from, to int64, last int) error {
	s := r.worker.stream
	for _, l := range r.lots {
		x := &l.launch
		x.from, x.to, x.firstRecord = from, to, int64(r.first)
		out := x.out
		if r.kept > 1 {
			// The kernels put record i of the run at place i; here place 0 is the first
			// of this slice.
			x.out -= uint64(8 * int64(r.first) * x.fields)
		}
		err := l.train(s)
		x.out = out
		if err == nil {
			err = s.Download(l.ended, x.ended, "which copies have diverged")
		}
		if err == nil && r.mode == everyRecord && last > r.first {
			err = s.Download(l.out, x.out, "records")
		}
		if err != nil {
			return err
		}
	}
	return s.Wait("training " + r.lots[0].choice.kernel)
}

// lookForEnds notes which copies have diverged: at the first step at which a module
// of theirs did.
func (r *run) lookForEnds() {
	for _, l := range r.lots {
		for i, step := range cuda.AsNumbers[int64](l.ended) {
			if step >= 0 {
				r.gone(i, step)
			}
		}
	}
}

// gone notes that copy i has diverged at a step, if not before.
func (r *run) gone(i int, step int64) {
	if r.goneAt[i] < 0 || step < r.goneAt[i] {
		r.goneAt[i] = step
	}
}

// allGone reports whether every item has ended.
func (r *run) allGone() bool {
	for _, l := range r.lots {
		for _, step := range cuda.AsNumbers[int64](l.ended) {
			if step < 0 {
				return false
			}
		}
	}
	return true
}
