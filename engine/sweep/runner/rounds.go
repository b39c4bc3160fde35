package runner

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// stopTime is how long an interrupted job has for its last checkpoints. A run of which a
// step takes longer has the one before.
const stopTime = 5 * time.Second

// keepShare is what part of the time may go into checkpoints: a round lasts as many times
// as long as writing took in the one before.
const keepShare = 20

// rounds say when checkpoints of the runs of a job are due: once in each round.
type rounds struct {
	now  atomic.Int32  // number of the round, from 1 on
	took atomic.Int64  // nanoseconds of writing in the round
	seen []int32       // by run: the round that needs nothing more of it; used by the goroutine that trains the run
	all  chan struct{} // closed when the job is stopping and nothing more is due

	mu       sync.Mutex
	asked    map[int]int32 // the round that needs nothing more, of runs that a backend has asked of or kept, and that have not ended
	stopping bool
}

func newRounds(runs int) *rounds {
	r := &rounds{seen: make([]int32, runs), all: make(chan struct{}), asked: map[int]int32{}}
	r.now.Store(1)
	return r
}

// due reports whether a checkpoint of a run is due. When it is first asked of a run, which
// then begins, there is nothing to keep.
func (r *rounds) due(run int) bool {
	now := r.now.Load()
	switch r.seen[run] {
	case now:
		return false
	case 0:
		r.kept([]int{run}, now)
		return false
	}
	return true
}

// kept says that runs need no checkpoint any more in a round.
func (r *rounds) kept(runs []int, round int32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, run := range runs {
		r.asked[run], r.seen[run] = round, round
	}
	r.check()
}

// ended says that a run has ended.
func (r *rounds) ended(run int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.asked, run)
	r.check()
}

// stop begins the last round.
func (r *rounds) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopping = true
	r.now.Add(1)
	r.check()
}

func (r *rounds) check() {
	if !r.stopping {
		return
	}
	for _, round := range r.asked {
		if round < r.now.Load() {
			return
		}
	}
	select {
	case <-r.all:
	default:
		close(r.all)
	}
}

// run begins a round every so often, until the context ends.
func (r *rounds) run(ctx context.Context, every time.Duration) {
	timer := time.NewTimer(every)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			r.now.Add(1)
			timer.Reset(max(every, keepShare*time.Duration(r.took.Swap(0))))
		}
	}
}

// until returns a context for a job that outlives ctx until the last checkpoints are
// there, but by no more than stopTime. Where ctx ends because something has failed, as
// failed says, it ends at once.
func (r *rounds) until(ctx context.Context, failed func() bool) (context.Context, context.CancelFunc) {
	job, end := context.WithCancelCause(context.WithoutCancel(ctx))
	unwatch := context.AfterFunc(ctx, func() {
		if !failed() {
			r.stop()
			select {
			case <-r.all:
			case <-job.Done():
			case <-time.After(stopTime):
			}
		}
		end(context.Cause(ctx))
	})
	return job, func() { unwatch(); end(nil) }
}
