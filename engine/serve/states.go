package serve

import (
	"math"
	"slices"

	"modspec/engine/results"
	"modspec/engine/serve/columns"
)

// states is the table of what is measured of a linear network at a step, which the
// explorer shows.
var states = &results.Table{Name: "states", Columns: results.SchemaOf[results.State]()}

// statesRow returns a row of states, and what sets it from a state.
func statesRow() (*results.Row, func(results.State)) {
	var state results.State
	fields, err := results.Bind(states, &state)
	if err != nil {
		panic(err) // the columns are the struct's own
	}
	row := states.NewRow()
	return row, func(s results.State) {
		state = s
		fields.Put(row)
	}
}

// valuesOf returns a state's quantities, those that exist.
func valuesOf(s results.State) map[string]results.Number {
	out := map[string]results.Number{}
	row, set := statesRow()
	set(s)
	for i, c := range states.Columns {
		if !row.Null(i) {
			out[c.Name] = results.Number(row.Number(i))
		}
	}
	return out
}

// predicted are the columns of which theory says something.
var predicted = results.SchemaOf[results.Predicted]()

// everyValueOf returns all of a state's quantities that theory predicts, null where
// unknown.
func everyValueOf(s results.State) map[string]results.Number {
	out := map[string]results.Number{}
	row, set := statesRow()
	set(s)
	for i, c := range states.Columns {
		if predicted.Index(c.Name) >= 0 {
			out[c.Name] = results.Number(row.Number(i))
		}
	}
	return out
}

// curvesOf turns states into curves, one a quantity that exists somewhere; nil for
// no states.
func curvesOf(list []results.State) map[string]numbers {
	if list == nil {
		return nil
	}
	curves := make([]numbers, len(states.Columns))
	exists := make([]bool, len(curves))
	row, set := statesRow()
	for _, s := range list {
		set(s)
		for i := range curves {
			curves[i] = append(curves[i], row.Number(i))
			exists[i] = exists[i] || !row.Null(i)
		}
	}
	out := map[string]numbers{}
	for i, c := range states.Columns {
		if exists[i] {
			out[c.Name] = curves[i]
		}
	}
	return out
}

// A band is what the copies of a group do at each step.
type band struct {
	Median numbers `json:"median"`
	Low    numbers `json:"low"`
	High   numbers `json:"high"`
}

// bandCurves is how many curves a band is.
const bandCurves = 3

// The quantiles of a band.
const bandLow, bandHigh = 0.1, 0.9

// bandOf returns the band of curves at n steps; of some curves the end may be
// missing. It reports whether any number exists.
func bandOf(curves [][]float64, n int) (band, bool) {
	b := band{make(numbers, n), make(numbers, n), make(numbers, n)}
	exists := false
	var at []float64
	for i := range n {
		at = at[:0]
		for _, c := range curves {
			if i < len(c) && !math.IsNaN(c[i]) {
				at = append(at, c[i])
			}
		}
		slices.Sort(at)
		exists = exists || len(at) > 0
		b.Median[i], b.Low[i], b.High[i] = columns.Quantile(at, 0.5), columns.Quantile(at, bandLow), columns.Quantile(at, bandHigh)
	}
	return b, exists
}

// thinned returns at most n of count places, evenly spread, with the first and the
// last.
func thinned(count, n int) []int {
	if count <= n {
		list := make([]int, count)
		for i := range list {
			list[i] = i
		}
		return list
	}
	list := make([]int, n)
	for i := range list {
		list[i] = i * (count - 1) / (n - 1)
	}
	return list
}
