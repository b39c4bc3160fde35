package plot

import (
	"math"
	"testing"

	"modspec/engine/figure"
)

func one(s figure.Series) figure.Panel { return figure.Panel{Series: []figure.Series{s}} }

func TestAxesOf(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	log := func(p figure.Panel) figure.Panel { p.YLog = true; return p }
	for _, c := range []struct {
		name           string
		panel          figure.Panel
		x0, x1, y0, y1 float64
	}{
		{"lines reach the sides", one(figure.Series{X: []float64{1, 3}, Y: []float64{0, 1}}), 1, 3, -0.04, 1.04},
		{"markers do not", one(figure.Series{X: []float64{0, 1}, Y: []float64{0, 1}, Style: figure.Points}), -0.05, 1.05, -0.04, 1.04},
		{"the band counts", one(figure.Series{X: []float64{0, 1}, Y: []float64{0, 0}, Low: []float64{0, 0}, High: []float64{1, nan}}), 0, 1, -0.04, 1.04},
		{"gaps do not count", one(figure.Series{X: []float64{0, 1, 2, 3}, Y: []float64{nan, 0, 1, inf}}), 1, 2, -0.04, 1.04},
		{"bars stand on zero", one(figure.Series{X: []float64{2, 4}, Y: []float64{5, 10}, Style: figure.Bars}), 1, 5, 0, 10.4},
		{"bars hang from zero", one(figure.Series{X: []float64{2, 4}, Y: []float64{-5, -10}, Style: figure.Bars}), 1, 5, -10.4, 0},
		{"one bar", one(figure.Series{X: []float64{2}, Y: []float64{5}, Style: figure.Bars}), 1.5, 2.5, 0, 5.2},
		{"names have room", figure.Panel{XNames: []string{"a", "b", "c"}, Series: []figure.Series{{X: []float64{0}, Y: []float64{1}, Style: figure.Bars}}}, -0.5, 2.5, 0, 1.04},
		{"constant", one(figure.Series{X: []float64{0, 1}, Y: []float64{5, 5}}), 0, 1, 4.46, 5.54},
		{"constant zero", one(figure.Series{X: []float64{0, 1}, Y: []float64{0, 0}}), 0, 1, -1.08, 1.08},
		{"nothing", figure.Panel{}, 0, 1, -0.04, 1.04},
		{"nothing to draw", one(figure.Series{X: []float64{7}, Y: []float64{nan}}), 0, 1, -0.04, 1.04},
		{"only ≤ 0, logarithmic", log(one(figure.Series{X: []float64{0, 1}, Y: []float64{0, -1}})), 0, 1, 0.1 * math.Pow(100, -0.04), 10 * math.Pow(100, 0.04)},
		{"given", figure.Panel{XRange: &[2]float64{-1, 9}, YRange: &[2]float64{2, 3}, Series: []figure.Series{{X: []float64{0}, Y: []float64{0}}}}, -1, 9, 2, 3},
	} {
		x, y := axesOf(c.panel)
		got := [4]float64{x.lo, x.hi, y.lo, y.hi}
		for i, want := range [4]float64{c.x0, c.x1, c.y0, c.y1} {
			// A handful of roundings, each at most 2⁻⁵³ of the largest number here.
			if math.Abs(got[i]-want) > 16*0x1p-53*math.Max(math.Abs(want), 10) {
				t.Errorf("%s: ends %v, want %v", c.name, got, [4]float64{c.x0, c.x1, c.y0, c.y1})
				break
			}
		}
	}
}

func TestPlace(t *testing.T) {
	linear, decades := axis{lo: 2, hi: 6}, axis{logarithmic: true, lo: 0.01, hi: 100}
	for _, c := range []struct {
		a       axis
		v, want float64
	}{
		{linear, 2, 0}, {linear, 6, 1}, {linear, 3, 0.25}, {linear, 1e300, 1e6}, {linear, -1e300, -1e6},
		{decades, 0.01, 0}, {decades, 100, 1}, {decades, 1, 0.5},
	} {
		if got := c.a.place(c.v); math.Abs(got-c.want) > 8*0x1p-53*math.Max(1, c.want) {
			t.Errorf("place of %g on %v to %v is %g, want %g", c.v, c.a.lo, c.a.hi, got, c.want)
		}
	}
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64} {
		if linear.drawable(v) || decades.drawable(v) {
			t.Errorf("%g is drawable", v)
		}
	}
	if decades.drawable(0) || decades.drawable(-1) || decades.drawable(5e-324) || !linear.drawable(-1) {
		t.Error("what a logarithmic axis can draw is wrong")
	}
}

func TestRoundReachesTheNextTick(t *testing.T) {
	for _, c := range []struct{ lo, hi, wantLo, wantHi float64 }{
		{0, 299, 0, 300}, {1, 3000, 0, 3000}, {0, 280, 0, 280}, {50, 250, 50, 250},
	} {
		a := axis{lo: c.lo, hi: c.hi}
		a.mark(7)
		a.round()
		if a.lo != c.wantLo || a.hi != c.wantHi {
			t.Errorf("%g to %g became %g to %g, want %g to %g", c.lo, c.hi, a.lo, a.hi, c.wantLo, c.wantHi)
		}
	}
}
