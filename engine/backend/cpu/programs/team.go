package programs

import (
	"runtime"
	"sync/atomic"
	"time"
)

// A team is the goroutines that compute parts of a worker's instructions. Most parts
// take a few microseconds, and waking a blocked goroutine takes longer. So each polls
// for its next part for a while before it blocks.
type team struct{ helpers []*helper }

// A helper is one of them.
type helper struct {
	next   atomic.Pointer[part] // to be computed; nil for none
	asleep atomic.Bool
	wake   chan struct{} // sent to by the goroutine that sets asleep to false
}

// A part is what the threads compute at a time: a piece for each.
type part struct {
	do      func(thread, piece int) // nil: no part follows
	begun   []atomic.Bool           // pieces
	left    atomic.Int32            // pieces that are not done
	failure atomic.Pointer[any]
}

const (
	// patience is how often a helper polls for a part before it blocks, some 100 µs.
	patience = 1 << 16
	// turns is how often a worker polls whether its helpers are done before it yields
	// to other goroutines, and lastTurns before it yields to other programs too.
	turns, lastTurns = 1 << 10, 1 << 20
)

// newTeam returns a team of a number of threads, the worker's own among them. close
// ends it.
func newTeam(threads int) *team {
	t := &team{}
	for i := 1; i < min(threads, runtime.GOMAXPROCS(0)); i++ {
		h := &helper{wake: make(chan struct{}, 1)}
		t.helpers = append(t.helpers, h)
		go h.work(i)
	}
	return t
}

// share calls do for a number of pieces, at most the team's threads, and waits until
// all calls have returned. A panic of one of them is the caller's. Piece i is that of
// thread i, so that what a thread wrote is still in its cache. A piece that its thread
// has not begun when the worker has finished its own is computed by the worker: the
// thread may be waiting for a processor.
func (t *team) share(pieces int, do func(thread, piece int)) {
	p := &part{do: do, begun: make([]atomic.Bool, pieces)}
	p.left.Store(int32(pieces))
	for _, h := range t.helpers[:pieces-1] {
		h.give(p)
	}
	for i := range pieces {
		p.compute(0, i)
	}
	for i := 1; p.left.Load() > 0; i++ {
		switch {
		case i >= lastTurns:
			time.Sleep(time.Microsecond)
		case i%turns == 0:
			runtime.Gosched()
		}
	}
	if failure := p.failure.Load(); failure != nil {
		panic(*failure)
	}
}

func (t *team) close() {
	for _, h := range t.helpers {
		h.give(&part{})
	}
}

func (h *helper) give(p *part) {
	h.next.Store(p)
	if h.asleep.CompareAndSwap(true, false) {
		h.wake <- struct{}{}
	}
}

// work computes pieces until the team is closed.
func (h *helper) work(thread int) {
	for {
		p := h.take()
		if p.do == nil {
			return
		}
		p.compute(thread, thread)
	}
}

// take waits for the next part.
func (h *helper) take() *part {
	for {
		for range patience {
			if h.next.Load() != nil {
				return h.next.Swap(nil)
			}
		}
		h.asleep.Store(true)
		// A part that was given before asleep was set wakes no goroutine.
		if h.next.Load() == nil || !h.asleep.CompareAndSwap(true, false) {
			<-h.wake
		}
	}
}

// compute computes a piece that no thread has begun.
func (p *part) compute(thread, piece int) {
	if !p.begun[piece].CompareAndSwap(false, true) {
		return
	}
	defer func() {
		if r := recover(); r != nil {
			p.failure.CompareAndSwap(nil, &r)
		}
		p.left.Add(-1)
	}()
	p.do(thread, piece)
}
