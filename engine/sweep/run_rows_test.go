package sweep

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"modspec/engine/kind/linear/model"
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
func TestRowsOfAFailedPartAreGivenBack(t *testing.T) {
	for _, lost := range Tables {
		o := options(enumerated(t, small), t.TempDir())
		if err := o.check(); err != nil {
			t.Fatal(err)
		}
		f, err := openFolder(o.folder())
		if err != nil {
			t.Fatal(err)
		}
		defer f.close()
		if err := os.RemoveAll(filepath.Join(o.Dir, lost)); err != nil {
			t.Fatal(err)
		}
		var back [3]int
		rows := make(chan *row, len(back))
		for i := range back {
			rows <- &row{
				Kind: model.Kind, Identity: &space.Identity{}, Steps: make([]int, 5), Metrics: make([]float64, 5*15),
				Done: func() { back[i]++ },
			}
		}
		close(rows)
		writer := &partsWriter{Folder: f, PartRows: 2, PartTime: time.Minute, Kept: func(int) {}}
		failed := false
		writer.WriteAll(rows, func(error) { failed = true })
		if !failed || back != [3]int{1, 1, 1} {
			t.Errorf("without the folder %s: failed %t, rows are given back %v times", lost, failed, back)
		}
	}
}
