package survey

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"modspec/engine/number"
	"modspec/engine/results"
)

const (
	// mostValues bounds the values of a parameter that are distinguished: one with more
	// was drawn from a range.
	mostValues = 64
	// mostListed bounds the values that a table lists.
	mostListed = 12
	// mostDiverged bounds the diverged copies that are listed.
	mostDiverged = 20
	// mostGroups bounds the choices with tables of their own.
	mostGroups = 12
)

// A survey gathers what a report says of a sweep's rows.
type survey struct {
	table      *results.Table // nil while there is no row
	lastStep   int            // the place of a column
	diverging  int            // likewise
	parameters []*parameterValues
	rows       int
	diverged   int
	first      []divergedRun
	steps      int64
	choices    []results.Field       // parameters that have few texts; see group
	groups     map[string]*agreement // by the texts of the choices, what has a table of its own
}

// A divergedRun is what is listed of a run that diverged: its identity and its
// parameters.
type divergedRun struct {
	id, seed, step string
	parameters     []string
}

// parameterValues are the values that a parameter has in a sweep.
type parameterValues struct {
	field     results.Field
	values    map[string]float64 // by text; the number is NaN for texts
	many      bool               // more than mostValues, of which not all are kept
	low, high float64            // of numbers
	current   float64            // in the row that is being added; NaN for texts
	with      []results.OneToOne // whether it goes with the parameters before it
}

// begin takes in the table, before its rows.
func (s *survey) begin(t *results.Table) {
	s.table, s.groups = t, map[string]*agreement{}
	s.lastStep, s.diverging = t.Columns.Index(results.LastStepColumn), t.Columns.Index(results.DivergedStepColumn)
	for _, f := range fields(t, t.Columns.Of(results.Parameter)) {
		s.parameters = append(s.parameters, &parameterValues{field: f, values: map[string]float64{}, low: math.Inf(1), high: math.Inf(-1), with: make([]results.OneToOne, len(s.parameters))})
		if f.Choice() {
			s.choices = append(s.choices, f)
		}
	}
}

// fields returns the fields of some of a table's own columns.
func fields(t *results.Table, columns results.Schema) []results.Field {
	var list []results.Field
	for _, c := range columns {
		if f, err := t.Field(c.Name); err == nil { // they are its own
			list = append(list, f)
		}
	}
	return list
}

// group returns what a run's group is called: its choices, or "".
func (s *survey) group(row *results.Row) string {
	texts := make([]string, len(s.choices))
	for i := range s.choices {
		texts[i] = s.choices[i].Text(row)
	}
	return strings.Join(texts, ", ")
}

func (s *survey) add(row *results.Row) {
	s.rows++
	s.steps += int64(row.Whole(s.lastStep))
	at := s.group(row)
	for _, p := range s.parameters {
		p.add(row)
		for i := range p.with {
			p.with[i].Add(at, s.parameters[i].current, p.current)
		}
	}
	if !row.Null(s.diverging) {
		s.diverged++
		if len(s.first) < mostDiverged {
			s.first = append(s.first, s.divergedRun(row))
		}
		return
	}
	if s.groups[at] == nil {
		s.groups[at] = newAgreement(s.table)
	}
	s.groups[at].add(row)
}

func (p *parameterValues) add(row *results.Row) {
	v := p.field.Number(row)
	p.current = v
	p.low, p.high = min(p.low, v), max(p.high, v)
	if p.many {
		return
	}
	p.values[p.field.Text(row)] = v
	p.many = len(p.values) > mostValues
}

func (p *parameterValues) varies() bool { return len(p.values) > 1 }

// follows reports whether p goes one to one with a parameter before it.
func (p *parameterValues) follows() bool {
	return slices.ContainsFunc(p.with, func(o results.OneToOne) bool { return o.Holds() })
}

// text lists the values: numbers by size, texts by letter.
func (p *parameterValues) text() string {
	if p.many {
		if !p.field.Numeric() {
			return fmt.Sprintf("more than %d", mostValues)
		}
		return fmt.Sprintf("%s … %s, more than %d values", number.Format(p.low), number.Format(p.high), mostValues)
	}
	texts := slices.SortedFunc(maps.Keys(p.values), func(a, b string) int {
		if c := cmp.Compare(p.values[a], p.values[b]); c != 0 {
			return c
		}
		return cmp.Compare(a, b)
	})
	for i, t := range texts {
		if p.field.Numeric() {
			texts[i] = number.Format(p.values[t])
		} else if t == "" {
			texts[i] = "none"
		}
	}
	if len(texts) > mostListed {
		return fmt.Sprintf("%s, %s, … %s, %d values", texts[0], texts[1], texts[len(texts)-1], len(texts))
	}
	return strings.Join(texts, ", ")
}

// varying returns the parameters with more than one value.
func (s *survey) varying() []*parameterValues {
	var list []*parameterValues
	for _, p := range s.parameters {
		if p.varies() {
			list = append(list, p)
		}
	}
	return list
}

func (s *survey) summary(m results.Manifest) []string {
	steps := number.Format(float64(s.steps))
	if s.steps < 1e6 {
		steps = number.Grouped(int(s.steps))
	}
	lines := []string{fmt.Sprintf("%s of %s networks are trained, %s steps in all, on the %s backend in %s.",
		number.Grouped(s.rows), number.Grouped(m.Copies), steps, m.Backend, m.Precision)}
	if s.rows < m.Copies {
		lines = append(lines, "The sweep is not complete: every figure and table is of the networks that are there.")
	}
	if s.diverged > 0 {
		lines = append(lines, fmt.Sprintf("%s of them diverged and are in no mean.", number.Grouped(s.diverged)))
	}
	return lines
}

// parameterTable lists the parameters: those that vary, then all others.
func (s *survey) parameterTable() Table {
	t := Table{Title: "Parameters", Columns: []string{"parameter", "column", "values"}}
	for _, varies := range []bool{true, false} {
		for _, p := range s.parameters {
			if len(p.values) > 0 && p.varies() == varies {
				t.Rows = append(t.Rows, []string{s.table.Columns.Label(p.field.Name), p.field.Name, p.text()})
			}
		}
	}
	t.Note = "Those that vary come first."
	return t
}

func (s *survey) divergedRun(row *results.Row) divergedRun {
	r := divergedRun{id: row.Text(results.IDPlace), seed: row.Text(s.table.Columns.Index(results.SeedColumn)), step: row.Text(s.diverging)}
	for _, p := range s.parameters {
		cell := p.field.Text(row)
		if p.field.Numeric() {
			cell = number.Format(p.field.Number(row))
		}
		r.parameters = append(r.parameters, cell)
	}
	return r
}

func (s *survey) divergedTable() Table {
	t := Table{Title: "Networks that diverged", Columns: []string{"copy", "seed", "step"}}
	for _, p := range s.varying() {
		t.Columns = append(t.Columns, s.table.Columns.Label(p.field.Name))
	}
	for i := range s.first {
		r := &s.first[i]
		cells := []string{r.id, r.seed, r.step}
		for j, p := range s.parameters {
			if p.varies() {
				cells = append(cells, r.parameters[j])
			}
		}
		t.Rows = append(t.Rows, cells)
	}
	if s.diverged > len(s.first) {
		t.Note = fmt.Sprintf("The first %d of %s.", len(s.first), number.Grouped(s.diverged))
	}
	return t
}
