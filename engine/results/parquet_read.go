package results

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/parquet-go/parquet-go"

	"modspec/engine/regularfile"
)

// A DamagedError is a file of a table that cannot be read as what it should be: cut
// short, damaged, crafted, of another table or of another version.
type DamagedError struct {
	File string
	Err  error
}

func (e *DamagedError) Error() string { return fmt.Sprintf("reading %s: %v", e.File, e.Err) }
func (e *DamagedError) Unwrap() error { return e.Err }

// Read returns the rows of a file of the table of that name, one at a time; a row is
// only good until the next, but for its table. The first error ends the iteration. It
// names the file, and says whether the file is cut short or damaged, holds another
// table, or was written in another form than this version's; then it is a
// [DamagedError].
//
// A damaged file can also give other numbers; only its checksum shows whether it is the
// file that was written.
func Read(path, table string) iter.Seq2[*Row, error] {
	return func(yield func(*Row, error) bool) {
		f, size, err := regularfile.Open(path)
		if err != nil {
			yield(nil, fmt.Errorf("reading %s: %w", path, err))
			return
		}
		defer f.Close()
		stopped := false
		err = UseTable(f, path, size, table, func(file *parquet.File, t *Table) error {
			return read(file, t, func(row *Row) bool {
				stopped = !calling(yield, row)
				return !stopped
			})
		})
		if err != nil && !stopped {
			yield(nil, err)
		}
	}
}

// ReadTable returns the table of a file, without its rows. Errors are those of [Read].
func ReadTable(path, table string) (t *Table, err error) {
	err = use(path, table, func(_ *parquet.File, found *Table) error {
		t = found
		return nil
	})
	return t, err
}

// Metadata returns a text that [Writer.SetMetadata] put into the footer of a table's
// file, or "" if there is none of that key. Errors are those of [Read].
func Metadata(path, table, key string) (value string, err error) {
	err = use(path, table, func(file *parquet.File, _ *Table) error {
		value, _ = file.Lookup(key)
		return nil
	})
	return value, err
}

func use(path, table string, body func(*parquet.File, *Table) error) error {
	f, size, err := regularfile.Open(path)
	if err != nil {
		return fmt.Errorf("reading %w", err)
	}
	defer f.Close()
	return UseTable(f, path, size, table, body)
}

// UseTable gives a file of the table of that name, of the given size, to use, after a
// look at whether it is one of this version's. Whatever is wrong with the file, and
// any panic of the Parquet library that damage causes, is a [DamagedError] under the
// given name, and so is an error of use, unless it is a context's end or a
// [RequestError].
func UseTable(f io.ReaderAt, name string, size int64, table string, use func(*parquet.File, *Table) error) error {
	err := guarded(func() error {
		end, err := checkFooter(f, size)
		if err != nil {
			return fmt.Errorf("it is cut short, damaged or no Parquet file: %w", err)
		}
		// The page index and the statistics serve searches; all readers here read
		// whole columns.
		file, err := parquet.OpenFile(f, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
		if err != nil {
			return fmt.Errorf("it is cut short, damaged or no Parquet file: %w", err)
		}
		t, err := tableOf(file, table)
		if err != nil {
			return err
		}
		if err := checkGroups(file.Metadata(), end); err != nil {
			return fmt.Errorf("it is damaged: %w", err)
		}
		return use(file, t)
	})
	var request *RequestError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &request):
		return request.Err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	return &DamagedError{name, err}
}

// A RequestError is an error of a file's reader that is none of the file.
type RequestError struct{ Err error }

func (e *RequestError) Error() string { return e.Err.Error() }

// guarded turns a panic of the Parquet library, which some damaged files cause,
// into an error. A panic of the caller's own loop body passes through it.
func guarded(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			if p, ours := r.(bodyPanic); ours {
				panic(p.value)
			}
			err = fmt.Errorf("it is damaged: %v", r)
		}
	}()
	return f()
}

// bodyPanic carries a panic of the code that reads the rows.
type bodyPanic struct{ value any }

// calling calls the loop body so that its panics can be told from the library's.
func calling(body func(*Row, error) bool, row *Row) bool {
	defer func() {
		if r := recover(); r != nil {
			panic(bodyPanic{r})
		}
	}()
	return body(row, nil)
}

// read gives the rows to body until it has enough, a row group after the other.
func read(file *parquet.File, t *Table, body func(*Row) bool) error {
	values := make([]parquet.Row, batch)
	row := &Row{table: t}
	number := int64(0)
	for i, group := range file.RowGroups() {
		total := int64(0)
		for column := range t.Columns {
			bytes, err := checkChunk(file, i, column)
			if err != nil {
				return fmt.Errorf("it is damaged: %w", err)
			}
			if total += bytes; total > maxGroup {
				return fmt.Errorf("row group %d has more than %d MiB, as none of this program has", i+1, maxGroup>>20)
			}
		}
		end := number + group.NumRows()
		rows := group.Rows()
		for number < end {
			n, err := rows.ReadRows(values)
			for _, v := range values[:n] {
				if err := row.fill(v); err != nil {
					return errors.Join(fmt.Errorf("row %d: %w", number, err), rows.Close())
				}
				number++
				if !body(row) {
					return rows.Close()
				}
			}
			if err != nil && !errors.Is(err, io.EOF) {
				return errors.Join(fmt.Errorf("it is damaged: %w", err), rows.Close())
			}
			if n == 0 || err != nil {
				break
			}
		}
		if err := rows.Close(); err != nil {
			return err
		}
		if number != end {
			return fmt.Errorf("it has %d rows, but says that it has %d: it is damaged", number, end)
		}
	}
	return nil
}

// fill makes a row of values that were read.
func (r *Row) fill(values parquet.Row) error {
	if len(values) != len(r.table.Columns) {
		return fmt.Errorf("it has %d values for %d columns: the file is damaged", len(values), len(r.table.Columns))
	}
	for i := range values {
		if c := &r.table.Columns[i]; values[i].IsNull() && !c.Null {
			return fmt.Errorf("column %q is null: the file is damaged", c.Name)
		}
	}
	r.values = values
	return nil
}
