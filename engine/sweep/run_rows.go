package sweep

import (
	"fmt"
	"runtime"
	"sync"

	"modspec/engine/results"
)

// A row is one copy on its way to the tables.
type row struct {
	run          results.Run
	trajectory   []results.TrajectoryPoint
	id           ID
	tracker      *tracker // whose memory the trajectory is
	networkSteps int
	waiting      *waiting
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
			var p predictor
			for f := range from {
				r, err := p.row(f)
				if err != nil {
					f.waiting.give(len(f.tracker.trajectory))
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

// row returns the row of a finished copy.
func (p *predictor) row(f finished) (*row, error) {
	t := f.tracker
	r := &row{id: f.who.ID, tracker: t, trajectory: t.trajectory, networkSteps: t.final.Step, waiting: f.waiting}
	r.run.ID, r.run.Copy, r.run.Seed, r.run.Parameters = f.who.ID.String(), f.number, f.who.Seed, f.who.Parameters
	t.run(&r.run)
	if !t.told && t.outcome.kind == results.PredictionDiscrete {
		_, weights, err := f.job.Start(f.copy)
		if err != nil {
			return nil, fmt.Errorf("copy %v: %w", f.who.ID, err)
		}
		t.starts = append(t.starts[:0], t.outcome.startsOf(weights, &p.room)...)
	}
	p.predict(t.outcome, t.starts, &r.run)
	for i := range r.trajectory {
		r.trajectory[i].ID, r.trajectory[i].Copy = r.run.ID, r.run.Copy
	}
	return r, nil
}

// done gives the memory of a row's trajectory back, when it has been written or is
// dropped. It may be called again.
func (r *row) done() {
	if r.tracker == nil {
		return
	}
	r.waiting.give(len(r.trajectory))
	r.trajectory = nil
	used.Put(r.tracker)
	r.tracker = nil
}
