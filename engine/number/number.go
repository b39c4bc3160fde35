// Package number reads the numbers that people write (in flags, sweep files,
// network files, conditions, requests and the environment) and writes numbers for
// people to read. All that are read have one form, so that one spelling means one
// number everywhere.
//
// A number is decimal: 3, 0.02, .5, 2., 1e-3, with a sign or without. What
// readers disagree about is refused, with the spelling that is meant: 010 (octal
// to some), 0x10, 1_000, "7" with quotes in it, NaN and infinities.
//
// A whole number may be written with a fraction or an exponent, as long as it is whole:
// 3.0 and 1e3 are exactly 3 and 1000, worked out on the digits and not in floating
// point. A real number is the nearest float64. One beyond the largest is refused, and
// so is one other than 0 whose nearest float64 is 0: 1e-400 was not meant as 0.
//
// Errors are what follows the number's name: "is 010, which …". Callers put the
// name in front.
package number

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// form is a number; its groups are the sign, the digits before and after the
// point, and the exponent.
var form = regexp.MustCompile(`^([+-]?)(?:(0|[1-9][0-9]*)(?:\.([0-9]*))?|\.([0-9]+))(?:[eE]([+-]?[0-9]{1,4}))?$`)

// Whole reads a whole number from low to high, exactly.
func Whole[T int | int64 | uint64](text string, low, high T) (T, error) {
	parts := form.FindStringSubmatch(text)
	if parts == nil {
		return 0, fault(text, allowed(low, high))
	}
	digits, ok := integer(parts)
	if !ok {
		return 0, fmt.Errorf("is %s, but must be %s", shorten(text), allowed(low, high))
	}
	var n T
	var err error
	if ^T(0) < 0 {
		var v int64
		v, err = strconv.ParseInt(digits, 10, 64)
		n = T(v)
	} else {
		var v uint64
		v, err = strconv.ParseUint(strings.TrimPrefix(digits, "+"), 10, 64)
		n = T(v)
	}
	switch {
	case err != nil: // T has no room for it
		return 0, fmt.Errorf("is %s, but must be a whole number from %d to %d", shorten(text), low, high)
	case n < low || n > high:
		return 0, fmt.Errorf("is %s, but must be %s", shorten(text), allowed(low, high))
	}
	return n, nil
}

// allowed says what a whole number from low to high is. An int without bounds is
// described by its kind alone.
func allowed[T int | int64 | uint64](low, high T) string {
	switch {
	case int64(low) == math.MinInt64:
		return "a whole number"
	case uint64(high) == math.MaxInt64:
		return fmt.Sprintf("a whole number from %d", low)
	}
	return fmt.Sprintf("a whole number from %d to %d", low, high)
}

// integer returns the digits of a number in the form of strconv, with its sign,
// or false if the number is not whole. −0 is 0.
func integer(parts []string) (string, bool) {
	fraction := parts[3] + parts[4]
	digits := strings.TrimLeft(parts[2]+fraction, "0")
	if digits == "" {
		return "0", true
	}
	exponent := 0
	if parts[5] != "" {
		exponent, _ = strconv.Atoi(parts[5]) // at most four digits, by the form
	}
	exponent -= len(fraction)
	if exponent < 0 {
		if cut := len(digits) + exponent; cut > 0 && strings.Trim(digits[cut:], "0") == "" {
			return parts[1] + digits[:cut], true
		}
		return "", false
	}
	return parts[1] + digits + strings.Repeat("0", exponent), true
}

// Digits reads a whole number that is written as its digits alone. It is for
// numbers inside a longer text that is kept or handed on as it stands: of
// "20x10", "2/8" or "host:8080" there must be one spelling.
func Digits(text string, low, high int) (int, error) {
	n, err := Whole(text, low, high)
	if plain := strconv.Itoa(n); err == nil && plain != text {
		return 0, fmt.Errorf("is %s; write %s", Quote(text), plain)
	}
	return n, err
}

// Real reads a real number: the nearest float64, never −0.
func Real(text string) (float64, error) {
	parts := form.FindStringSubmatch(text)
	if parts == nil {
		return 0, fault(text, "a finite number such as 3, 0.02 or 1e-3")
	}
	v, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil:
		return 0, fmt.Errorf("is %s, which is beyond the largest number, %g", shorten(text), math.MaxFloat64)
	case v == 0 && strings.Trim(parts[2]+parts[3]+parts[4], "0") != "":
		return 0, fmt.Errorf("is %s, which is nearer to 0 than to the smallest number, %g; write 0 if 0 is meant", shorten(text), math.SmallestNonzeroFloat64)
	}
	return v + 0, nil // −0 becomes 0: they are equal, so they must not be two values
}

// leadingZeros is a number with zeros before its digits.
var leadingZeros = regexp.MustCompile(`^([+-]?)0+([0-9].*)$`)

// fault says why a text is no number, and how the number is written where that
// can be told.
func fault(text, what string) error {
	if text == "" {
		return fmt.Errorf("is empty, but must be %s", what)
	}
	if parts := leadingZeros.FindStringSubmatch(text); parts != nil {
		if plain := parts[1] + parts[2]; form.MatchString(plain) {
			return fmt.Errorf("is %s, which has a leading zero; write %s", Quote(text), shorten(plain))
		}
	}
	if plain := strings.ReplaceAll(text, "_", ""); plain != text && form.MatchString(plain) {
		return fmt.Errorf("is %s, which has an underscore; write %s", Quote(text), shorten(plain))
	}
	if n, err := strconv.ParseInt(text, 0, 64); err == nil {
		return fmt.Errorf("is %s, which is not decimal; write %d", Quote(text), n)
	}
	return fmt.Errorf("is %s, but must be %s", Quote(text), what)
}

// longest is how much of a text stands in a message.
const longest = 40

// Quote shows a text in a message: in quotes, short, and on one line.
func Quote(text string) string { return strconv.Quote(shorten(text)) }

func shorten(text string) string {
	if utf8.RuneCountInString(text) > longest {
		return string([]rune(text)[:longest]) + "…"
	}
	return text
}
