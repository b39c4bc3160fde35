package columns

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"modspec/engine/names"
	"modspec/engine/number"
	"modspec/engine/results"
)

// A Condition is one that rows must meet, such as r>=0.5.
type Condition struct {
	Column   string
	Operator string // one of = != < <= > >=
	Value    string // "" stands for what does not exist
	field    results.Field
	number   float64
	seed     uint64 // the number of a condition on seeds, of which a float64 has not all digits
	exact    bool   // whether seed is the number
}

// operators, longer ones first, so that >= is not read as > and then =0.5.
var operators = []string{"!=", "<=", ">=", "=", "<", ">"}

// ParseCondition reads a condition on the columns of a table. The error says what is
// wrong with it.
func ParseCondition(t *results.Table, text string) (Condition, error) {
	c, ok := cut(text)
	if !ok {
		return c, fmt.Errorf("the condition %s must have the form COLUMN OP VALUE, without blanks, with OP one of %s", number.Quote(text), strings.Join(operators, " "))
	}
	var err error
	if c.field, err = t.Field(c.Column); err != nil {
		return c, UnknownColumn(t, c.Column)
	}
	ordered := c.Operator != "=" && c.Operator != "!="
	switch {
	case c.Column == idColumn:
		if c.Operator != "=" || c.Value == "" {
			return c, fmt.Errorf("the condition %s: of ids, only id=HEX can be asked", number.Quote(text))
		}
	case !c.field.Numeric():
		if ordered {
			return c, fmt.Errorf("the condition %s: the column %q holds texts, for which only = and != are allowed", number.Quote(text), c.Column)
		}
	case c.Value == "" && ordered:
		return c, fmt.Errorf("the condition %s has no value to compare with", number.Quote(text))
	case c.Value != "":
		if c.number, err = number.Real(c.Value); err != nil {
			return c, fmt.Errorf("the condition %s: the value %w", number.Quote(text), err)
		}
		if c.field.Type == results.Seed { // the bounds of a bin need not be seeds
			c.seed, err = number.Whole(c.Value, 0, uint64(math.MaxUint64))
			c.exact = err == nil
		}
	}
	return c, nil
}

// cut takes a condition apart at its operator: the one that begins first, and
// there the longest.
func cut(text string) (Condition, bool) {
	at := strings.IndexAny(text, "=!<>")
	if at < 1 {
		return Condition{}, false
	}
	for _, op := range operators {
		if value, ok := strings.CutPrefix(text[at:], op); ok {
			return Condition{Column: text[:at], Operator: op, Value: value}, true
		}
	}
	return Condition{}, false
}

// UnknownColumn is the error for a column that the table does not have, with the
// nearest that it has.
func UnknownColumn(t *results.Table, name string) error {
	hint := ""
	if near := names.Nearest(name, t.Columns.Names()); near != "" {
		hint = fmt.Sprintf("; did you mean %q?", near)
	}
	return fmt.Errorf("the table %s has no column %s%s", t.Name, number.Quote(name), hint)
}

// meets reports whether a value meets the condition.
func (c *Condition) meets(e Entry) bool {
	exists := !math.IsNaN(e.Number)
	if !c.field.Numeric() {
		exists = e.Text != ""
	}
	if c.Value == "" {
		return exists == (c.Operator == "!=")
	}
	if !exists { // it is not equal to any value, nor before or after one
		return c.Operator == "!="
	}
	order := cmp.Compare(e.Number, c.number)
	if !c.field.Numeric() {
		order = strings.Compare(e.Text, c.Value)
	} else if seed, err := strconv.ParseUint(e.Text, 10, 64); err == nil && c.exact {
		order = cmp.Compare(seed, c.seed)
	}
	switch c.Operator {
	case "=":
		return order == 0
	case "!=":
		return order != 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

// A Filter is a set of conditions: of several = on one column any must be met, of
// all else all.
type Filter struct {
	ids   []string
	tests []test
}

// A test is what one column must meet.
type test struct {
	column string
	field  results.Field
	any    []Condition // one of them, if there are any
	all    []Condition
}

// MaxConditions bounds a filter.
const MaxConditions = 64

// NewFilter brings conditions together.
func NewFilter(conditions []Condition) (Filter, error) {
	var f Filter
	if len(conditions) > MaxConditions {
		return f, fmt.Errorf("there are %d conditions, but may be at most %d", len(conditions), MaxConditions)
	}
	for _, c := range conditions {
		if c.field.Name == "" {
			return f, errors.New("a condition was not made by ParseCondition")
		}
		if c.Column == idColumn {
			f.ids = append(f.ids, c.Value)
			continue
		}
		i := slices.IndexFunc(f.tests, func(t test) bool { return t.column == c.Column })
		if i < 0 {
			i = len(f.tests)
			f.tests = append(f.tests, test{column: c.Column, field: c.field})
		}
		if c.Operator == "=" {
			f.tests[i].any = append(f.tests[i].any, c)
		} else {
			f.tests[i].all = append(f.tests[i].all, c)
		}
	}
	return f, nil
}

// Columns returns the columns that a view must have for the filter.
func (f *Filter) Columns() []string {
	var names []string
	for _, t := range f.tests {
		names = append(names, t.column)
	}
	return names
}

// Meets reports whether a row of the table meets the filter.
func (f *Filter) Meets(row *results.Row) bool {
	if f.ids != nil && !slices.Contains(f.ids, row.Text(results.IDPlace)) {
		return false
	}
	return !slices.ContainsFunc(f.tests, func(t test) bool {
		return !t.meets(Entry{t.field.Number(row), t.field.Text(row)})
	})
}

func (t *test) meets(e Entry) bool {
	if t.any != nil && !slices.ContainsFunc(t.any, func(c Condition) bool { return c.meets(e) }) {
		return false
	}
	return !slices.ContainsFunc(t.all, func(c Condition) bool { return !c.meets(e) })
}

// needsDigits reports whether the test compares with a seed that shares its float64
// with others.
func (t *test) needsDigits() bool {
	const exact = 1 << 53 // below it each whole number has a float64 of its own
	return slices.ContainsFunc(slices.Concat(t.any, t.all), func(c Condition) bool { return c.exact && c.seed >= exact })
}
