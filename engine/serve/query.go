package serve

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"modspec/engine/number"
	"modspec/engine/results"
	"modspec/engine/serve/columns"
)

// A query is what a request asks for. Its first fault is kept, so that reading
// goes on and is checked once.
type query struct {
	values url.Values
	err    error
}

// where may be given several times; all else once.
const where = "where"

// readQuery reads the parameters of a request, which may have the named ones.
func readQuery(r *http.Request, known ...string) (*query, error) {
	if len(r.URL.RawQuery) > maxQuery {
		return nil, refuse(http.StatusBadRequest, "the query has %d bytes, but may have at most %d", len(r.URL.RawQuery), maxQuery)
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "the query cannot be read: %v", err)
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		switch {
		case !slices.Contains(known, name):
			return nil, refuse(http.StatusBadRequest, "there is no parameter %s here; there are %s", number.Quote(name), strings.Join(known, ", "))
		case len(values[name]) > 1 && name != where:
			return nil, refuse(http.StatusBadRequest, "the parameter %s is given %d times, but must be given once", number.Quote(name), len(values[name]))
		}
	}
	return &query{values: values}, nil
}

func (q *query) fault(format string, arguments ...any) {
	if q.err == nil {
		q.err = refuse(http.StatusBadRequest, format, arguments...)
	}
}

func (q *query) text(name string) string { return q.values.Get(name) }

// whole returns a whole number from low to high.
func (q *query) whole(name string, initial, low, high int) int {
	text := q.values.Get(name)
	if text == "" {
		return initial
	}
	n, err := number.Whole(text, low, high)
	if err != nil {
		q.fault("%s %v", name, err)
		return initial
	}
	return n
}

// bins returns a number of bins; auto, or none, is 0.
func (q *query) bins(name string) int {
	if q.values.Get(name) == "auto" {
		return 0
	}
	return q.whole(name, 0, 2, columns.MaxPlaces)
}

func (q *query) truth(name string) bool {
	switch text := q.values.Get(name); text {
	case "", "false", "0":
		return false
	case "true", "1":
		return true
	default:
		q.fault("%s is %s, but must be true or false", name, number.Quote(text))
		return false
	}
}

// real returns a finite number of at least low; NaN where none is given.
func (q *query) real(name string, low float64) float64 {
	text := q.values.Get(name)
	if text == "" {
		return math.NaN()
	}
	v, err := number.Real(text)
	switch {
	case err != nil:
		q.fault("%s %v", name, err)
		return math.NaN()
	case v < low:
		q.fault("%s is %v, but must be a finite number of at least %v", name, v, low)
		return math.NaN()
	}
	return v
}

// list returns a comma-separated list without blanks; nil where none is given.
func (q *query) list(name string) []string {
	if q.values.Get(name) == "" {
		return nil
	}
	return strings.Split(q.values.Get(name), ",")
}

// filter reads the conditions on a table's rows.
func (q *query) filter(t *results.Table) columns.Filter {
	var list []columns.Condition
	for _, text := range q.values[where] {
		c, err := columns.ParseCondition(t, text)
		if err != nil {
			q.fault("%v", err)
			return columns.Filter{}
		}
		list = append(list, c)
	}
	f, err := columns.NewFilter(list)
	if err != nil {
		q.fault("%v", err)
	}
	return f
}

// needs notes a fault if a parameter is missing.
func (q *query) needs(name, what string) string {
	text := q.values.Get(name)
	if text == "" {
		q.fault("%s is missing: %s", name, what)
	}
	return text
}

// dir is the folder that the request names, "" for none.
func (q *query) dir() string { return q.values.Get("dir") }

var errNoFolder = errors.New("there is no such folder of results")

func noFolder(dir string) error {
	return &refusal{http.StatusNotFound, fmt.Sprintf("%v: %s", errNoFolder, number.Quote(dir))}
}
