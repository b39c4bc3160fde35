package columns

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"modspec/engine/results"
)

// The bounds of a diagram.
const (
	MaxCells  = 1 << 16
	MaxFacets = 24
	// maxGathered bounds the copies of a median: their values are brought together.
	maxGathered = 1 << 24
)

// DivergedColumn is the column that is null unless a copy diverged.
const DivergedColumn = results.DivergedStepColumn

// A Question asks for a phase diagram: the value of each cell of two parameters,
// or of one, over the copies that a filter lets through.
type Question struct {
	Table  *results.Table // whose columns these are
	X, Y   Axis           // Y without a column: curves over X
	Value  string         // a numeric column
	Over   string         // a column that Value is divided by, or ""
	Stat   Stat
	Facet  string // a parameter with a panel for each of its values, or ""
	Filter Filter
	Theory bool // whether theory's mean is asked for too
}

// A Diagram is the answer.
type Diagram struct {
	Matched int // rows that the filter lets through
	LeftOut int // of them, those that have no place on the axes
	X, Y    Places
	Theory  string // the column with theory's value, or ""
	Facets  []Facet
}

// A Facet is a panel: the cells that have copies, row by row from y's first place.
type Facet struct {
	Value Entry
	Cells []Cell
}

// A Cell is what the copies at one place come to. Numbers that do not exist are NaN.
type Cell struct {
	X, Y      int
	Copies    int // in the cell
	Count     int // of them, with a value
	Diverged  int // of them
	Value     float64
	Low, High float64 // 5 % and 95 % quantiles, of curves over one parameter
	Theory    float64
}

// Columns returns the columns that a view must have for the question.
func (q *Question) Columns() []string {
	names := append(q.Filter.Columns(), q.X.Column, q.Value, DivergedColumn)
	for _, name := range []string{q.Y.Column, q.Over, q.Facet, q.theory()} {
		if name != "" {
			names = append(names, name)
		}
	}
	return names
}

func (q *Question) theory() string {
	if !q.Theory || q.Over != "" {
		return ""
	}
	i := q.Table.Columns.Prediction(q.Value)
	if i < 0 {
		return ""
	}
	return q.Table.Columns[i].Name
}

// Check returns an error that names what cannot be asked.
func (q *Question) Check() error {
	if err := q.Stat.check(); err != nil {
		return err
	}
	for _, c := range []struct {
		name    string
		numeric bool
		needed  bool
	}{{q.X.Column, false, true}, {q.Y.Column, false, false}, {q.Value, true, true}, {q.Over, true, false}, {q.Facet, false, false}} {
		if c.name == "" && !c.needed {
			continue
		}
		field, err := q.Table.Field(c.name)
		switch {
		case err != nil:
			return UnknownColumn(q.Table, c.name)
		case c.name == idColumn:
			return fmt.Errorf("the column %q names every copy by itself; choose a parameter", c.name)
		case c.numeric && !field.Numeric():
			return fmt.Errorf("the column %q holds texts, but a value must be a number", c.name)
		}
	}
	for _, a := range []Axis{q.X, q.Y} {
		if a.Bins != 0 && (a.Bins < 2 || a.Bins > MaxPlaces) {
			return fmt.Errorf("%d bins are asked for, but there can be 2 to %d", a.Bins, MaxPlaces)
		}
	}
	if q.Facet != "" && !IsParameter(q.Table, q.Facet) {
		return fmt.Errorf("the panels are by %q, but must be by a parameter", q.Facet)
	}
	return nil
}

// Diagram answers a question. The view must have its columns, and the question must
// have passed its check. The error for an answer that is too large is a
// [LimitError].
func (v *View) Diagram(ctx context.Context, q *Question) (*Diagram, error) {
	m, err := v.match(ctx, &q.Filter)
	if err != nil {
		return nil, err
	}
	d := &Diagram{Theory: q.theory()}
	lay, err := v.layOut(ctx, q, m, d)
	if err != nil {
		return nil, err
	}
	w := newWalk(v, q, lay, d.Matched)
	if err := m.each(ctx, w.add); err != nil {
		return nil, err
	}
	d.LeftOut = w.leftOut
	w.finish(d, lay)
	return d, nil
}

// A layout is where rows go.
type layout struct {
	x, y, facet *placer // y and facet are nil without
	facets      Places
	width       int // places along x
	height      int
}

// layOut looks at the rows that match and lays out the axes and panels.
func (v *View) layOut(ctx context.Context, q *Question, m *matcher, d *Diagram) (*layout, error) {
	surveys := []*survey{newSurvey(v, q.X)}
	if q.Y.Column != "" {
		surveys = append(surveys, newSurvey(v, q.Y))
	}
	if q.Facet != "" {
		surveys = append(surveys, newSurvey(v, Axis{Column: q.Facet}))
	}
	err := m.each(ctx, func(part int, rows []int32) error {
		d.Matched += len(rows)
		for _, s := range surveys {
			s.add(part, rows)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	l := &layout{height: 1}
	if d.X, err = surveys[0].places(); err != nil {
		return nil, err
	}
	l.x, l.width = surveys[0].placer(&d.X), d.X.Len()
	if q.Y.Column != "" {
		if d.Y, err = surveys[1].places(); err != nil {
			return nil, err
		}
		l.y, l.height = surveys[1].placer(&d.Y), d.Y.Len()
	}
	panels := 1
	if q.Facet != "" {
		s := surveys[len(surveys)-1]
		if l.facets, err = s.panels(); err != nil {
			return nil, err
		}
		l.facet, panels = s.placer(&l.facets), l.facets.Len()
	}
	if cells := l.width * l.height * panels; cells > MaxCells {
		return nil, &LimitError{fmt.Sprintf("the diagram has %d × %d cells in %d panels, but may have at most %d in all; choose fewer bins, or some values by where", l.width, l.height, panels, MaxCells)}
	}
	return l, nil
}

// panels are places that are never bins.
func (s *survey) panels() (Places, error) {
	p := Places{Column: s.axis.Column, Numeric: s.column.Numeric}
	many := !s.column.Coded() && s.column.Numeric && len(s.distinct) > MaxFacets
	for code, seen := range s.seen {
		if seen {
			p.Values = append(p.Values, s.column.Entries[code])
		}
	}
	if many || len(p.Values) > MaxFacets {
		return p, &LimitError{fmt.Sprintf("%s has %d different values, but there can be at most %d panels; choose some by where", p.Column, max(len(p.Values), len(s.distinct)), MaxFacets)}
	}
	p.Values = append(p.Values, s.entries()...)
	slices.SortFunc(p.Values, func(a, b Entry) int {
		if p.Numeric && a.Number != b.Number {
			if a.Number < b.Number {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Text, b.Text)
	})
	return p, nil
}
