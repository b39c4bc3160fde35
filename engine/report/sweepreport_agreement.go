package report

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"modspec/engine/results"
)

// An agreement sums up, over the copies of a group, every measured column that
// theory predicts.
type agreement struct {
	copies int
	kinds  map[string]int // copies by kind of prediction
	of     []columnAgreement
}

// A columnAgreement is that of one column.
type columnAgreement struct {
	value, theory results.Field[results.Run]
	measured      int // copies that have the value
	sum           float64
	both          int // copies that have both
	valueBoth     float64
	theoryBoth    float64
	squares       float64 // of their differences
	largest       float64
}

func newAgreement() *agreement {
	a := &agreement{kinds: map[string]int{}}
	for _, name := range results.Columns[results.Run]() {
		theory, ok := predictionOf(name)
		if !ok {
			continue
		}
		value, err := results.FieldOf[results.Run](name)
		if err != nil || !value.Numeric {
			continue
		}
		a.of = append(a.of, columnAgreement{value: value, theory: theory})
	}
	return a
}

func (a *agreement) add(row *results.Run) {
	a.copies++
	a.kinds[row.Prediction]++
	for i := range a.of {
		c := &a.of[i]
		v, p := c.value.Number(row), c.theory.Number(row)
		if !isNumber(v) {
			continue
		}
		c.measured++
		c.sum += v
		if !isNumber(p) {
			continue
		}
		c.both++
		c.valueBoth += v
		c.theoryBoth += p
		c.squares += (v - p) * (v - p)
		c.largest = max(c.largest, math.Abs(v-p))
	}
}

// agreementTables makes a table for every architecture and rule.
func (s *sweepSurvey) agreementTables() []Table {
	groups := slices.SortedFunc(maps.Keys(s.groups), func(a, b group) int {
		return cmp.Or(cmp.Compare(a.arch, b.arch), cmp.Compare(a.rule, b.rule))
	})
	var tables []Table
	for _, g := range groups[:min(len(groups), mostGroups)] {
		tables = append(tables, s.groups[g].table(g))
	}
	if left := len(groups) - len(tables); left > 0 {
		tables[len(tables)-1].Note += fmt.Sprintf(" %d more architectures and rules are left out.", left)
	}
	return tables
}

func (a *agreement) table(g group) Table {
	t := Table{
		Title:   fmt.Sprintf("Measured and predicted: %s, %s", g.arch, g.rule),
		Columns: []string{"what", "networks", "measured, mean", "theory, mean", "difference, root mean square", "largest"},
	}
	for i := range a.of {
		c := &a.of[i]
		if c.measured == 0 {
			continue
		}
		row := []string{columnLabel(c.value.Name), grouped(c.measured), FormatNumber(c.sum / float64(c.measured)), "–", "–", "–"}
		if n := float64(c.both); n > 0 {
			// Where theory is silent on some of them, the rest are compared.
			row[1], row[2] = grouped(c.both), FormatNumber(c.valueBoth/n)
			row[3], row[4], row[5] = FormatNumber(c.theoryBoth/n), FormatNumber(math.Sqrt(c.squares/n)), FormatNumber(c.largest)
		}
		t.Rows = append(t.Rows, row)
	}
	switch {
	case a.kinds[results.PredictionDiscrete] == a.copies:
		t.Note = "Theory follows gradient descent step by step from each network's own starting weights; nothing is fitted."
	case a.kinds[results.PredictionNone] == a.copies:
		t.Note = "Theory predicts nothing of these networks."
	default:
		t.Note = fmt.Sprintf("Of %s networks theory follows %s step by step, knows of %s where learning ends, and says nothing of %s.",
			grouped(a.copies), grouped(a.kinds[results.PredictionDiscrete]), grouped(a.kinds[results.PredictionAsymptote]), grouped(a.kinds[results.PredictionNone]))
	}
	return t
}
