package results

import (
	"fmt"
	"math"
	"strconv"

	"github.com/parquet-go/parquet-go"
)

// A Row is a row of a table: a value for each column, or null.
type Row struct {
	table  *Table
	values parquet.Row
	texts  [][]byte // of texts that were set
}

// NewRow returns a row with 0 and "" in every column, and null where it may be.
func (t *Table) NewRow() *Row {
	r := &Row{table: t, values: make(parquet.Row, len(t.Columns)), texts: make([][]byte, len(t.Columns))}
	for i := range t.Columns {
		switch t.Columns[i].Type {
		case Text:
			r.SetText(i, "")
		case Real:
			r.SetNumber(i, math.NaN())
			if !t.Columns[i].Null {
				r.SetNumber(i, 0)
			}
		default:
			if r.SetWhole(i, 0); t.Columns[i].Null {
				r.SetNull(i)
			}
		}
	}
	return r
}

// Table returns the table that the row is of.
func (r *Row) Table() *Table { return r.table }

// level is 1 for a value that could be missing, as Parquet counts it.
func (r *Row) level(column int) int {
	if r.table.Columns[column].Null {
		return 1
	}
	return 0
}

// SetNumber sets a column of numbers: to null where it may be missing and the number is
// not finite.
func (r *Row) SetNumber(column int, v float64) {
	c := &r.table.Columns[column]
	switch {
	case c.Null && !finite(v):
		r.SetNull(column)
	case c.Type == Real:
		r.values[column] = parquet.DoubleValue(v).Level(0, r.level(column), column)
	case c.Type == Whole:
		r.SetWhole(column, int(v))
	default:
		r.SetSeed(column, uint64(v))
	}
}

// SetNumbers sets columns of numbers that follow one another.
func (r *Row) SetNumbers(first int, values []float64) {
	for i, v := range values {
		r.SetNumber(first+i, v)
	}
}

// SetWhole sets a column of whole numbers.
func (r *Row) SetWhole(column, v int) {
	r.values[column] = parquet.Int64Value(int64(v)).Level(0, r.level(column), column)
}

// SetSeed sets a column of seeds.
func (r *Row) SetSeed(column int, v uint64) {
	r.values[column] = parquet.Int64Value(int64(v)).Level(0, 0, column)
}

// SetText sets a column of texts.
func (r *Row) SetText(column int, v string) {
	if string(r.texts[column]) != v || r.values[column].IsNull() {
		r.texts[column] = append(r.texts[column][:0], v...)
		r.values[column] = parquet.ByteArrayValue(r.texts[column]).Level(0, 0, column)
	}
}

// SetValue sets a column to a parameter's value.
func (r *Row) SetValue(column int, v Value) {
	if r.table.Columns[column].Type == Text {
		r.SetText(column, v.Text)
		return
	}
	r.SetNumber(column, v.Number)
}

// SetNull sets a column that may be missing to null.
func (r *Row) SetNull(column int) { r.values[column] = parquet.Value{}.Level(0, 0, column) }

// Null reports whether a column's value does not exist.
func (r *Row) Null(column int) bool {
	v := &r.values[column]
	return v.IsNull() || r.table.Columns[column].Null && v.Kind() == parquet.Double && !finite(v.Double())
}

// Number returns the number in a column: NaN where it is null or a text.
func (r *Row) Number(column int) float64 {
	if r.Null(column) {
		return math.NaN()
	}
	switch v := &r.values[column]; r.table.Columns[column].Type {
	case Real:
		return v.Double()
	case Whole:
		return float64(v.Int64())
	case Seed:
		return float64(v.Uint64())
	}
	return math.NaN()
}

// Whole returns the number in a column of whole numbers, and 0 for null.
func (r *Row) Whole(column int) int {
	if r.table.Columns[column].Type != Whole {
		return 0
	}
	return int(r.values[column].Int64())
}

// Seed returns the number in a column of seeds.
func (r *Row) Seed(column int) uint64 {
	if r.table.Columns[column].Type != Seed {
		return 0
	}
	return r.values[column].Uint64()
}

// bytes returns the text in a column.
func (r *Row) bytes(column int) []byte {
	if r.table.Columns[column].Type != Text {
		return nil
	}
	return r.values[column].ByteArray()
}

// Text returns a column's value as people write it, and "" for null.
func (r *Row) Text(column int) string {
	switch r.table.Columns[column].Type {
	case Text:
		return string(r.bytes(column))
	case Seed: // beyond 2⁵³ a float64 would not do
		return strconv.FormatUint(r.Seed(column), 10)
	}
	v := r.Number(column)
	if math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// A Field reads one column of a table's rows.
type Field struct {
	Column
	index int
}

// Field returns the column of that name, or an error if the table has none.
func (t *Table) Field(name string) (Field, error) {
	i := t.Columns.Index(name)
	if i < 0 {
		return Field{}, fmt.Errorf("the table %s has no column %q", t.Name, name)
	}
	return Field{t.Columns[i], i}, nil
}

// Prediction returns the column with what theory has for a column, if there is one.
func (t *Table) Prediction(value string) (Field, bool) {
	i := t.Columns.Prediction(value)
	if i < 0 {
		return Field{}, false
	}
	f, err := t.Field(t.Columns[i].Name)
	return f, err == nil
}

// Number returns the column's number in a row: NaN where it is null or a text.
func (f *Field) Number(row *Row) float64 { return row.Number(f.index) }

// Text returns the column's value in a row as people write it, and "" for null.
func (f *Field) Text(row *Row) string { return row.Text(f.index) }
