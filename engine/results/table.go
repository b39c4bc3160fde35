package results

import (
	"fmt"
	"slices"
)

// A Table describes the rows of a file. It is in the file's footer, so that readers do
// not depend on the kind of network.
type Table struct {
	Name    string // such as "runs"
	Kind    string // of the networks; "" in files of earlier versions
	Columns Schema
}

// The names of a sweep's tables.
const (
	RunsTable         = "runs"
	TrajectoriesTable = "trajectories"
)

// The columns that the tables of every kind have. The first two are in one place in
// all.
const (
	IDColumn           = "id"
	CopyColumn         = "copy"
	SeedColumn         = "seed"
	StepColumn         = "step"
	PrecisionColumn    = "precision"
	LastStepColumn     = "last_step"
	DivergedStepColumn = "diverged_step"

	IDPlace   = 0
	CopyPlace = 1
)

var (
	idColumn   = Column{Name: IDColumn, Type: Text, Role: Identity, Doc: "names the run: a hash of its parameters and seed"}
	copyColumn = Column{Name: CopyColumn, Type: Whole, Role: Identity, Doc: "number of the run in the order of the sweep, from 0"}
	runsFrame  = Schema{
		idColumn, copyColumn,
		{Name: SeedColumn, Type: Seed, Label: "seed", Role: Identity, Doc: "source of the run's random numbers"},
		{Name: PrecisionColumn, Type: Text, Label: "precision", Role: Parameter, Doc: "float32 or float64"},
		{Name: LastStepColumn, Type: Whole, Label: "last step", Unit: "steps", Role: Progress, Doc: "last step done"},
		{Name: DivergedStepColumn, Type: Whole, Label: "step of divergence", Unit: "steps", Role: Progress, Null: true, Doc: "step at which the run stopped being finite; null if it never did"},
	}
	trajectoriesFrame = Schema{
		idColumn, copyColumn,
		{Name: StepColumn, Type: Whole, Label: "step", Role: Identity, Doc: "updates done"},
	}
)

// NewRunsTable returns the table with a row for each run: which it is, its parameters,
// how far it came, and what is known of it at its end.
func NewRunsTable(kind string, parameters, summary Schema) *Table {
	columns := append(Schema{}, runsFrame[:3]...)
	for _, c := range parameters {
		c.Role = Parameter
		columns = append(columns, c)
	}
	columns = append(columns, runsFrame[3:]...)
	return &Table{RunsTable, kind, append(columns, summary...)}
}

// NewTrajectoriesTable returns the table with a row for each run and recorded step.
func NewTrajectoriesTable(kind string, metrics Schema) *Table {
	return &Table{TrajectoriesTable, kind, slices.Concat(trajectoriesFrame, metrics)}
}

// Check returns an error that names the first thing that is wrong with the table.
func (t *Table) Check() error {
	if err := checkName(t.Name); err != nil {
		return err
	}
	if t.Kind != "" {
		if err := checkName(t.Kind); err != nil {
			return fmt.Errorf("its kind: %w", err)
		}
	}
	if err := t.Columns.Check(); err != nil {
		return err
	}
	frame, last := Schema(nil), -1
	switch t.Name {
	case RunsTable:
		frame = runsFrame
	case TrajectoriesTable:
		frame = trajectoriesFrame
	}
	for n, want := range frame {
		i := t.Columns.Index(want.Name)
		if i <= last || n <= CopyPlace && i != n || t.Columns[i].Type != want.Type || t.Columns[i].Null != want.Null {
			return fmt.Errorf("the table %s has no column %q of the type %v, or not in its place", t.Name, want.Name, want.Type)
		}
		last = i
	}
	return nil
}

// SameColumns returns an error that names the first column in which two tables differ,
// but for labels and texts.
func (t *Table) SameColumns(other *Table) error {
	for i := range max(len(t.Columns), len(other.Columns)) {
		switch {
		case i >= len(t.Columns):
			return fmt.Errorf("column %q is missing", other.Columns[i].Name)
		case i >= len(other.Columns):
			return fmt.Errorf("column %q is unknown", t.Columns[i].Name)
		}
		have, want := &t.Columns[i], &other.Columns[i]
		switch {
		case have.Name != want.Name:
			return fmt.Errorf("column %d is %q, not %q", i+1, have.Name, want.Name)
		case have.Type != want.Type || have.Null != want.Null:
			return fmt.Errorf("column %q holds %v, not %v", have.Name, have.holds(), want.holds())
		}
	}
	return nil
}

// holds says what the column holds, for messages.
func (c *Column) holds() string {
	if c.Null {
		return c.Type.String() + " or null"
	}
	return c.Type.String()
}
