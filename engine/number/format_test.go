package number

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

func TestFormatNumber(t *testing.T) {
	for _, c := range []struct {
		v    float64
		want string
	}{
		{0, "0"}, {math.Copysign(0, -1), "0"}, {1, "1"}, {-3, "−3"}, {300, "300"}, {999999, "999999"},
		{1e6, "1·10⁶"}, {-1234567, "−1.23·10⁶"}, {0.05, "0.05"}, {0.031234567, "0.03123"}, {1234.567, "1235"},
		{12345.6, "12346"}, {0.001, "0.001"}, {0.00099, "9.9·10⁻⁴"}, {1.3e-12, "1.3·10⁻¹²"}, {-2e-300, "−2·10⁻³⁰⁰"},
		{0.99999, "1"}, {9.9999, "10"}, {0.7272727, "0.7273"}, {123456.7, "1.23·10⁵"}, {99999.9, "100000"},
		// At the borders between the forms, one below and one above.
		{math.Nextafter(1e-3, 0), "1·10⁻³"}, {math.Nextafter(1e-3, 1), "0.001"},
		{math.Nextafter(1e5, 0), "100000"}, {1e5, "100000"}, {math.Nextafter(1e5, 2e5), "1·10⁵"},
		{math.NaN(), "NaN"}, {math.Inf(1), "∞"}, {math.Inf(-1), "−∞"}, {math.MaxFloat64, "1.8·10³⁰⁸"}, {5e-324, "4.94·10⁻³²⁴"},
	} {
		if got := Format(c.v); got != c.want {
			t.Errorf("Format(%g) = %q, want %q", c.v, got, c.want)
		}
	}
}

// Whatever is written reads as a number within half a unit of its last digit:
// three digits bound the relative error by 1/200.
func TestFormatNumberIsClose(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 20_000 {
		v := r.NormFloat64() * math.Pow(10, r.Float64()*40-20)
		s := Format(v)
		if got := readBack(t, s); math.Abs(got-v) > math.Abs(v)/200 {
			t.Fatalf("Format(%g) = %q, which reads as %g", v, s, got)
		}
	}
}

// readBack reads what Format wrote.
func readBack(t *testing.T, s string) float64 {
	t.Helper()
	ascii := strings.NewReplacer("−", "-", "·10", "e", "⁻", "-", "⁰", "0", "¹", "1", "²", "2", "³", "3",
		"⁴", "4", "⁵", "5", "⁶", "6", "⁷", "7", "⁸", "8", "⁹", "9").Replace(s)
	v, err := strconv.ParseFloat(ascii, 64)
	if err != nil {
		t.Fatalf("%q is no number: %v", s, err)
	}
	return v
}
