package columns

import (
	"errors"
	"fmt"
	"os"
	"sync"
)

// A Store bounds the memory of the columns of all its tables.
type Store struct {
	mu      sync.Mutex // of all below and of the tables' columns; never held while a file is read
	budget  int64      // bytes
	used    int64      // and reserved for what is being read
	clock   uint64     // counts views
	pins    int        // of all columns
	tables  map[*Table]bool
	freed   chan struct{} // closed when columns may be dropped that could not before
	workers int
}

// NewStore returns a store that keeps at most so many bytes of columns and reads
// files with so many goroutines.
func NewStore(budget int64, workers int) *Store {
	return &Store{budget: budget, tables: map[*Table]bool{}, freed: make(chan struct{}), workers: max(1, workers)}
}

// Table returns the table runs of a sweep's folder, a path below the root.
func (s *Store) Table(root *os.Root, dir string) *Table {
	return &Table{turn: make(chan struct{}, 1), store: s, root: root, dir: dir, columns: map[string]*column{}}
}

// A TooLargeError is a view that does not fit into the store.
type TooLargeError struct{ Need, Have int64 }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the columns of this view take %d MiB, but at most %d MiB are kept in memory; start the server with more --memory", e.Need>>20, e.Have>>20)
}

// errNoRoom is that columns of views that are being made take the room.
var errNoRoom = errors.New("the columns of other views take all memory")

// reserve makes room for columns that lack rows, and counts it as used.
func (s *Store) reserve(wanted []*column, rows int64) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	more, err := s.lacks(wanted, rows)
	if err != nil {
		return 0, err
	}
	if !s.makeRoom(more) {
		return 0, errNoRoom
	}
	s.used += more
	return more, nil
}

// lacks returns how many more bytes the columns take once they have so many rows.
// The error says that they are too many.
func (s *Store) lacks(wanted []*column, rows int64) (int64, error) {
	need, have := int64(0), int64(0)
	for _, c := range wanted {
		need += rows * c.width()
		have += c.bytes()
	}
	if need > s.budget {
		return 0, &TooLargeError{need, s.budget}
	}
	return need - have, nil
}

// makeRoom drops the columns that were not asked for in the longest time until
// so many more bytes fit, and reports whether they do. Columns of views that are
// being made stay.
func (s *Store) makeRoom(more int64) bool {
	for s.used+more > s.budget {
		var from *Table
		var oldest *column
		for t := range s.tables {
			for _, c := range t.columns {
				if c.pins == 0 && c.bytes() > 0 && (oldest == nil || c.used < oldest.used) {
					from, oldest = t, c
				}
			}
		}
		if oldest == nil {
			return false
		}
		s.used -= oldest.bytes()
		delete(from.columns, oldest.name)
	}
	return true
}

// unpin lets columns be dropped again. It returns what is closed when other columns
// can be dropped, nil if all can.
func (s *Store) unpin(wanted []*column) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range wanted {
		c.pins--
	}
	s.pins -= len(wanted)
	close(s.freed)
	s.freed = make(chan struct{})
	if s.pins == 0 {
		return nil
	}
	return s.freed
}
