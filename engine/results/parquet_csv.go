package results

import (
	"reflect"
	"strconv"
	"strings"
)

// CSVHeader returns the names of a table's columns as a line of CSV.
func CSVHeader[T Row]() string { return strings.Join(Columns[T](), ",") + "\n" }

// AppendCSV appends a row as a line of CSV (RFC 4180, but for lines that end in a
// newline alone). Numbers are the shortest that read back the same; one that does
// not exist is empty.
func AppendCSV[T Row](b []byte, row *T) []byte {
	v := reflect.ValueOf(row).Elem()
	columns := tableOf[T]().columns
	for i := range columns {
		if i > 0 {
			b = append(b, ',')
		}
		b = columns[i].appendCSV(b, v)
	}
	return append(b, '\n')
}

func (c *column) appendCSV(b []byte, row reflect.Value) []byte {
	switch field := c.of(row); c.kind {
	case reflect.Float64:
		if v := field.Float(); finite(v) || !c.optional {
			b = strconv.AppendFloat(b, v, 'g', -1, 64)
		}
	case reflect.Int:
		if v := field.Int(); v >= 0 || !c.optional {
			b = strconv.AppendInt(b, v, 10)
		}
	case reflect.Uint64:
		b = strconv.AppendUint(b, field.Uint(), 10)
	default:
		b = appendText(b, field.String())
	}
	return b
}

// appendText quotes a text that CSV would take apart.
func appendText(b []byte, s string) []byte {
	if !strings.ContainsAny(s, ",\"\r\n") {
		return append(b, s...)
	}
	b = append(b, '"')
	b = append(b, strings.ReplaceAll(s, `"`, `""`)...)
	return append(b, '"')
}
