package results

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
)

// A Field reads one column of a table's rows.
type Field[T Row] struct {
	Name    string
	Numeric bool // whether it holds numbers; else text
	column  column
}

// FieldOf returns the column of that name, or an error if the table has none.
func FieldOf[T Row](name string) (Field[T], error) {
	for _, c := range tableOf[T]().columns {
		if c.name == name {
			return Field[T]{Name: name, Numeric: c.kind != reflect.String, column: c}, nil
		}
	}
	return Field[T]{}, fmt.Errorf("the table %s has no column %q", tableOf[T]().name, name)
}

// Number returns the column's number in a row: NaN where it is null or a text.
func (f Field[T]) Number(row *T) float64 {
	switch v := f.column.of(reflect.ValueOf(row).Elem()); f.column.kind {
	case reflect.Float64:
		return v.Float()
	case reflect.Int:
		if f.column.optional && v.Int() < 0 {
			return math.NaN()
		}
		return float64(v.Int())
	case reflect.Uint64:
		return float64(v.Uint())
	}
	return math.NaN()
}

// Text returns the column's value in a row as people write it, and "" for null.
func (f Field[T]) Text(row *T) string {
	if !f.Numeric {
		return f.column.of(reflect.ValueOf(row).Elem()).String()
	}
	if f.column.kind == reflect.Uint64 { // beyond 2⁵³ a float64 would not do
		return strconv.FormatUint(f.column.of(reflect.ValueOf(row).Elem()).Uint(), 10)
	}
	v := f.Number(row)
	if math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
