package results

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// A column is one number or text of a row, wherever in the row's struct it is.
type column struct {
	name     string
	field    []int // as reflect.Value.FieldByIndex takes it
	element  int   // of an array, else −1
	kind     reflect.Kind
	optional bool
}

// columnsOf flattens a row's struct into its columns, in the order of its fields.
// A field with a parquet tag is a column, "name" or "name,optional"; a struct
// or array without one is its columns, with the field's prefix tag before their
// names.
func columnsOf(row reflect.Type) []column {
	return appendColumns(nil, row, "", nil)
}

func appendColumns(list []column, row reflect.Type, prefix string, path []int) []column {
	for i := range row.NumField() {
		f := row.Field(i)
		here := append(path[:len(path):len(path)], i)
		tag, isColumn := f.Tag.Lookup("parquet")
		switch {
		case isColumn:
			name, option, _ := strings.Cut(tag, ",")
			list = append(list, column{prefix + name, here, -1, f.Type.Kind(), option == "optional"})
		case f.Type.Kind() == reflect.Struct:
			list = appendColumns(list, f.Type, prefix+f.Tag.Get("prefix"), here)
		case f.Type.Kind() == reflect.Array:
			for e := range f.Type.Len() {
				name := fmt.Sprintf("%s%s_%d", prefix, f.Tag.Get("prefix"), e+1)
				list = append(list, column{name, here, e, f.Type.Elem().Kind(), true})
			}
		}
	}
	return list
}

// of returns the column's part of a row.
func (c *column) of(row reflect.Value) reflect.Value {
	for _, i := range c.field {
		row = row.Field(i)
	}
	if c.element >= 0 {
		return row.Index(c.element)
	}
	return row
}

// schemaOf returns the Parquet schema of some columns, which stand in the file
// in their own order. Texts and parameters repeat from row to row and are kept
// by dictionary; measured numbers hardly ever do.
func schemaOf(table string, columns []column) *parquet.Schema {
	fields := make([]reflect.StructField, len(columns))
	for i, c := range columns {
		tag := c.name
		switch {
		case c.optional:
			tag += ",optional"
		case c.name != "id" && c.name != "copy":
			tag += ",dict"
		}
		fields[i] = reflect.StructField{
			Name: fmt.Sprintf("C%d", i),
			Type: columnTypes[c.kind],
			Tag:  reflect.StructTag(fmt.Sprintf("parquet:%q", tag)),
		}
	}
	// The library keeps the order of a struct's fields, and no other's.
	return parquet.NewSchema(table, parquet.SchemaOf(reflect.New(reflect.StructOf(fields)).Interface()))
}

// columnTypes are the kinds of field that a row may have and how they are kept.
var columnTypes = map[reflect.Kind]reflect.Type{
	reflect.Int:     reflect.TypeFor[int64](),
	reflect.Uint64:  reflect.TypeFor[uint64](),
	reflect.Float64: reflect.TypeFor[float64](),
	reflect.String:  reflect.TypeFor[string](),
}

// value returns a row's value in the column: null where an optional number is not
// finite, or an optional count negative.
func (c *column) value(row reflect.Value, index int) parquet.Value {
	v := c.of(row)
	var out parquet.Value
	switch c.kind {
	case reflect.Float64:
		if c.optional && !finite(v.Float()) {
			return parquet.Value{}.Level(0, 0, index)
		}
		out = parquet.DoubleValue(v.Float())
	case reflect.Int:
		if c.optional && v.Int() < 0 {
			return parquet.Value{}.Level(0, 0, index)
		}
		out = parquet.Int64Value(v.Int())
	case reflect.Uint64:
		out = parquet.Int64Value(int64(v.Uint()))
	default:
		out = parquet.ByteArrayValue([]byte(v.String()))
	}
	level := 0
	if c.optional {
		level = 1
	}
	return out.Level(0, level, index)
}
