package columns

import (
	"context"
	"fmt"
	"os"
)

// A Store bounds the memory of the columns of all its tables.
type Store struct {
	// turn is held by whoever changes the tables; waiting for it can be given up,
	// which a mutex does not allow.
	turn    chan struct{}
	budget  int64 // bytes
	used    int64
	clock   uint64 // counts views
	tables  map[*Table]bool
	workers int
}

// NewStore returns a store that keeps at most so many bytes of columns and reads
// files with so many goroutines.
func NewStore(budget int64, workers int) *Store {
	return &Store{turn: make(chan struct{}, 1), budget: budget, tables: map[*Table]bool{}, workers: max(1, workers)}
}

// enter waits for the turn.
func (s *Store) enter(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
		return nil
	default:
	}
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (s *Store) leave() { <-s.turn }

// Table returns the table runs of a sweep's folder, a path below the root.
func (s *Store) Table(root *os.Root, dir string) *Table {
	return &Table{store: s, root: root, dir: dir, columns: map[string]*column{}}
}

// A TooLargeError is a view that does not fit into the store.
type TooLargeError struct{ Need, Have int64 }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the columns of this view take %d MiB, but at most %d MiB are kept in memory; start the server with more --memory", e.Need>>20, e.Have>>20)
}

// makeRoom drops the columns that were not asked for in the longest time until
// so many more bytes fit. Columns of the view that is being made stay.
func (s *Store) makeRoom(more int64) {
	for s.used+more > s.budget {
		var from *Table
		var oldest *column
		for t := range s.tables {
			for _, c := range t.columns {
				if c.used < s.clock && c.bytes() > 0 && (oldest == nil || c.used < oldest.used) {
					from, oldest = t, c
				}
			}
		}
		if oldest == nil {
			return
		}
		s.used -= oldest.bytes()
		delete(from.columns, oldest.name)
	}
}
