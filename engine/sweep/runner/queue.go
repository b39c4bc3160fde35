package runner

import (
	"fmt"
	"runtime"
	"sync"
	"unsafe"

	"modspec/engine/sweep/store"
	"modspec/engine/train"
)

// Queues between training, predicting and writing: long enough that a row group
// being written does not hold up the training.
const (
	queueLength = 1024
	// queuePoints bounds the recordings in them, some 40 MB. It is less than the queues
	// hold only where a copy has more than a hundred.
	queuePoints = 1 << 18
)

// QueueBytes are what the queues take when they are full, without recordings.
const QueueBytes = 2 * queueLength * unsafe.Sizeof(store.Row{})

// Waiting returns how many copies, of a number of copies of so many recordings each, can be
// trained and not yet written.
func Waiting(copies, recordings float64) float64 {
	return min(2*queueLength, copies, max(1, queuePoints/max(1, recordings)))
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

// finish fills in the summaries of finished copies, on all cores: predicting a copy costs a
// good part of what training it costs on a fast backend. It closes rows when
// there is nothing more to come. The first error goes to fail, and what comes
// after it is dropped.
func finish(from <-chan *store.Row, rows chan<- *store.Row, fail func(error)) {
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for r := range from {
				if err := summarize(r); err != nil {
					r.Done()
					fail(err)
					continue
				}
				rows <- r
			}
		})
	}
	workers.Wait()
	close(rows)
}

// summarize asks for the summary of a finished run.
func summarize(r *store.Row) (err error) {
	if r.End.Summary == nil {
		return fmt.Errorf("copy %v: the backend says nothing of the run's end", r.Identity.ID)
	}
	if r.Summary, err = r.End.Summary(); err != nil {
		return fmt.Errorf("copy %v: %w", r.Identity.ID, err)
	}
	if want := len(train.SummaryOf(r.Kind)); len(r.Summary) != want {
		return fmt.Errorf("copy %v: %d values are known of the run, but the kind %s has %d columns for them", r.Identity.ID, len(r.Summary), r.Kind.Name(), want)
	}
	return nil
}
