package study

import (
	"fmt"
	"iter"
	"math"
	"slices"

	"modspec/engine/results"
	"modspec/engine/sweep"
)

// A Table is what the networks of a sweep were measured to be, in memory.
type Table struct {
	Runs []Run // in the order of the sweep: all seeds of one setting before the next
}

// A Run is one network of one setting and seed.
type Run struct {
	Seed       uint64
	Parameters []results.Value // resolved, in the order of the kind's schema
	Diverged   bool
	Steps      []int // that were recorded

	parameters, metrics results.Schema
	curves              [][]float64 // by metric and recorded step; NaN where there is no value
}

// ReadTable reads the tables of a sweep's folder. Both must be there.
func ReadTable(dir string) (*Table, error) {
	t, places, err := readRuns(sweep.Runs(dir))
	if err != nil {
		return nil, err
	}
	var from *results.Table
	var metrics results.Schema
	step, first := 0, 0
	for row, err := range sweep.Trajectories(dir) {
		if err != nil {
			return nil, err
		}
		if row.Table() != from {
			from = row.Table()
			step = from.Columns.Index(results.StepColumn)
			metrics, first = from.Columns[step+1:], step+1
		}
		place, ok := places[row.Whole(results.CopyPlace)]
		if !ok {
			return nil, fmt.Errorf("%s: the table trajectories has the copy %d, which the table runs has not", dir, row.Whole(results.CopyPlace))
		}
		r := &t.Runs[place]
		if r.curves == nil {
			r.metrics, r.curves = metrics, make([][]float64, len(metrics))
		}
		r.Steps = append(r.Steps, row.Whole(step))
		for i := range metrics {
			r.curves[i] = append(r.curves[i], row.Number(first+i))
		}
	}
	return t, nil
}

// readRuns reads a table runs, and returns the place of each run by its number.
func readRuns(rows iter.Seq2[*results.Row, error]) (*Table, map[int]int, error) {
	t := new(Table)
	var numbers []int
	for row, err := range rows {
		if err != nil {
			return nil, nil, err
		}
		columns := row.Table().Columns
		seed, precision := columns.Index(results.SeedColumn), columns.Index(results.PrecisionColumn)
		r := Run{
			Seed: row.Seed(seed), Diverged: !row.Null(columns.Index(results.DivergedStepColumn)),
			parameters: columns[seed+1 : precision],
		}
		for i, c := range r.parameters {
			var v results.Value
			if c.Type == results.Text {
				v.Text = row.Text(seed + 1 + i)
			} else {
				v.Number = row.Number(seed + 1 + i)
			}
			r.Parameters = append(r.Parameters, v)
		}
		t.Runs, numbers = append(t.Runs, r), append(numbers, row.Whole(results.CopyPlace))
	}
	// Parts are written as runs finish, so their rows are in any order.
	order := make([]int, len(numbers))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return numbers[a] - numbers[b] })
	sorted, places := &Table{Runs: make([]Run, len(order))}, make(map[int]int, len(order))
	for place, i := range order {
		sorted.Runs[place], places[numbers[i]] = t.Runs[i], place
	}
	return sorted, places, nil
}

// Settings returns the runs of each setting, settings in the order of the sweep.
func (t *Table) Settings() [][]Run {
	var list [][]Run
	first := 0
	for i := range t.Runs {
		if i+1 == len(t.Runs) || !slices.Equal(t.Runs[i].Parameters, t.Runs[i+1].Parameters) {
			list = append(list, t.Runs[first:i+1])
			first = i + 1
		}
	}
	return list
}

// Seeds returns the runs whose seeds are below a number.
func (t *Table) Seeds(below int) *Table {
	var few Table
	for _, r := range t.Runs {
		if r.Seed < uint64(below) {
			few.Runs = append(few.Runs, r)
		}
	}
	return &few
}

// Number returns a parameter that is a number: NaN where it is none, or is not there.
func (r *Run) Number(parameter string) float64 {
	i := r.parameters.Index(parameter)
	if i < 0 || !r.parameters[i].Numeric() {
		return math.NaN()
	}
	return r.Parameters[i].Number
}

// Text returns a parameter that is a text, or "".
func (r *Run) Text(parameter string) string {
	if i := r.parameters.Index(parameter); i >= 0 {
		return r.Parameters[i].Text
	}
	return ""
}

// Curve returns a metric at each recorded step: NaN, which passes no claim, where it does
// not exist, and all NaN for a metric that is not there. The caller does not change it.
func (r *Run) Curve(metric string) []float64 {
	if i := r.metrics.Index(metric); i >= 0 {
		return r.curves[i]
	}
	return slices.Repeat([]float64{math.NaN()}, len(r.Steps))
}

// last returns the last value of a curve, or NaN.
func last(curve []float64) float64 {
	if len(curve) == 0 {
		return math.NaN()
	}
	return curve[len(curve)-1]
}

// Axis returns the recorded steps as the x axis of a figure.
func (r *Run) Axis() []float64 {
	return values(r.Steps, func(step int) float64 { return float64(step) })
}
