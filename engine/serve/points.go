package serve

import (
	"net/url"
	"reflect"
	"strings"

	"modspec/engine/results"
	"modspec/engine/serve/columns"
)

// A point is what the copies of a group share: the values of the parameters.
type point map[string]parameterValue

type parameterValue struct {
	columns.Entry
	numeric bool
}

// pointOf returns the point of a row.
func pointOf(v *columns.View, parameters []string, r columns.Row) point {
	p := point{}
	for _, name := range parameters {
		c := v.Column(name)
		p[name] = parameterValue{columns.Entry{Number: c.Value(r), Text: c.Text(r)}, c.Numeric}
	}
	return p
}

// json returns the values as the API has them.
func (p point) json() map[string]any {
	out := map[string]any{}
	for name, v := range p {
		out[name] = valueOf(name, v.numeric, v.Entry)
	}
	return out
}

// parameters returns the point as one of linear networks, whose theory and training the
// explorer knows; false if it is none.
func (p point) parameters() (results.Parameters, bool) {
	var out results.Parameters
	to := reflect.ValueOf(&out).Elem()
	for i := range to.NumField() {
		name, _, _ := strings.Cut(to.Type().Field(i).Tag.Get("parquet"), ",")
		v, ok := p[name]
		f := to.Field(i)
		if !ok || v.numeric == (f.Kind() == reflect.String) {
			return out, false
		}
		switch f.Kind() {
		case reflect.Int:
			f.SetInt(int64(v.Number))
		case reflect.Float64:
			f.SetFloat(v.Number)
		default:
			f.SetString(v.Text)
		}
	}
	return out, len(p) == to.NumField()
}

// varying returns the parameters in which points differ.
func varying(parameters []string, points []point) []string {
	list := []string{}
	for _, name := range parameters {
		for k := range points {
			if points[k][name].Text != points[0][name].Text {
				list = append(list, name)
				break
			}
		}
	}
	return list
}

// downloadURL returns where the rows of a point are.
func downloadURL(dir string, parameters []string, p point) string {
	q := url.Values{"dir": {dir}, "format": {"csv"}}
	for _, name := range parameters {
		q.Add(where, name+"="+p[name].Text)
	}
	return "/api/sweep/download?" + q.Encode()
}
