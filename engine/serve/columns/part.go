package columns

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"

	"modspec/engine/results"
)

// The folders of a sweep's two tables, inside the sweep's own.
const (
	runsFolder         = "runs"
	trajectoriesFolder = "trajectories"
)

// A part is one file of the table runs, and what tells it from another of the
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
			continue // it went while the folder was read
		}
		if err != nil {
			return nil, err
		}
		list = append(list, &part{name: e.Name(), size: info.Size(), modified: info.ModTime(), rows: -1})
	}
	slices.SortFunc(list, func(a, b *part) int { return strings.Compare(a.name, b.name) })
	return list, nil
}

// A DamagedError is a file of a table that cannot be read as what it should be.
type DamagedError struct {
	File string // below the root
	Err  error
}

func (e *DamagedError) Error() string { return fmt.Sprintf("reading %s: %v", e.File, e.Err) }
func (e *DamagedError) Unwrap() error { return e.Err }

// openPart opens a file of a table and gives it to use, after a look at whether
// its columns are those of this version's rows. Whatever is wrong with the file,
// and any panic of the Parquet library that damage causes, is a [DamagedError].
func openPart[T results.Row](root *os.Root, name string, use func(*parquet.File) error) (err error) {
	f, err := root.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	defer func() {
		if r := recover(); r != nil {
			err = &DamagedError{name, fmt.Errorf("it is damaged: %v", r)}
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	file, err := parquet.OpenFile(f, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return &DamagedError{name, fmt.Errorf("it is cut short, damaged or no Parquet file: %w", err)}
	}
	if err := checkColumns[T](file); err != nil {
		return &DamagedError{name, err}
	}
	return use(file)
}

// checkColumns compares the columns of a file with those of a table's rows.
func checkColumns[T results.Row](file *parquet.File) error {
	have, want := file.Schema().Fields(), results.Columns[T]()
	for i := range max(len(have), len(want)) {
		switch {
		case i >= len(have):
			return fmt.Errorf("column %q is missing; use the version of modspec that wrote it", want[i])
		case i >= len(want) || have[i].Name() != want[i]:
			return fmt.Errorf("column %d is %q, which this version does not know there; use the version of modspec that wrote it", i+1, have[i].Name())
		case !have[i].Leaf():
			return fmt.Errorf("column %q holds more than one value a row: the file is damaged", want[i])
		}
		field, err := results.FieldOf[T](want[i])
		if err != nil {
			return err
		}
		if text := have[i].Type().Kind() == parquet.ByteArray; text == field.Numeric {
			return fmt.Errorf("column %q holds %v: the file is damaged", want[i], have[i].Type())
		}
	}
	return nil
}
