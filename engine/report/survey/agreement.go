package survey

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"modspec/engine/figure"
	"modspec/engine/names"
	"modspec/engine/number"
	"modspec/engine/results"
)

// An agreement sums up, over the runs of a group, every measured column, beside theory
// where it predicts it.
type agreement struct {
	runs    int
	source  results.Field  // where predictions come from, if the table says so
	sources map[string]int // runs by that
	columns results.Schema
	of      []columnAgreement
}

// A columnAgreement is that of one column.
type columnAgreement struct {
	value, theory results.Field
	predicted     bool // whether there is the column theory
	measured      int  // runs that have the value
	sum           float64
	low, high     float64
	both          int // runs that have both
	valueBoth     float64
	theoryBoth    float64
	squares       float64 // of their differences
	largest       float64
}

func newAgreement(t *results.Table) *agreement {
	a := &agreement{sources: map[string]int{}, columns: t.Columns}
	for _, f := range fields(t, t.Columns.Of(results.Source)) {
		a.source = f
	}
	for _, value := range fields(t, t.Columns.Of(results.Metric, results.Time)) {
		if value.Numeric() {
			theory, predicted := t.Prediction(value.Name)
			a.of = append(a.of, columnAgreement{value: value, theory: theory, predicted: predicted, low: math.Inf(1), high: math.Inf(-1)})
		}
	}
	return a
}

func (a *agreement) add(row *results.Row) {
	a.runs++
	if a.source.Name != "" {
		a.sources[a.source.Text(row)]++
	}
	for i := range a.of {
		c := &a.of[i]
		v := c.value.Number(row)
		if !figure.Finite(v) {
			continue
		}
		c.measured++
		c.sum += v
		c.low, c.high = min(c.low, v), max(c.high, v)
		if !c.predicted {
			continue
		}
		p := c.theory.Number(row)
		if !figure.Finite(p) {
			continue
		}
		c.both++
		c.valueBoth += v
		c.theoryBoth += p
		c.squares += (v - p) * (v - p)
		c.largest = max(c.largest, math.Abs(v-p))
	}
}

// agreementTables makes tables for every group: of what theory predicts, and of what
// else is measured.
func (s *survey) agreementTables() []Table {
	groups := slices.Sorted(maps.Keys(s.groups))
	var tables []Table
	for _, g := range groups[:min(len(groups), mostGroups)] {
		tables = append(tables, s.groups[g].tables(g)...)
	}
	if left := len(groups) - mostGroups; left > 0 && len(tables) > 0 {
		tables[len(tables)-1].Note += fmt.Sprintf(" %d more groups of networks are left out.", left)
	}
	return tables
}

func (a *agreement) tables(group string) []Table {
	if group != "" {
		group = ": " + group
	}
	compared := Table{
		Title:   "Measured and predicted" + group,
		Columns: []string{"what", "networks", "measured, mean", "theory, mean", "difference, root mean square", "largest"},
		Note:    a.note(),
	}
	measured := Table{
		Title:   "Measured" + group,
		Columns: []string{"what", "networks", "mean", "smallest", "largest"},
	}
	for i := range a.of {
		c := &a.of[i]
		label := a.columns.Label(c.value.Name)
		switch n := float64(c.both); {
		case c.measured == 0:
		case !c.predicted:
			measured.Rows = append(measured.Rows, []string{label, number.Grouped(c.measured), number.Format(c.sum / float64(c.measured)), number.Format(c.low), number.Format(c.high)})
		case n > 0: // runs without a prediction are not compared
			compared.Rows = append(compared.Rows, []string{label, number.Grouped(c.both), number.Format(c.valueBoth / n), number.Format(c.theoryBoth / n), number.Format(math.Sqrt(c.squares / n)), number.Format(c.largest)})
		default:
			compared.Rows = append(compared.Rows, []string{label, number.Grouped(c.measured), number.Format(c.sum / float64(c.measured)), "–", "–", "–"})
		}
	}
	var tables []Table
	for _, t := range []Table{compared, measured} {
		if len(t.Rows) > 0 {
			tables = append(tables, t)
		}
	}
	return tables
}

// note says where the predictions come from.
func (a *agreement) note() string {
	if a.source.Name == "" {
		return ""
	}
	var parts []string
	for _, source := range slices.Sorted(maps.Keys(a.sources)) {
		parts = append(parts, fmt.Sprintf("%s of %s networks", source, number.Grouped(a.sources[source])))
	}
	text := fmt.Sprintf("The %s is %s.", a.columns.Label(a.source.Name), names.List(parts))
	if doc := a.source.Doc; doc != "" {
		text += " " + strings.ToUpper(doc[:1]) + doc[1:] + "."
	}
	return text
}
