package report

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"modspec/engine/results"
)

const (
	// mostValues bounds the values of a parameter that are told apart: one with
	// more was drawn from a range.
	mostValues = 64
	// mostListed bounds the values that a table lists.
	mostListed = 12
	// mostDiverged bounds the diverged copies that are listed.
	mostDiverged = 20
	// mostGroups bounds the architectures and rules with tables of their own.
	mostGroups = 12
)

// A sweepSurvey gathers what a report says of a sweep's rows.
type sweepSurvey struct {
	parameters []*parameterValues
	rows       int
	diverged   int
	first      []results.Run // of the diverged copies
	steps      int64
	groups     map[group]*agreement
}

// A group is what has a table of its own.
type group struct{ arch, rule string }

// parameterValues are the values that a parameter has in a sweep.
type parameterValues struct {
	field     results.Field[results.Run]
	values    map[string]float64 // by text; the number is NaN for texts
	many      bool               // more than mostValues, of which not all are kept
	low, high float64            // of numbers
}

func newSweepSurvey() *sweepSurvey {
	s := &sweepSurvey{groups: map[group]*agreement{}}
	fields := reflect.TypeFor[results.Parameters]()
	for i := range fields.NumField() {
		f, err := results.FieldOf[results.Run](fields.Field(i).Tag.Get("parquet"))
		if err != nil {
			continue // not a column, so nobody can ask for it
		}
		s.parameters = append(s.parameters, &parameterValues{field: f, values: map[string]float64{}, low: math.Inf(1), high: math.Inf(-1)})
	}
	return s
}

func (s *sweepSurvey) add(row *results.Run) {
	s.rows++
	s.steps += int64(row.LastStep)
	for _, p := range s.parameters {
		p.add(row)
	}
	if row.DivergedStep >= 0 {
		s.diverged++
		if len(s.first) < mostDiverged {
			s.first = append(s.first, *row)
		}
		return
	}
	at := group{row.Arch, row.Rule}
	if s.groups[at] == nil {
		s.groups[at] = newAgreement()
	}
	s.groups[at].add(row)
}

func (p *parameterValues) add(row *results.Run) {
	v := p.field.Number(row)
	p.low, p.high = min(p.low, v), max(p.high, v)
	if p.many {
		return
	}
	p.values[p.field.Text(row)] = v
	p.many = len(p.values) > mostValues
}

func (p *parameterValues) varies() bool { return len(p.values) > 1 }

// text lists the values: numbers by size, texts by letter.
func (p *parameterValues) text() string {
	if p.many {
		if !p.field.Numeric {
			return fmt.Sprintf("more than %d", mostValues)
		}
		return fmt.Sprintf("%s … %s, more than %d values", FormatNumber(p.low), FormatNumber(p.high), mostValues)
	}
	texts := slices.SortedFunc(maps.Keys(p.values), func(a, b string) int {
		if c := cmp.Compare(p.values[a], p.values[b]); c != 0 {
			return c
		}
		return cmp.Compare(a, b)
	})
	for i, t := range texts {
		if p.field.Numeric {
			texts[i] = FormatNumber(p.values[t])
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
func (s *sweepSurvey) varying() []*parameterValues {
	var list []*parameterValues
	for _, p := range s.parameters {
		if p.varies() {
			list = append(list, p)
		}
	}
	return list
}

func (s *sweepSurvey) summary(m results.Manifest) []string {
	steps := FormatNumber(float64(s.steps))
	if s.steps < 1e6 {
		steps = grouped(int(s.steps))
	}
	lines := []string{fmt.Sprintf("%s of %s networks are trained, %s steps in all, on the %s backend in %s.",
		grouped(s.rows), grouped(m.Copies), steps, m.Backend, m.Precision)}
	if s.rows < m.Copies {
		lines = append(lines, "The sweep is not complete: every figure and table is of the networks that are there.")
	}
	if s.diverged > 0 {
		lines = append(lines, fmt.Sprintf("%s of them diverged and are in no mean.", grouped(s.diverged)))
	}
	return lines
}

// grouped writes a whole number in groups of three digits.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// parameterTable lists the parameters: those that vary, then all others.
func (s *sweepSurvey) parameterTable() Table {
	t := Table{Title: "Parameters", Columns: []string{"parameter", "column", "values"}}
	for _, varies := range []bool{true, false} {
		for _, p := range s.parameters {
			if len(p.values) > 0 && p.varies() == varies {
				t.Rows = append(t.Rows, []string{columnLabel(p.field.Name), p.field.Name, p.text()})
			}
		}
	}
	t.Note = "Those that vary come first."
	return t
}

func (s *sweepSurvey) divergedTable() Table {
	t := Table{Title: "Networks that diverged", Columns: []string{"copy", "seed", "step"}}
	varying := s.varying()
	for _, p := range varying {
		t.Columns = append(t.Columns, columnLabel(p.field.Name))
	}
	for i := range s.first {
		row := &s.first[i]
		cells := []string{row.ID, strconv.FormatUint(row.Seed, 10), strconv.Itoa(row.DivergedStep)}
		for _, p := range varying {
			cell := p.field.Text(row)
			if p.field.Numeric {
				cell = FormatNumber(p.field.Number(row))
			}
			cells = append(cells, cell)
		}
		t.Rows = append(t.Rows, cells)
	}
	if s.diverged > len(s.first) {
		t.Note = fmt.Sprintf("The first %d of %s.", len(s.first), grouped(s.diverged))
	}
	return t
}
