package report

import (
	"math"
	"strconv"
	"strings"
)

// FormatNumber writes v for people: four significant digits between 0.001 and
// 100,000 (0.03142, 1235, and 12346 rather than 12350), three and a power of ten
// outside (1.3·10⁻¹²), without trailing zeros. Whole numbers below a million are
// written in full. A NaN is "NaN", the infinities are "∞" and "−∞".
func FormatNumber(v float64) string {
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
		s = powerOfTen(strconv.FormatFloat(v, 'e', 2, 64))
	}
	return signed(s)
}

// signed is a number as strconv writes it with the minus sign of print.
func signed(s string) string { return strings.Replace(s, "-", "−", 1) }
