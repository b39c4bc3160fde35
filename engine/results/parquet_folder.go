package results

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ReadFolder returns the rows of a table of a sweep's folder, one part after the
// other in the order of their names, as [ReadFiles] does. While a sweep
// runs, it sees the parts that were whole when it began. A folder without the
// table gives no rows.
func ReadFolder(dir, table string) iter.Seq2[*Row, error] {
	return func(yield func(*Row, error) bool) {
		folder := filepath.Join(dir, table)
		entries, err := os.ReadDir(folder) // sorted by name
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			yield(nil, fmt.Errorf("reading %s: %w", folder, err))
			return
		}
		var paths []string
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), "part-") && strings.HasSuffix(e.Name(), ".parquet") {
				paths = append(paths, filepath.Join(folder, e.Name()))
			}
		}
		ReadFiles(slices.Values(paths), table)(yield)
	}
}

// ReadFiles returns the rows of files, one file after the other, as [Read] does for
// each. All rows have the table of the first file; a file with other columns is
// an error.
func ReadFiles(paths iter.Seq[string], table string) iter.Seq2[*Row, error] {
	return func(yield func(*Row, error) bool) {
		var first, seen *Table
		for path := range paths {
			for row, err := range Read(path, table) {
				if err == nil && row.table != seen {
					if seen = row.table; first == nil {
						first = seen
					}
					if err = seen.SameColumns(first); err != nil {
						row, err = nil, &DamagedError{path, fmt.Errorf("its columns are not those of the files before it: %w", err)}
					}
				}
				if row != nil {
					row.table = first
					seen = first
				}
				if !yield(row, err) || err != nil {
					return
				}
			}
		}
	}
}
