package number

import (
	"math"
	"strconv"
	"strings"
)

// Format writes v for people: four significant digits between 0.001 and
// 100,000 (0.03142, 1235, and 12346 rather than 12350), three and a power of ten
// outside (1.3·10⁻¹²), without trailing zeros. Whole numbers below a million are
// written in full. A NaN is "NaN", the infinities are "∞" and "−∞".
func Format(v float64) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "∞"
	case math.IsInf(v, -1):
		return "−∞"
	case v == 0:
		return "0"
	}
	size := math.Abs(v)
	var s string
	switch {
	case v == math.Trunc(v) && size < 1e6:
		s = strconv.FormatFloat(v, 'f', 0, 64)
	case size >= 1e-3 && size < 1e5:
		// %.4g turns to powers of ten from 10⁴ on, so decimals are counted here.
		decimals := max(0, 3-int(math.Floor(math.Log10(size))))
		s = strconv.FormatFloat(v, 'f', decimals, 64)
		if strings.Contains(s, ".") {
			s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
		}
	default:
		s = PowerOfTen(strconv.FormatFloat(v, 'e', 2, 64))
	}
	return Signed(s)
}

// Signed is a number as strconv writes it with the minus sign of print.
func Signed(s string) string { return strings.Replace(s, "-", "−", 1) }

// Superscript writes n as an exponent.
func Superscript(n int) string {
	var b strings.Builder
	for _, r := range strconv.Itoa(n) {
		if r == '-' {
			b.WriteRune('⁻')
		} else {
			b.WriteRune([]rune("⁰¹²³⁴⁵⁶⁷⁸⁹")[r-'0'])
		}
	}
	return b.String()
}

// PowerOfTen writes a number that strconv formatted with 'e' as people do:
// "1.30e-12" becomes "1.3·10⁻¹²".
func PowerOfTen(scientific string) string {
	mantissa, exponent, ok := strings.Cut(scientific, "e")
	if !ok {
		return scientific
	}
	if strings.Contains(mantissa, ".") {
		mantissa = strings.TrimRight(strings.TrimRight(mantissa, "0"), ".")
	}
	e, err := strconv.Atoi(exponent)
	if err != nil {
		return scientific
	}
	return mantissa + "·10" + Superscript(e)
}

// Grouped writes a whole number in groups of three digits.
func Grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
