package runner

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"modspec/engine/program"
	"modspec/engine/sweep/checkpoint"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/store"
	"modspec/engine/train"
)

// A recorder follows the runs of one job and hands each on when it is finished. Only
// runs that are being trained take memory.
type recorder struct {
	chunk    *space.Chunk
	numbers  []int // of the copies in the sweep
	records  int   // of a run
	keep     bool  // whether trajectories are wanted
	traces   []*trace
	finished chan<- *store.Row
	waiting  *waiting
	counts   *counts
	diverged int // runs of this job
	ended    int // runs that finished

	checkpoints *checkpoint.Files
	rounds      *rounds
	training    *program.Training // of all runs; nil until one is kept
}

var _ train.Keeper = (*recorder)(nil)

// A trace is what was recorded of a run: at each step all metrics of its kind.
type trace struct {
	steps   []int
	metrics []float64
	counted int // steps that the counts have, or that were done where the run began
}

// countedSteps are the least that a run adds to the counts while it is in training.
// Runs of few steps are many, and are counted as they end.
const countedSteps = 64

// traces are traces that have been written.
var traces = sync.Pool{New: func() any { return new(trace) }}

// counts are what a progress report reads while training goes on.
type counts struct {
	trained, diverged, steps, kept, failed atomic.Int64
	stepsBefore                            atomic.Int64 // that runs had done where they began
}

func newRecorder(chunk *space.Chunk, numbers []int, keep bool, to chan<- *store.Row, w *waiting, c *counts) *recorder {
	r := &recorder{chunk: chunk, numbers: numbers, keep: keep, finished: to, waiting: w, counts: c}
	if keep {
		r.traces = make([]*trace, len(chunk.Copies))
		r.records = chunk.Job.Schedule.Count(chunk.Job.Steps)
	}
	return r
}

// Wanted implements train.Recorder.
func (r *recorder) Wanted() bool { return r.keep }

// trace returns the trace of a run, from its first report on.
func (r *recorder) trace(run int) *trace {
	if r.keep && r.traces[run] == nil {
		t := traces.Get().(*trace)
		t.steps, t.metrics = slices.Grow(t.steps[:0], r.records), t.metrics[:0] // at once: a slice that grows leaves garbage
		t.counted = r.began(run)
		r.traces[run] = t
	}
	if r.keep {
		return r.traces[run]
	}
	return nil
}

// Observe implements train.Recorder.
func (r *recorder) Observe(run, step int, metrics []float64) error {
	if t := r.trace(run); t != nil {
		if len(t.steps) == 0 {
			t.metrics = slices.Grow(t.metrics, r.records*len(metrics))
		}
		t.steps, t.metrics = append(t.steps, step), append(t.metrics, metrics...)
		if more := step - t.counted; more >= countedSteps {
			r.counts.steps.Add(int64(more))
			t.counted = step
		}
	}
	return nil
}

// began returns the step at which a run began in this process.
func (r *recorder) began(run int) int {
	if from := r.chunk.Job.Runs[run].From; from != nil {
		return from.Step
	}
	return 0
}

// Finish implements train.Recorder.
func (r *recorder) Finish(run int, end train.End) error {
	row := &store.Row{
		Kind: r.chunk.Job.Kind, Precision: r.chunk.Job.Precision, Number: r.numbers[run], Identity: &r.chunk.Copies[run],
		End: end, Done: func() {},
	}
	before := r.began(run)
	counted := before
	if t := r.trace(run); t != nil {
		r.traces[run], counted = nil, t.counted
		r.waiting.take(len(t.steps))
		row.Steps, row.Metrics = t.steps, t.metrics
		row.Done = func() {
			r.waiting.give(len(t.steps))
			traces.Put(t)
		}
	}
	r.ended++
	r.counts.trained.Add(1)
	r.counts.steps.Add(int64(end.Step - counted))
	r.counts.stepsBefore.Add(int64(before))
	r.rounds.ended(run)
	if end.Diverged {
		r.diverged++
		r.counts.diverged.Add(1)
	}
	r.finished <- row
	return nil
}

// Due implements train.Keeper.
func (r *recorder) Due(run, _ int) bool { return r.rounds.due(run) }

// Keep implements train.Keeper.
func (r *recorder) Keep(runs []int, list []train.Checkpoint) (err error) {
	began, round := time.Now(), r.rounds.now.Load()
	if r.training == nil {
		if r.training, err = r.chunk.Job.Runs[runs[0]].Model.Program(); err != nil {
			return err
		}
	}
	kept := make([]checkpoint.Run, len(runs))
	for i, run := range runs {
		kept[i] = checkpoint.Run{Number: r.numbers[run], ID: r.chunk.Copies[run].ID, Checkpoint: &list[i]}
	}
	if err := r.checkpoints.Keep(r.training, kept); err != nil {
		return err
	}
	r.rounds.took.Add(int64(time.Since(began)))
	r.rounds.kept(runs, round)
	return nil
}
