package store

import (
	"modspec/engine/results"
	"modspec/engine/sweep/space"
	"modspec/engine/train"
)

// A Row is a run on its way to the tables.
type Row struct {
	Kind      train.Kind
	Number    int // of the copy in the sweep
	Identity  *space.Identity
	Precision string
	End       train.End
	Summary   []results.Value // of its kind's columns
	// Steps are those that were recorded, and Metrics what was measured at each in turn.
	// Both are empty where no trajectories are wanted.
	Steps   []int
	Metrics []float64
	// Done, if not nil, is called once the row is written or dropped.
	Done func()

	id string
}

// done calls Done, once.
func (r *Row) done() {
	if r.Done != nil {
		r.Done()
		r.Done = nil
	}
}

// tables are the tables of a sweep, and a row of each that is filled in again and again.
type tables struct {
	runs, points *results.Table
	run, point   *results.Row
	places       ends
	parameters   int // place of the first
	precision    int // place
	summary      int // place of the first column
}

// newTables returns the tables of a kind.
func newTables(k train.Kind) *tables {
	parameters := k.Parameters()
	t := &tables{
		runs:   results.NewRunsTable(k.Name(), parameters, nullable(train.SummaryOf(k))),
		points: results.NewTrajectoriesTable(k.Name(), nullable(k.Metrics())),
	}
	t.run, t.point = t.runs.NewRow(), t.points.NewRow()
	t.places = *endColumns(t.runs)
	t.precision = t.runs.Columns.Index(results.PrecisionColumn)
	t.parameters = t.precision - len(parameters)
	t.summary = len(t.runs.Columns) - len(train.SummaryOf(k))
	return t
}

// named returns the table of that name.
func (t *tables) named(name string) *results.Table {
	if name == t.points.Name {
		return t.points
	}
	return t.runs
}

// nullable returns columns whose numbers may all be missing: a run that diverged has
// none at its end, and what is measured of one that goes on may be infinite.
func nullable(s results.Schema) results.Schema {
	s = append(results.Schema{}, s...)
	for i := range s {
		s[i].Null = s[i].Type != results.Text
	}
	return s
}

// fillRun returns the row of a run, which is good until the next.
func (t *tables) fillRun(r *Row) *results.Row {
	to := t.run
	to.SetText(results.IDPlace, r.id)
	to.SetWhole(results.CopyPlace, r.Number)
	to.SetSeed(t.parameters-1, r.Identity.Seed)
	for i, v := range r.Identity.Parameters {
		to.SetValue(t.parameters+i, v)
	}
	to.SetText(t.precision, r.Precision)
	to.SetWhole(t.places.lastStep, r.End.Step)
	if r.End.Diverged {
		to.SetNumber(t.places.diverged, float64(r.End.Step))
	} else {
		to.SetNull(t.places.diverged)
	}
	for i, v := range r.Summary {
		to.SetValue(t.summary+i, v)
	}
	return to
}

// fillPoint returns the row of recording i of a run, which is good until the next.
func (t *tables) fillPoint(r *Row, i int) *results.Row {
	to := t.point
	metrics := len(r.Metrics) / len(r.Steps)
	first := len(t.points.Columns) - metrics
	to.SetText(results.IDPlace, r.id)
	to.SetWhole(results.CopyPlace, r.Number)
	to.SetWhole(first-1, r.Steps[i])
	to.SetNumbers(first, r.Metrics[i*metrics:(i+1)*metrics])
	return to
}
