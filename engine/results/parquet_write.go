package results

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// A Writer writes the rows of one table as a Parquet file with Zstandard
// compression. It holds no more than a row group of them. Make it with
// [NewWriter] and close it, or there is no file. It is not safe for use by
// several goroutines at once.
type Writer struct {
	table    *Table
	file     *parquet.GenericWriter[any]
	columns  []*parquet.ColumnWriter
	values   []parquet.Value // rows that are not in the columns yet: room for a batch of each column
	texts    []byte          // of those rows
	pending  int             // how many they are
	rowGroup int             // rows of a row group
	rows     int             // in the row group
	total    int
}

// batch is how many rows go to the columns at once: few enough that they stay in
// the nearest caches while each column takes its own.
const batch = 64

// Row groups are about ten megabytes each: readers of other languages work on one at a
// time, and so does the writer.
const (
	wideGroup   = 1 << 14 // rows
	narrowGroup = 1 << 16 // rows of trajectories
)

// kinds are the types of columns as values have them.
var kinds = [...]parquet.Kind{Real: parquet.Double, Whole: parquet.Int64, Seed: parquet.Int64, Text: parquet.ByteArray}

// NewWriter starts a file of a table on w. Put it to disk with [WriteFile], which makes
// it whole or not at all. The error is what [Table.Check] finds.
func NewWriter(w io.Writer, t *Table) (*Writer, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	schema, err := json.Marshal(tableSchema{t.Kind, t.Columns})
	if err != nil {
		return nil, err
	}
	// A fresh codec each time: the library keeps encoders in it, and each of them
	// keeps memory.
	file := parquet.NewGenericWriter[any](w, t.parquetSchema(),
		parquet.WriteBufferSize(0), // what is flushed has reached w
		parquet.Compression(&zstd.Codec{Level: zstd.SpeedFastest}),
		parquet.CreatedBy("modspec", formatName(), ""),
		parquet.KeyValueMetadata(tableKey, t.Name),
		parquet.KeyValueMetadata(formatKey, formatName()),
		parquet.KeyValueMetadata(schemaKey, string(schema)))
	out := &Writer{table: t, file: file, columns: file.ColumnWriters(), values: make([]parquet.Value, batch*len(t.Columns)), rowGroup: wideGroup}
	if t.Name == TrajectoriesTable {
		out.rowGroup = narrowGroup
	}
	return out, nil
}

// Write appends a row, which has the columns of the writer's table. It keeps nothing of
// the row. The error names a column that has a value of another type, or none where
// none may be missing.
func (w *Writer) Write(row *Row) error {
	if len(row.values) != len(w.columns) {
		return fmt.Errorf("a row has %d columns, but the table %s has %d", len(row.values), w.table.Name, len(w.columns))
	}
	at := w.pending
	for i := range row.values {
		v, c := row.values[i], &w.table.Columns[i]
		switch {
		case row.Null(i):
			if !c.Null {
				return fmt.Errorf("column %q is null, but may not be missing", c.Name)
			}
			v = parquet.Value{}.Level(0, 0, i)
		case v.Kind() != kinds[c.Type]:
			return fmt.Errorf("column %q holds %v, not a %v", c.Name, v.Kind(), c.Type)
		case c.Type == Text:
			from := len(w.texts)
			w.texts = append(w.texts, v.ByteArray()...)
			v = parquet.ByteArrayValue(w.texts[from:]).Level(0, 0, i)
		}
		w.values[at] = v
		at += batch
	}
	if w.pending++; w.pending < batch {
		return nil
	}
	return w.spread()
}

// Rows returns how many rows have been written.
func (w *Writer) Rows() int { return w.total + w.pending }

// Flush ends the row group, so that every row so far is in w.
func (w *Writer) Flush() error {
	if err := w.spread(); err != nil {
		return err
	}
	w.rows = 0
	return w.file.Flush()
}

// SetMetadata puts a text into the file's footer, which [Metadata] reads. It may be
// called until Close.
func (w *Writer) SetMetadata(key, value string) { w.file.SetKeyValueMetadata(key, value) }

// spread moves the pending rows to the columns, and ends the row group when it is
// full.
func (w *Writer) spread() error {
	for i, column := range w.columns {
		if _, err := column.WriteRowValues(w.values[batch*i : batch*i+w.pending]); err != nil {
			return fmt.Errorf("column %s: %w", w.table.Columns[i].Name, err)
		}
	}
	w.rows += w.pending
	w.total += w.pending
	w.pending, w.texts = 0, w.texts[:0]
	if w.rows < w.rowGroup {
		return nil
	}
	w.rows = 0
	return w.file.Flush()
}

// Close writes what is left and the file's footer.
func (w *Writer) Close() error {
	if err := w.spread(); err != nil {
		return err
	}
	return w.file.Close()
}
