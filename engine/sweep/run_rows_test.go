package sweep

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"modspec/engine/kind/linear/model"
	"modspec/engine/results"
	"modspec/engine/sweep/space"
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

// What cannot be written gives its room back, or training would wait for it for ever.
func TestWaitingRecordingsOfAFailedPartAreGivenBack(t *testing.T) {
	for _, lost := range []string{results.RunsTable, results.TrajectoriesTable} {
		o := options(enumerated(t, small), t.TempDir())
		if err := o.check(); err != nil {
			t.Fatal(err)
		}
		f, err := openFolder(&o)
		if err != nil {
			t.Fatal(err)
		}
		defer f.close()
		if err := os.RemoveAll(filepath.Join(o.Dir, lost)); err != nil {
			t.Fatal(err)
		}
		var w waiting
		rows := make(chan *row, 3)
		for range cap(rows) {
			w.take(5)
			who := &space.Identity{}
			rows <- &row{finished: finished{kind: model.Kind, trace: &trace{steps: make([]int, 5), metrics: make([]float64, 5*15)}, who: who, waiting: &w}}
		}
		close(rows)
		writer := &partsWriter{folder: f, keep: true, rows: 2, time: defaultPartTime, kept: func([]member) {}}
		failed := false
		writer.writeAll(rows, func(error) { failed = true })
		if !failed || w.points != 0 {
			t.Errorf("without the folder %s: failed %t, %d recordings are still counted", lost, failed, w.points)
		}
	}
}
