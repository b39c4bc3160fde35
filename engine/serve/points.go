package serve

import (
	"net/url"
	"reflect"
	"strconv"

	"modspec/engine/results"
	"modspec/engine/serve/columns"
)

// parametersOf returns the point of a row.
func parametersOf(v *columns.View, r columns.Row) results.Parameters {
	var p results.Parameters
	out := reflect.ValueOf(&p).Elem()
	for i := range out.NumField() {
		c := v.Column(columns.Parameters[i])
		switch f := out.Field(i); f.Kind() {
		case reflect.Int:
			f.SetInt(int64(c.Value(r)))
		case reflect.Float64:
			f.SetFloat(c.Value(r))
		default:
			f.SetString(c.Text(r))
		}
	}
	return p
}

// varying returns the parameters in which points differ.
func varying(points []results.Parameters) []string {
	list := []string{}
	for i, name := range columns.Parameters {
		if name == columns.Seed {
			continue
		}
		for k := range points {
			if !reflect.ValueOf(points[k]).Field(i).Equal(reflect.ValueOf(points[0]).Field(i)) {
				list = append(list, name)
				break
			}
		}
	}
	return list
}

// downloadURL returns where the rows of a point are.
func downloadURL(dir string, p results.Parameters) string {
	q := url.Values{"dir": {dir}, "format": {"csv"}}
	v := reflect.ValueOf(p)
	for i := range v.NumField() {
		name, text := columns.Parameters[i], ""
		switch f := v.Field(i); f.Kind() {
		case reflect.Float64:
			text = strconv.FormatFloat(f.Float(), 'g', -1, 64)
		case reflect.Int:
			text = strconv.FormatInt(f.Int(), 10)
		default:
			text = f.String()
		}
		q.Add(where, name+"="+text)
	}
	return "/api/sweep/download?" + q.Encode()
}
