package columns

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"

	"modspec/engine/regularfile"
	"modspec/engine/results"
)

// The folders of a sweep's two tables, inside the sweep's own.
const (
	runsFolder         = results.RunsTable
	trajectoriesFolder = results.TrajectoriesTable
)

// A part is one file of the table runs, and what distinguishes it from another of the
// same name.
type part struct {
	name     string // of the file
	size     int64
	modified time.Time
	rows     int // −1 until the file has been opened
}

func (p *part) same(q *part) bool {
	return p.name == q.name && p.size == q.size && p.modified.Equal(q.modified)
}

// listParts returns the parts that are in a folder now, by name. A folder without
// the table has none.
func listParts(root *os.Root, folder string) ([]*part, error) {
	d, err := root.Open(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer d.Close()
	entries, err := d.ReadDir(-1)
	if err != nil {
		return nil, err
	}
	var list []*part
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), "part-") || !strings.HasSuffix(e.Name(), ".parquet") {
			continue
		}
		info, err := root.Stat(path.Join(folder, e.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // it was removed while the folder was read
		}
		if err != nil {
			return nil, err
		}
		list = append(list, &part{name: e.Name(), size: info.Size(), modified: info.ModTime(), rows: -1})
	}
	slices.SortFunc(list, func(a, b *part) int { return strings.Compare(a.name, b.name) })
	return list, nil
}

// openPart opens a file of a table and gives it to use. What is wrong with the file
// is a [results.DamagedError]; see [results.UseTable].
func openPart(root *os.Root, name, table string, use func(*parquet.File, *results.Table) error) error {
	f, size, err := regularfile.OpenIn(root, name)
	if err != nil {
		return err
	}
	defer f.Close()
	return results.UseTable(f, name, size, table, use)
}
