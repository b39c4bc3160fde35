package sweep

import (
	"slices"
	"sync"
	"sync/atomic"

	"modspec/engine/kind/linear"
	"modspec/engine/network"
)

// A recorder follows the copies of one job and hands each on when it is
// finished. Only copies that are being trained take memory.
type recorder struct {
	chunk    *Chunk
	numbers  []int      // of the copies in the sweep
	outcomes []*outcome // of the copies
	trackers []*tracker // of the copies that have begun and not finished
	keep     bool       // whether trajectories are wanted
	finished chan<- finished
	waiting  *waiting
	counts   *counts
	diverged int // copies of this job
	ended    int // copies that finished
}

// finished is a copy that has been trained.
type finished struct {
	tracker *tracker
	job     *linear.Job
	copy    int // in the job
	who     *CopyIdentity
	number  int
	waiting *waiting
}

// counts are what a progress report reads while training goes on.
type counts struct {
	trained, diverged, steps, kept, failed atomic.Int64
}

// used are trackers that have done their work.
var used = sync.Pool{New: func() any { return new(tracker) }}

func newRecorder(chunk *Chunk, numbers []int, keep bool, to chan<- finished, w *waiting, c *counts) (*recorder, error) {
	r := &recorder{
		chunk: chunk, numbers: numbers, keep: keep, finished: to, waiting: w, counts: c,
		outcomes: make([]*outcome, len(chunk.Copies)), trackers: make([]*tracker, len(chunk.Copies)),
	}
	steps := chunk.Job.Schedule.Steps(chunk.Job.Steps)
	for i := range chunk.Copies {
		// Copies of one point stand together, and share what can be prepared.
		if i > 0 && chunk.Copies[i].Parameters == chunk.Copies[i-1].Parameters {
			r.outcomes[i] = r.outcomes[i-1]
			continue
		}
		var err error
		if r.outcomes[i], err = newOutcome(chunk.Job, &chunk.Job.Copies[i], chunk.Copies[i].Parameters, steps); err != nil {
			return nil, err
		}
	}
	return r, nil
}

var (
	_ linear.ConcurrentStartRecorder = (*recorder)(nil)
	_ linear.PassageRecorder         = (*recorder)(nil)
	_ linear.WeightlessRecorder      = (*recorder)(nil)
)

// ConcurrentStarts implements linear.ConcurrentStartRecorder: copies have trackers of
// their own, and what they share is not changed.
func (r *recorder) ConcurrentStarts() bool { return true }

// Weightless implements linear.WeightlessRecorder: no table holds weights.
func (r *recorder) Weightless() bool { return true }

// tracker returns the tracker of a copy, from its first report on.
func (r *recorder) tracker(copy int) *tracker {
	if r.trackers[copy] == nil {
		t := used.Get().(*tracker)
		t.begin(r.outcomes[copy])
		if r.keep {
			t.trajectory = slices.Grow(t.trajectory, len(t.outcome.steps)) // at once: a slice that grows leaves garbage
		}
		r.trackers[copy] = t
	}
	return r.trackers[copy]
}

// Start implements linear.StartRecorder.
func (r *recorder) Start(copy int, w *network.Weights) error {
	o := r.outcomes[copy]
	room := startRooms.Get().(*startRoom)
	defer startRooms.Put(room)
	t := r.tracker(copy)
	t.starts = append(t.starts[:0], o.startsOf(w, room)...)
	t.told = true
	return nil
}

var startRooms = sync.Pool{New: func() any { return new(startRoom) }}

// Observe implements linear.Recorder.
func (r *recorder) Observe(copy int, o linear.Observation) error {
	r.tracker(copy).observe(&o, r.keep)
	return nil
}

// Goals implements linear.PassageRecorder: without trajectories, times to half are
// all that is asked of the observations before the last.
func (r *recorder) Goals(copy int) *linear.Marks {
	if r.keep {
		return nil
	}
	return r.outcomes[copy].marks()
}

// Pass implements linear.PassageRecorder.
func (r *recorder) Pass(copy int, last *linear.Observation, reached linear.Marks) error {
	r.tracker(copy).pass(last, &reached)
	return nil
}

// Finish implements linear.Recorder.
func (r *recorder) Finish(copy int, f linear.Final) error {
	t := r.tracker(copy)
	r.trackers[copy] = nil
	t.final = linear.Final{Step: f.Step, Diverged: f.Diverged}
	r.ended++
	r.counts.trained.Add(1)
	r.counts.steps.Add(int64(f.Step))
	if f.Diverged {
		r.diverged++
		r.counts.diverged.Add(1)
	}
	r.waiting.take(len(t.trajectory))
	r.finished <- finished{t, r.chunk.Job, copy, &r.chunk.Copies[copy], r.numbers[copy], r.waiting}
	return nil
}
