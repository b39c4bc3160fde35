package sweep

import (
	"fmt"
	"runtime"
	"sync"

	"modspec/engine/results"
	"modspec/engine/train"
)

// A row is one run on its way to the tables.
type row struct {
	finished
	id      string
	summary []results.Value
}

// waiting counts the recordings of copies that are trained and not yet written.
type waiting struct {
	mu     sync.Mutex
	room   sync.Cond
	points int
}

// take waits until a copy's recordings fit queuePoints with those that wait already,
// or none waits.
func (w *waiting) take(points int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.room.L = &w.mu
	for w.points > 0 && w.points+points > queuePoints {
		w.room.Wait()
	}
	w.points += points
}

// give undoes take when the copy is written or dropped.
func (w *waiting) give(points int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.points -= points
	w.room.Broadcast()
}

// finish turns finished copies into rows, on all cores: predicting a copy costs a
// good part of what training it costs on a fast backend. It closes rows when
// there is nothing more to come. The first error goes to fail, and what comes
// after it is dropped.
func finish(from <-chan finished, rows chan<- *row, fail func(error)) {
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for f := range from {
				r, err := newRow(f)
				if err != nil {
					r.done()
					fail(err)
					continue
				}
				rows <- r
			}
		}()
	}
	workers.Wait()
	close(rows)
}

// newRow returns the row of a finished run.
func newRow(f finished) (*row, error) {
	r := &row{finished: f, id: f.who.ID.String()}
	if f.end.Summary == nil {
		return r, fmt.Errorf("copy %v: the backend says nothing of the run's end", f.who.ID)
	}
	var err error
	if r.summary, err = f.end.Summary(); err != nil {
		return r, fmt.Errorf("copy %v: %w", f.who.ID, err)
	}
	if want := len(train.SummaryOf(f.kind)); len(r.summary) != want {
		return r, fmt.Errorf("copy %v: %d values are known of the run, but the kind %s has %d columns for them", f.who.ID, len(r.summary), f.kind.Name(), want)
	}
	return r, nil
}

// metrics returns how many numbers each recording has.
func (r *row) metrics() int { return len(r.trace.metrics) / len(r.trace.steps) }

// points returns how many recordings the row has.
func (r *row) points() int {
	if r.trace == nil {
		return 0
	}
	return len(r.trace.steps)
}

// done gives the memory of a row's trajectory back, when it has been written or is
// dropped. It may be called again.
func (r *row) done() {
	if r.trace == nil {
		return
	}
	r.waiting.give(len(r.trace.steps))
	traces.Put(r.trace)
	r.trace = nil
}
