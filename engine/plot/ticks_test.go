package plot

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	gonum "gonum.org/v1/plot"
)

// labels joins the labels of the major ticks.
func labels(ticks []gonum.Tick) string {
	var s []string
	for _, t := range ticks {
		if !t.IsMinor() {
			s = append(s, t.Label)
		}
	}
	return strings.Join(s, " ")
}

func TestLinearTicks(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		n      int
		want   string
	}{
		{0, 1, 6, "0 0.2 0.4 0.6 0.8 1.0"},
		{-0.04, 1.04, 6, "0 0.2 0.4 0.6 0.8 1.0"},
		{0, 1, 5, "0 0.5 1.0"},
		{0, 300, 7, "0 50 100 150 200 250 300"},
		{0, 3000, 4, "0 1000 2000 3000"},
		{-1, 1, 5, "−1.0 −0.5 0 0.5 1.0"},
		{0, 0.012, 5, "0 0.005 0.010"},
		{0, 1.5e-5, 4, "0 0.5·10⁻⁵ 1.0·10⁻⁵ 1.5·10⁻⁵"},
		{-3e8, 9.3e8, 4, "0 5·10⁸"},
		{1000, 1000.001, 4, "1000.0000 1000.0005 1000.0010"},
		{0.3, 0.35, 2, "0.30 0.35"},
	} {
		if got := labels(linearTicks(c.lo, c.hi, c.n)); got != c.want {
			t.Errorf("linearTicks(%g, %g, %d): %s, want %s", c.lo, c.hi, c.n, got, c.want)
		}
	}
}

func TestLogTicks(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		n      int
		want   string
		minor  int
	}{
		{1e-4, 1, 6, "10⁻⁴ 10⁻³ 10⁻² 10⁻¹ 10⁰", 32},
		{5e-5, 3, 6, "10⁻⁴ 10⁻³ 10⁻² 10⁻¹ 10⁰", 5 + 32 + 2},
		{1e-14, 1e9, 6, "10⁻¹⁴ 10⁻¹⁰ 10⁻⁶ 10⁻² 10² 10⁶", 24 - 6},
		{1, 10, 6, "10⁰ 10¹", 8},
		{0.3, 6, 6, "0.5 1 2 5", 0},
		{1.1, 1.9, 6, "1.2 1.4 1.6 1.8", 0}, // fewer than two of 1, 2 and 5
		{1e-300, 1e300, 4, "10⁻³⁰⁰ 10⁻¹⁴⁹ 10² 10¹⁵³", 601 - 4},
	} {
		ticks := logTicks(c.lo, c.hi, c.n)
		if got := labels(ticks); got != c.want {
			t.Errorf("logTicks(%g, %g, %d): %s, want %s", c.lo, c.hi, c.n, got, c.want)
		}
		if minor := len(ticks) - len(strings.Fields(c.want)); minor != c.minor {
			t.Errorf("logTicks(%g, %g, %d): %d minor ticks, want %d", c.lo, c.hi, c.n, minor, c.minor)
		}
	}
}

func TestTicksStayInRangeAndFew(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for range 20_000 {
		lo := r.NormFloat64() * math.Pow(10, r.Float64()*30-15)
		hi := lo + math.Abs(lo)*math.Pow(10, r.Float64()*20-8)
		n := 2 + r.IntN(6)
		check := func(kind string, ticks []gonum.Tick, lo, hi float64) {
			major, slack := 0, 1e-6*(hi-lo)
			for i, k := range ticks {
				if k.Value < lo-slack || k.Value > hi+slack || i > 0 && k.Value <= ticks[i-1].Value {
					t.Fatalf("%s(%g, %g, %d): tick %g is out of range or order", kind, lo, hi, n, k.Value)
				}
				if !k.IsMinor() {
					major++
				}
			}
			if major > n {
				t.Fatalf("%s(%g, %g, %d): %d labels", kind, lo, hi, n, major)
			}
		}
		check("linearTicks", linearTicks(lo, hi, n), lo, hi)
		if lo > 0 {
			check("logTicks", logTicks(lo, hi, n), lo, hi)
		}
	}
}
