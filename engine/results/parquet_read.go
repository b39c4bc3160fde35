package results

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"reflect"

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

// Read returns the rows of a file of a table, one at a time; the row is only good
// until the next. The first error ends the iteration. It names the file, and
// says whether the file is cut short or damaged, holds another table, or was
// written in another form than this version's; then it is a [DamagedError].
//
// A damaged file can also read as other numbers; that it is the file that was
// written, only its checksum tells.
func Read[T Row](path string) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		f, size, err := regularfile.Open(path)
		if err != nil {
			yield(nil, fmt.Errorf("reading %s: %w", path, err))
			return
		}
		defer f.Close()
		stopped := false
		err = UseTable[T](f, path, size, func(file *parquet.File) error {
			return read(file, func(row *T) bool {
				stopped = !calling(yield, row)
				return !stopped
			})
		})
		if err != nil && !stopped {
			yield(nil, err)
		}
	}
}

// UseTable gives a file of a table, of the given size, to use, after a look at
// whether it is one of this version's. Whatever is wrong with the file, and any
// panic of the Parquet library that damage causes, is a [DamagedError] under the
// given name, and so is an error of use, unless it is a context's end or a
// [RequestError].
func UseTable[T Row](f io.ReaderAt, name string, size int64, use func(*parquet.File) error) error {
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
		if err := tableOf[T]().check(file); err != nil {
			return err
		}
		if err := checkGroups(file.Metadata(), end); err != nil {
			return fmt.Errorf("it is damaged: %w", err)
		}
		return use(file)
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
func calling[T Row](body func(*T, error) bool, row *T) bool {
	defer func() {
		if r := recover(); r != nil {
			panic(bodyPanic{r})
		}
	}()
	return body(row, nil)
}

// read gives the rows to body until it has enough, a row group after the other.
func read[T Row](file *parquet.File, body func(*T) bool) error {
	t := tableOf[T]()
	values := make([]parquet.Row, batch)
	row := new(T)
	target := reflect.ValueOf(row).Elem()
	number := int64(0)
	for i, group := range file.RowGroups() {
		total := int64(0)
		for column := range t.columns {
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
				if err := t.fill(target, v); err != nil {
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

// check compares a file's own description with the table.
func (t *table) check(file *parquet.File) error {
	if name, ok := file.Lookup(tableKey); !ok || name != t.name {
		return fmt.Errorf("it holds table %q, not %q", name, t.name)
	}
	if format, _ := file.Lookup(formatKey); format != formatName() {
		return fmt.Errorf("its form is number %q, but this version reads form %d only; use the version of modspec that wrote it", format, tableFormat)
	}
	have, want := file.Schema().Fields(), t.schema.Fields()
	for i := range max(len(have), len(want)) {
		switch {
		case i >= len(have):
			return fmt.Errorf("column %q is missing; use the version of modspec that wrote it", want[i].Name())
		case i >= len(want):
			return fmt.Errorf("column %q is unknown; use the version of modspec that wrote it", have[i].Name())
		case have[i].Name() != want[i].Name():
			return fmt.Errorf("column %d is %q, not %q; use the version of modspec that wrote it", i+1, have[i].Name(), want[i].Name())
		case !have[i].Leaf() || have[i].Type().String() != want[i].Type().String() || have[i].Optional() != want[i].Optional():
			return fmt.Errorf("column %q holds %v, not %v; use the version of modspec that wrote it", have[i].Name(), have[i], want[i])
		}
	}
	return nil
}

// fill sets every column of a row, null as NaN or −1.
func (t *table) fill(row reflect.Value, values parquet.Row) error {
	if len(values) != len(t.columns) {
		return fmt.Errorf("it has %d values for %d columns: the file is damaged", len(values), len(t.columns))
	}
	for i := range t.columns {
		c, v := &t.columns[i], values[i]
		if v.IsNull() && !c.optional {
			return fmt.Errorf("column %q is null: the file is damaged", c.name)
		}
		field := c.of(row)
		switch c.kind {
		case reflect.Float64:
			x := math.NaN()
			if !v.IsNull() {
				x = v.Double()
			}
			field.SetFloat(x)
		case reflect.Int:
			n := int64(-1)
			if !v.IsNull() {
				n = v.Int64()
			}
			field.SetInt(n)
		case reflect.Uint64:
			field.SetUint(uint64(v.Int64()))
		default:
			if text := v.ByteArray(); field.String() != string(text) { // mostly the row before's
				field.SetString(string(text))
			}
		}
	}
	return nil
}
