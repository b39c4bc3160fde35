package results

import (
	"strconv"
	"strings"
)

// CSVHeader returns the names of the table's columns as a line of CSV.
func (t *Table) CSVHeader() string { return strings.Join(t.Columns.Names(), ",") + "\n" }

// AppendCSV appends the row as a line of CSV (RFC 4180, but for lines that end in a
// newline alone). Numbers are the shortest that read back the same; one that does
// not exist is empty.
func (r *Row) AppendCSV(b []byte) []byte {
	for i := range r.values {
		if i > 0 {
			b = append(b, ',')
		}
		if r.Null(i) {
			continue
		}
		switch v := &r.values[i]; r.table.Columns[i].Type {
		case Real:
			b = strconv.AppendFloat(b, v.Double(), 'g', -1, 64)
		case Whole:
			b = strconv.AppendInt(b, v.Int64(), 10)
		case Seed:
			b = strconv.AppendUint(b, v.Uint64(), 10)
		case Text:
			b = appendText(b, string(v.ByteArray()))
		}
	}
	return append(b, '\n')
}

// appendText quotes a text that has a separator, a quote or a line break.
func appendText(b []byte, s string) []byte {
	if !strings.ContainsAny(s, ",\"\r\n") {
		return append(b, s...)
	}
	b = append(b, '"')
	b = append(b, strings.ReplaceAll(s, `"`, `""`)...)
	return append(b, '"')
}
