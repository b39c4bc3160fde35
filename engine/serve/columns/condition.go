package columns

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"modspec/engine/results"
)

// A Condition is one that rows must meet, such as r>=0.5.
type Condition struct {
	Column   string
	Operator string // one of = != < <= > >=
	Value    string // "" stands for what does not exist
	field    results.Field[results.Run]
	number   float64
}

// operators, longer ones first, so that >= is not read as > and then =0.5.
var operators = []string{"!=", "<=", ">=", "=", "<", ">"}

// ParseCondition reads a condition. The error says what is wrong with it.
func ParseCondition(text string) (Condition, error) {
	c, ok := cut(text)
	if !ok {
		return c, fmt.Errorf("the condition %s must have the form COLUMN OP VALUE, without blanks, with OP one of %s", Quote(text), strings.Join(operators, " "))
	}
	var err error
	if c.field, err = results.FieldOf[results.Run](c.Column); err != nil {
		return c, UnknownColumn(c.Column)
	}
	ordered := c.Operator != "=" && c.Operator != "!="
	switch {
	case c.Column == idColumn:
		if c.Operator != "=" || c.Value == "" {
			return c, fmt.Errorf("the condition %s: of ids, only id=HEX can be asked", Quote(text))
		}
	case !c.field.Numeric:
		if ordered {
			return c, fmt.Errorf("the condition %s: the column %q holds texts, for which only = and != are allowed", Quote(text), c.Column)
		}
	case c.Value == "" && ordered:
		return c, fmt.Errorf("the condition %s has no value to compare with", Quote(text))
	case c.Value != "":
		if c.number, err = parseNumber(c.Value); err != nil {
			return c, fmt.Errorf("the condition %s: %w", Quote(text), err)
		}
		if c.Column == Seed { // seeds are told apart by their text, which knows all their digits
			c.Value = canonicalSeed(c.Value)
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

func parseNumber(text string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%s is no finite number", Quote(text))
	}
	return v, nil
}

// canonicalSeed writes a seed as the tables' readers do, also one that was written
// as a real number is.
func canonicalSeed(text string) string {
	if n, err := strconv.ParseUint(text, 10, 64); err == nil {
		return strconv.FormatUint(n, 10)
	}
	if v, err := strconv.ParseFloat(text, 64); err == nil && v >= 0 && v < 1<<53 && v == math.Trunc(v) {
		return strconv.FormatUint(uint64(v), 10)
	}
	return text
}

// UnknownColumn is the error for a column that the table does not have.
func UnknownColumn(name string) error {
	return fmt.Errorf("the table runs has no column %s", Quote(name))
}

// Quote quotes what a request said for a message of one line, cut to a length
// that one can read.
func Quote(text string) string {
	const most = 80
	if len(text) > most {
		return strconv.Quote(text[:most]) + "…"
	}
	return strconv.Quote(text)
}

// meets reports whether a value meets the condition.
func (c *Condition) meets(e Entry) bool {
	exists := !math.IsNaN(e.Number)
	if !c.field.Numeric {
		exists = e.Text != ""
	}
	if c.Value == "" {
		return exists == (c.Operator == "!=")
	}
	equal := e.Number == c.number
	if !c.field.Numeric || c.Column == Seed && e.Text != "" {
		equal = e.Text == c.Value
	}
	switch c.Operator {
	case "=":
		return equal
	case "!=":
		return !equal
	case "<":
		return e.Number < c.number
	case "<=":
		return e.Number <= c.number
	case ">":
		return e.Number > c.number
	}
	return e.Number >= c.number
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
			f.tests = append(f.tests, test{column: c.Column})
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

func (t *test) meets(e Entry) bool {
	if t.any != nil && !slices.ContainsFunc(t.any, func(c Condition) bool { return c.meets(e) }) {
		return false
	}
	return !slices.ContainsFunc(t.all, func(c Condition) bool { return !c.meets(e) })
}
