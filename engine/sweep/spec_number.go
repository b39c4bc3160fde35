package sweep

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// numberForm is a number as sweep files have it. Forms that readers of YAML
// disagree about (010, 0x10, 1_000) are not numbers here.
var numberForm = regexp.MustCompile(`^[+-]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?$`)

// maxWhole is the largest whole number a file may have: all up to it are exact
// in float64.
const maxWhole = 1 << 53

// parseNumber reads a number. The error says why a text is none.
func parseNumber(n *node) (float64, error) {
	switch {
	case n.kind != scalarNode:
		return 0, fmt.Errorf("is %s, but must be a number", describe(n))
	case n.quoted:
		return 0, fmt.Errorf("is %s in quotes, but must be a number; leave the quotes out", quote(n.text))
	case !numberForm.MatchString(n.text):
		return 0, fmt.Errorf("is %s, but must be a finite number such as 3, 0.02 or 1e-3", quote(n.text))
	}
	v, err := strconv.ParseFloat(n.text, 64)
	if err != nil {
		return 0, fmt.Errorf("is %s, which is beyond the largest number, %g", shorten(n.text), math.MaxFloat64)
	}
	return v + 0, nil // −0 becomes 0: they are equal, so they must not be two values
}

// whole returns the whole number of a key from lo to hi, or 0 after a fault.
func (r *reader) whole(at, v *node, lo, hi float64) float64 {
	n, err := parseNumber(v)
	switch {
	case err != nil:
		r.fault(v, "%s %v", shorten(at.text), err)
	case n != math.Trunc(n):
		r.fault(v, "%s is %s, but must be a whole number", shorten(at.text), shorten(v.text))
	case n < lo || n > hi:
		r.fault(v, "%s is %s, but must be %s to %s", shorten(at.text), shorten(v.text), number(lo), number(hi))
	default:
		return n
	}
	return 0
}
