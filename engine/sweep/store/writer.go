package store

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"modspec/engine/results"
)

// A Writer puts rows into parts. What it holds is a row group of each table
// and sixteen bytes and a number for each copy of the part.
type Writer struct {
	Folder   *Folder
	PartRows int              // that end a part
	PartTime time.Duration    // that ends a part late in a run; see duration
	Began    time.Time        // when the run began
	Kept     func(number int) // is called with each copy when the part that holds it is whole

	tables *tables // of the rows' kind, from the first row on
	part   part
	copies []copyID
	failed bool
}

// WriteAll writes rows until there are no more. After the first error, which goes
// to fail, it takes the remaining rows and drops them.
func (w *Writer) WriteAll(rows <-chan *Row, fail func(error)) {
	for first := range rows {
		if w.failed {
			first.done()
			continue
		}
		if err := w.write(first, rows); err != nil {
			w.failed = true
			first.done() // where no file could be begun
			fail(fmt.Errorf("%w; what was finished before is kept, and the same command goes on from there", err))
		}
	}
}

// write writes one part: its files, each whole or not at all, and then its
// journal entry, which alone makes it count.
func (w *Writer) write(first *Row, rows <-chan *Row) error {
	if w.tables == nil {
		w.tables = newTables(first.Kind)
	}
	w.part = part{Name: partName(w.Folder.nextPart())}
	w.copies = w.copies[:0]
	dir, name := w.Folder.dir, w.part.Name
	runsPath, pointsPath := partPath(dir, results.RunsTable, name), partPath(dir, results.TrajectoriesTable, name)
	err := results.CreateFile(runsPath, func(to io.Writer) error {
		runs, err := newTableWriter(to, w.tables.runs)
		if err != nil {
			return err
		}
		if !w.Folder.self.Sweep.Trajectories {
			if err := w.fill(runs, nil, first, rows); err != nil {
				return err
			}
			return w.Folder.closeRuns(runs, &w.part, w.copies)
		}
		// The other file is finished inside this one, so that this one, by which
		// copies are counted, is in its place only if both are.
		return results.CreateFile(pointsPath, func(to io.Writer) error {
			points, err := newTableWriter(to, w.tables.points)
			if err != nil {
				return err
			}
			if err := w.fill(runs, points, first, rows); err != nil {
				return err
			}
			w.part.Trajectories = new(partFile)
			if err := points.close(w.part.Trajectories); err != nil {
				return err
			}
			return w.Folder.closeRuns(runs, &w.part, w.copies)
		})
	})
	if err == nil {
		err = w.Folder.write(event{Event: partEvent, Part: &w.part})
	}
	if err != nil {
		return w.Folder.discard(name, err)
	}
	for _, m := range w.copies {
		w.Kept(m.number)
	}
	return nil
}

const (
	// leastPartTime is how long a part takes rows early in a run.
	leastPartTime = time.Second
	// maxPartPoints bounds the trajectories of a part, which make most of its size.
	maxPartPoints = 1 << 22
)

// duration is how long a part takes rows: an eighth of the time that the run has taken so
// far. So an interruption loses at most an eighth of a run, the progress that is shown is
// recent, and a long run does not end in thousands of files.
func (w *Writer) duration(taken time.Duration) time.Duration {
	return min(w.PartTime, max(leastPartTime, taken/8))
}

// fill writes rows until the part is full, or its time is over.
func (w *Writer) fill(runs, points *tableWriter, next *Row, rows <-chan *Row) error {
	timer := time.NewTimer(w.duration(time.Since(w.Began)))
	defer timer.Stop()
	defer func() {
		if next != nil { // an error, or written already
			next.done()
		}
	}()
	for {
		next.id = next.Identity.ID.String()
		if err := runs.Write(w.tables.fillRun(next)); err != nil {
			return err
		}
		if points != nil {
			for i := range next.Steps {
				if err := points.Write(w.tables.fillPoint(next, i)); err != nil {
					return err
				}
			}
		}
		w.copies = append(w.copies, copyID{next.Number, next.Identity.ID})
		w.part.NetworkSteps += int64(next.End.Step)
		if next.End.Diverged {
			w.part.Diverged++
		}
		next.done()
		if len(w.copies) >= w.PartRows || points != nil && points.Rows() >= maxPartPoints {
			return nil
		}
		var more bool
		select {
		case <-timer.C:
			return nil
		case next, more = <-rows:
			if !more {
				return nil
			}
		}
	}
}

// discard removes the files of a part that could not be entered in the journal,
// because of an error, which it returns. Where another process is at work too they
// stay: they are whole, or the other's.
func (f *Folder) discard(name string, err error) error {
	if errors.Is(err, fs.ErrExist) {
		return f.foreign(&foreignError{f.dir, name + " is there, which this process did not write"})
	}
	if f.Alone() == nil {
		os.Remove(partPath(f.dir, results.RunsTable, name))
		os.Remove(partPath(f.dir, results.TrajectoriesTable, name))
	}
	return err
}

// nextPart returns a number that no part of the folder has had, and whose names
// nothing has in the tables' folders: what is no file of ours is not removed there.
func (f *Folder) nextPart() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	number := f.journal.record.lastPart + 1
	for f.taken(partName(number)) {
		number++
	}
	return number
}

func (f *Folder) taken(name string) bool {
	return slices.ContainsFunc(Tables, func(table string) bool {
		_, err := os.Lstat(partPath(f.dir, table, name))
		return err == nil
	})
}

// A tableWriter writes a table's file and sums up its bytes.
type tableWriter struct {
	*results.Writer
	buffer *bufio.Writer
	sum    *sumWriter
}

func newTableWriter(to io.Writer, table *results.Table) (*tableWriter, error) {
	sum := newSumWriter(to)
	buffer := bufio.NewWriterSize(sum, 1<<15)
	w, err := results.NewWriter(buffer, table)
	return &tableWriter{w, buffer, sum}, err
}

// flush writes out the rows so far and sets the length and checksum of the file up to there.
func (t *tableWriter) flush(f *partFile) error {
	if err := t.Flush(); err != nil {
		return err
	}
	return t.measure(f)
}

// close ends the file and sets the length and checksum that go into the journal.
func (t *tableWriter) close(f *partFile) error {
	if err := t.Close(); err != nil {
		return err
	}
	return t.measure(f)
}

func (t *tableWriter) measure(f *partFile) error {
	err := t.buffer.Flush()
	*f = t.sum.file(t.Rows())
	return err
}
