package train

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"modspec/engine/names"
	"modspec/engine/number"
	"modspec/engine/results"
)

// MaxWhole bounds whole numbers: all up to it are exact in float64.
const MaxWhole = 1 << 53

// ReadValue reads the value of a parameter of a kind from its text. Errors are what
// follows the parameter's name: `is 7, but must be …`.
func ReadValue(k Kind, c *results.Column, text string) (results.Value, error) {
	switch {
	case slices.Contains(c.Words, text):
		return results.Value{Text: text}, nil
	case c.Type != results.Text:
		v, err := ReadNumber(c, text)
		return results.Value{Number: v}, err
	case text == "":
		return results.Value{}, fmt.Errorf("is empty, but must be %s", Allowed(c))
	case len(c.Words) > 0:
		hint := ""
		if near := names.Nearest(text, c.Words); near != "" {
			hint = fmt.Sprintf("; did you mean %q?", near)
		}
		return results.Value{}, fmt.Errorf("is %s, but must be %s%s", number.Quote(text), Allowed(c), hint)
	}
	if strict, ok := k.(Strict); ok {
		checked, err := strict.CheckText(c.Name, text)
		if err != nil {
			return results.Value{}, fmt.Errorf("is %s: %w", number.Quote(text), err)
		}
		text = checked
	}
	return results.Value{Text: text}, nil
}

// ReadNumber reads a number of a parameter's domain. Errors are those of [ReadValue].
func ReadNumber(c *results.Column, text string) (v float64, err error) {
	if c.Type == results.Real {
		v, err = number.Real(text)
		if err == nil && (v < c.Min || v > c.Max || v > 0 && v < c.Least) {
			err = fmt.Errorf("is %s, but must be %s", NumberText(v), realBounds(c))
		}
	} else {
		var whole int64
		low, high := wholeBounds(c)
		whole, err = number.Whole(text, low, high)
		v = float64(whole)
	}
	if err != nil && len(c.Words) > 0 {
		err = fmt.Errorf("%w, or %s", err, strings.Join(c.Words, ", "))
	}
	return v, err
}

func wholeBounds(c *results.Column) (low, high int64) {
	if c.Type == results.Seed {
		return 0, MaxWhole
	}
	return int64(c.Min), int64(min(c.Max, MaxWhole))
}

func realBounds(c *results.Column) string {
	switch {
	case c.Min == -math.MaxFloat64 && c.Max == math.MaxFloat64:
		return "a finite number"
	case c.Max == math.MaxFloat64:
		return "a finite number ≥ " + NumberText(c.Min)
	case c.Least > 0:
		return fmt.Sprintf("0 or %s to %s", NumberText(c.Least), NumberText(c.Max))
	}
	return fmt.Sprintf("%s to %s", NumberText(c.Min), NumberText(c.Max))
}

// Allowed says which values a parameter takes: "a whole number from 1 to 64".
func Allowed(c *results.Column) string {
	words := strings.Join(c.Words, ", ")
	var allowed string
	switch c.Type {
	case results.Real:
		allowed = realBounds(c)
	case results.Text:
		if words == "" {
			return "a text"
		}
		return "one of " + words
	default:
		low, high := wholeBounds(c)
		allowed = fmt.Sprintf("a whole number from %d to %d", low, high)
	}
	if words != "" {
		allowed += ", or " + words
	}
	return allowed
}

// ValueText writes a value as a sweep file does, without quotes.
func ValueText(v results.Value) string {
	if v.Text != "" {
		return v.Text
	}
	return NumberText(v.Number)
}

// NumberText writes a number so that it reads back as the same float64, whole ones of
// common size without an exponent.
func NumberText(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.FormatInt(int64(v), 10)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
