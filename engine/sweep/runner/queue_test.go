package runner

import (
	"sync"
	"testing"
)

// The queues held a thousand copies each, whatever a copy's recordings take: with ten
// thousand of them that was 3 GB. Many copies that are recorded often take turns.
func TestWaitingRecordingsAreBounded(t *testing.T) {
	var w waiting
	const copies, points = 50, queuePoints/3 + 1
	var most int
	var all sync.WaitGroup
	for range copies {
		all.Go(func() {
			w.take(points)
			w.mu.Lock()
			most = max(most, w.points)
			w.mu.Unlock()
			w.give(points)
		})
	}
	all.Wait()
	if most > queuePoints || most < points || w.points != 0 {
		t.Errorf("up to %d recordings waited, %d are left; no more than %d should", most, w.points, queuePoints)
	}
	w.take(10 * queuePoints) // alone, so that it can be written at all
	w.give(10 * queuePoints)
}
