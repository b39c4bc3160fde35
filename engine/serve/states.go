package serve

import (
	"math"
	"slices"

	"modspec/engine/results"
	"modspec/engine/serve/columns"
)

// quantityFields read the quantities from a recorded point.
var quantityFields = func() []results.Field[results.TrajectoryPoint] {
	var list []results.Field[results.TrajectoryPoint]
	for _, name := range columns.Quantities {
		f, err := results.FieldOf[results.TrajectoryPoint](name)
		if err != nil {
			panic(err) // the names are the table's own
		}
		list = append(list, f)
	}
	return list
}()

// valuesOf returns a state's quantities, those that exist.
func valuesOf(s results.State) map[string]results.Number {
	p := results.TrajectoryPoint{State: s}
	out := map[string]results.Number{}
	for _, f := range quantityFields {
		if v := f.Number(&p); !math.IsNaN(v) && !math.IsInf(v, 0) {
			out[f.Name] = results.Number(v)
		}
	}
	return out
}

// everyValueOf returns all of a state's quantities, null where unknown, but for the
// test losses, of which theory says nothing.
func everyValueOf(s results.State) map[string]results.Number {
	p := results.TrajectoryPoint{State: s}
	out := map[string]results.Number{}
	for _, f := range quantityFields {
		if !testLoss(f.Name) {
			out[f.Name] = results.Number(f.Number(&p))
		}
	}
	return out
}

func testLoss(name string) bool {
	return name == "test_loss" || name == "test_loss_omega" || name == "test_loss_gamma"
}

// curvesOf turns states into curves, one a quantity that exists somewhere; nil for
// no states.
func curvesOf(states []results.State) map[string]numbers {
	if states == nil {
		return nil
	}
	out := map[string]numbers{}
	for _, f := range quantityFields {
		curve := make(numbers, len(states))
		exists := false
		for i := range states {
			p := results.TrajectoryPoint{State: states[i]}
			curve[i] = f.Number(&p)
			exists = exists || !math.IsNaN(curve[i])
		}
		if exists {
			out[f.Name] = curve
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
