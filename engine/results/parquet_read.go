package results

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"reflect"

	"github.com/parquet-go/parquet-go"
)

// Read returns the rows of a file of a table, one at a time; the row is only good
// until the next. The first error ends the iteration. It names the file, and
// says whether the file is cut short or damaged, holds another table, or was
// written in another form than this version's.
//
// A damaged file can also read as other numbers; that it is the file that was
// written, only its checksum tells.
func Read[T Row](path string) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		stopped := false
		err := guarded(func() error {
			return read(path, func(row *T) bool {
				stopped = !yield(row, nil)
				return !stopped
			})
		})
		if err != nil && !stopped {
			yield(nil, fmt.Errorf("reading %s: %w", path, err))
		}
	}
}

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
func calling[T Row](body func(*T) bool, row *T) bool {
	defer func() {
		if r := recover(); r != nil {
			panic(bodyPanic{r})
		}
	}()
	return body(row)
}

func read[T Row](path string, body func(*T) bool) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	// The page index and the statistics serve searches; this reads everything.
	file, err := parquet.OpenFile(f, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return fmt.Errorf("it is cut short, damaged or no Parquet file: %w", err)
	}
	t := tableOf[T]()
	if err := t.check(file); err != nil {
		return err
	}
	reader := parquet.NewReader(file)
	defer reader.Close()
	rows := make([]parquet.Row, batch)
	row := new(T)
	target := reflect.ValueOf(row).Elem()
	for read := int64(0); ; {
		n, err := reader.ReadRows(rows)
		for _, values := range rows[:n] {
			if err := t.fill(target, values); err != nil {
				return fmt.Errorf("row %d: %w", read, err)
			}
			read++
			if !calling(body, row) {
				return nil
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			if read != file.NumRows() {
				return fmt.Errorf("it has %d rows, but says that it has %d: it is damaged", read, file.NumRows())
			}
			return nil
		case err != nil:
			return fmt.Errorf("it is damaged: %w", err)
		}
	}
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
