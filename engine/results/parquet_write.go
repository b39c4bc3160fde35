package results

import (
	"fmt"
	"io"
	"reflect"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// A Writer writes the rows of one table as a Parquet file with Zstandard
// compression. It holds no more than a row group of them. Make it with
// [NewWriter] and close it, or there is no file. It is not safe for use by
// several goroutines at once.
type Writer[T Row] struct {
	table   *table
	file    *parquet.GenericWriter[any]
	columns []*parquet.ColumnWriter
	values  []parquet.Value
	pending []T // rows that are not in the columns yet
	rows    int // in the row group
	total   int
}

// batch is how many rows go to the columns at once: few enough that they stay in
// the nearest cache while each column picks its own.
const batch = 64

// NewWriter starts a file on w. Put it to disk with [WriteFile], which makes it
// whole or not at all.
func NewWriter[T Row](w io.Writer) *Writer[T] {
	t := tableOf[T]()
	// A fresh codec each time: the library keeps encoders in it, and each of them
	// keeps memory.
	file := parquet.NewGenericWriter[any](w, t.schema,
		parquet.WriteBufferSize(0), // what is flushed has reached w
		parquet.Compression(&zstd.Codec{Level: zstd.SpeedFastest}),
		parquet.CreatedBy("modspec", formatName(), ""),
		parquet.KeyValueMetadata(tableKey, t.name),
		parquet.KeyValueMetadata(formatKey, formatName()))
	return &Writer[T]{
		table: t, file: file, columns: file.ColumnWriters(),
		values: make([]parquet.Value, batch), pending: make([]T, 0, batch),
	}
}

// Write appends a row.
func (w *Writer[T]) Write(row *T) error {
	w.pending = append(w.pending, *row)
	if len(w.pending) < batch {
		return nil
	}
	return w.spread()
}

// Rows returns how many rows have been written.
func (w *Writer[T]) Rows() int { return w.total + len(w.pending) }

// Flush ends the row group, so that every row so far is in w.
func (w *Writer[T]) Flush() error {
	if err := w.spread(); err != nil {
		return err
	}
	w.rows = 0
	return w.file.Flush()
}

// SetMetadata puts a text into the file's footer, which [Metadata] reads. It may be
// called until Close.
func (w *Writer[T]) SetMetadata(key, value string) { w.file.SetKeyValueMetadata(key, value) }

// spread moves the pending rows to the columns, and ends the row group when it is
// full.
func (w *Writer[T]) spread() error {
	n := len(w.pending)
	for i := range w.table.columns {
		c := &w.table.columns[i]
		for r := range w.pending {
			w.values[r] = c.value(reflect.ValueOf(&w.pending[r]).Elem(), i)
		}
		if _, err := w.columns[i].WriteRowValues(w.values[:n]); err != nil {
			return fmt.Errorf("column %s: %w", c.name, err)
		}
	}
	w.pending = w.pending[:0]
	w.rows += n
	w.total += n
	if w.rows < w.table.rowGroup {
		return nil
	}
	w.rows = 0
	return w.file.Flush()
}

// Close writes what is left and the file's footer.
func (w *Writer[T]) Close() error {
	if err := w.spread(); err != nil {
		return err
	}
	return w.file.Close()
}
