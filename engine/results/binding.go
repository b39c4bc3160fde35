package results

import (
	"fmt"
	"io"
	"iter"
	"math"
	"reflect"
	"strings"
)

// A field is one number or text of a struct, at any depth.
type field struct {
	name     string
	path     []int // as reflect.Value.FieldByIndex takes it
	element  int   // of an array, else −1
	kind     reflect.Kind
	optional bool
}

// fieldsOf flattens a struct. A field with a parquet tag is a column, "name" or
// "name,optional"; a struct or array without one is its columns, with the field's
// prefix tag before their names.
func fieldsOf(row reflect.Type) []field { return appendFields(nil, row, "", nil) }

func appendFields(list []field, row reflect.Type, prefix string, path []int) []field {
	for i := range row.NumField() {
		f := row.Field(i)
		here := append(path[:len(path):len(path)], i)
		tag, isColumn := f.Tag.Lookup("parquet")
		switch {
		case isColumn:
			name, option, _ := strings.Cut(tag, ",")
			list = append(list, field{prefix + name, here, -1, f.Type.Kind(), option == "optional"})
		case f.Type.Kind() == reflect.Struct:
			list = appendFields(list, f.Type, prefix+f.Tag.Get("prefix"), here)
		case f.Type.Kind() == reflect.Array:
			for e := range f.Type.Len() {
				name := fmt.Sprintf("%s%s_%d", prefix, f.Tag.Get("prefix"), e+1)
				list = append(list, field{name, here, e, f.Type.Elem().Kind(), true})
			}
		}
	}
	return list
}

// fieldTypes are the kinds of field that a struct may have.
var fieldTypes = map[reflect.Kind]Type{reflect.Float64: Real, reflect.Int: Whole, reflect.Uint64: Seed, reflect.String: Text}

// SchemaOf returns the columns of a struct's fields, by their names alone. Fields have
// parquet tags, "name" or "name,optional"; those of a struct or array within it begin
// with its prefix tag.
func SchemaOf[T any]() Schema {
	var s Schema
	for _, f := range fieldsOf(reflect.TypeFor[T]()) {
		s = append(s, Column{Name: f.name, Type: fieldTypes[f.kind], Null: f.optional})
	}
	return s
}

// A Binding ties the fields of a struct to columns of a table. A number that does not
// exist is NaN in the struct, or −1 if it is whole.
type Binding struct {
	columns  []int
	pointers []any
}

// Bind ties the fields of v to the columns of their names. The error names the first
// that the table lacks, or has of another type.
func Bind[T any](t *Table, v *T) (*Binding, error) {
	b := new(Binding)
	value := reflect.ValueOf(v).Elem()
	for _, f := range fieldsOf(value.Type()) {
		i := t.Columns.Index(f.name)
		if i < 0 {
			return nil, fmt.Errorf("the table %s has no column %q", t.Name, f.name)
		}
		want := Column{Type: fieldTypes[f.kind], Null: f.optional}
		if c := &t.Columns[i]; c.Type != want.Type || c.Null != want.Null {
			return nil, fmt.Errorf("column %q of the table %s holds %s, not %s", f.name, t.Name, c.holds(), want.holds())
		}
		at := value.FieldByIndex(f.path)
		if f.element >= 0 {
			at = at.Index(f.element)
		}
		// Of a type such as Number the pointer is one to its underlying type.
		p := at.Addr().UnsafePointer()
		b.columns = append(b.columns, i)
		switch f.kind {
		case reflect.Float64:
			b.pointers = append(b.pointers, (*float64)(p))
		case reflect.Int:
			b.pointers = append(b.pointers, (*int)(p))
		case reflect.Uint64:
			b.pointers = append(b.pointers, (*uint64)(p))
		default:
			b.pointers = append(b.pointers, (*string)(p))
		}
	}
	return b, nil
}

// Put sets the row's columns from the struct.
func (b *Binding) Put(row *Row) {
	for i, column := range b.columns {
		switch p := b.pointers[i].(type) {
		case *float64:
			row.SetNumber(column, *p)
		case *int:
			if row.SetWhole(column, *p); *p < 0 && row.table.Columns[column].Null {
				row.SetNull(column)
			}
		case *uint64:
			row.SetSeed(column, *p)
		case *string:
			row.SetText(column, *p)
		}
	}
}

// Take sets the struct from the row.
func (b *Binding) Take(row *Row) {
	for i, column := range b.columns {
		switch p := b.pointers[i].(type) {
		case *float64:
			*p = math.NaN()
			if !row.Null(column) {
				*p = row.Number(column)
			}
		case *int:
			if *p = row.Whole(column); row.Null(column) {
				*p = -1
			}
		case *uint64:
			*p = row.Seed(column)
		case *string:
			if text := row.bytes(column); *p != string(text) { // mostly the row before's
				*p = string(text)
			}
		}
	}
}

// As gives rows as structs whose fields are columns of their table (see [Bind]). A
// struct is only good until the next.
func As[T any](rows iter.Seq2[*Row, error]) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		var table *Table
		var binding *Binding
		value := new(T)
		for row, err := range rows {
			if err == nil && row.table != table {
				table = row.table
				binding, err = Bind(table, value)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			binding.Take(row)
			if !yield(value, nil) {
				return
			}
		}
	}
}

// WriteAll writes the file of a table whose rows are structs (see [Bind]).
func WriteAll[T any](to io.Writer, t *Table, rows []T) error {
	w, err := NewWriter(to, t)
	if err != nil {
		return err
	}
	value, row := new(T), t.NewRow()
	binding, err := Bind(t, value)
	if err != nil {
		return err
	}
	for i := range rows {
		*value = rows[i]
		binding.Put(row)
		if err := w.Write(row); err != nil {
			return err
		}
	}
	return w.Close()
}
