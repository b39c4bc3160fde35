package study

import (
	"fmt"
	"math"
	"slices"

	"modspec/engine/results"
	"modspec/engine/sweep/store"
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

	number              int // in the order of the sweep
	parameters, metrics results.Schema
	curves              [][]float64 // by metric and recorded step; NaN where there is no value
}

// ReadTable reads the tables of a sweep's folder. Both must be there.
func ReadTable(dir string) (*Table, error) {
	t := new(Table)
	for row, err := range store.Runs(dir) {
		if err != nil {
			return nil, err
		}
		t.Runs = append(t.Runs, newRun(row))
	}
	// Parts are written as runs end, so their rows are in any order.
	slices.SortFunc(t.Runs, func(a, b Run) int { return a.number - b.number })
	for row, err := range store.Trajectories(dir) {
		if err != nil {
			return nil, err
		}
		number := row.Whole(results.CopyPlace)
		i, ok := slices.BinarySearchFunc(t.Runs, number, func(r Run, n int) int { return r.number - n })
		if !ok {
			return nil, fmt.Errorf("%s: the table trajectories has the copy %d, which the table runs has not", dir, number)
		}
		t.Runs[i].record(row)
	}
	return t, nil
}

// newRun returns the run of a row of the table runs.
func newRun(row *results.Row) Run {
	columns := row.Table().Columns
	seed, precision := columns.Index(results.SeedColumn), columns.Index(results.PrecisionColumn)
	r := Run{
		Seed: row.Seed(seed), Diverged: !row.Null(columns.Index(results.DivergedStepColumn)),
		number: row.Whole(results.CopyPlace), parameters: columns[seed+1 : precision],
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
	return r
}

// record appends a row of the table trajectories.
func (r *Run) record(row *results.Row) {
	columns := row.Table().Columns
	step := columns.Index(results.StepColumn)
	if r.curves == nil {
		r.metrics = columns[step+1:]
		r.curves = make([][]float64, len(r.metrics))
	}
	r.Steps = append(r.Steps, row.Whole(step))
	for i := range r.curves {
		r.curves[i] = append(r.curves[i], row.Number(step+1+i))
	}
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
