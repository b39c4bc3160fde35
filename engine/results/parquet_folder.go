package results

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
)

// ReadFolder returns the rows of a table of a sweep's folder, one part after the
// other in the order of their names, as [Read] does for each. While a sweep
// runs, it sees the parts that were whole when it began. A folder without the
// table gives no rows.
func ReadFolder[T Row](dir string) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		folder := filepath.Join(dir, tableOf[T]().name)
		entries, err := os.ReadDir(folder) // sorted by name
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			yield(nil, fmt.Errorf("reading %s: %w", folder, err))
			return
		}
		for _, e := range entries {
			if !strings.HasPrefix(e.Name(), "part-") || !strings.HasSuffix(e.Name(), ".parquet") {
				continue
			}
			for row, err := range Read[T](filepath.Join(folder, e.Name())) {
				if !yield(row, err) || err != nil {
					return
				}
			}
		}
	}
}
