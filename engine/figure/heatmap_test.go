package figure

import (
	"math"
	"strings"
	"testing"
)

func pointer(v float64) *float64 { return &v }

// phases is a panel with a heatmap that has one of everything that Validate
// looks at.
func phases() Figure {
	return Figure{Name: "phases", Panels: []Panel{{
		XLog: true,
		Heatmap: &Heatmap{
			X: []float64{0.1, 1, 10}, YNames: []string{"dense", "split"},
			Z:     [][]float64{{1, math.NaN(), 3}, {math.Inf(1), 0, -5}},
			Label: "t½", Log: true, Range: &[2]float64{0.5, 4}, Center: pointer(1),
			Theory: [][]float64{{1, 2, math.NaN()}, {4, 5, 6}},
		},
		Series: []Series{{X: []float64{1}, Y: []float64{1}, Style: Points}},
	}}}
}

func TestValidateAcceptsHeatmaps(t *testing.T) {
	if err := phases().Validate(); err != nil {
		t.Fatal(err)
	}
	one := Figure{Name: "one", Panels: []Panel{{Heatmap: &Heatmap{X: []float64{0}, Y: []float64{-3}, Z: [][]float64{{math.NaN()}}}}}}
	if err := one.Validate(); err != nil {
		t.Fatal(err)
	}
}

func TestValidateNamesTheFaultOfAHeatmap(t *testing.T) {
	rising := make([]float64, MostCells+1)
	for i := range rising {
		rising[i] = float64(i + 1)
	}
	for _, c := range []struct {
		name   string
		damage func(*Panel, *Heatmap)
		want   string
	}{
		{"no columns", func(_ *Panel, h *Heatmap) { h.X = nil }, "without columns"},
		{"no rows", func(_ *Panel, h *Heatmap) { h.YNames = nil }, "without rows"},
		{"empty names", func(_ *Panel, h *Heatmap) { h.YNames = []string{} }, "without rows"},
		{"too many", func(_ *Panel, h *Heatmap) { h.X = rising }, "at most 256"},
		{"descending", func(_ *Panel, h *Heatmap) { h.X[2] = 0.5 }, "X[2] of the heatmap is 0.5 after 1"},
		{"twice", func(_ *Panel, h *Heatmap) { h.X[2] = 1 }, "ascending"},
		{"NaN centre", func(_ *Panel, h *Heatmap) { h.X[1] = math.NaN() }, "X[1] of the heatmap is NaN"},
		{"infinite centre", func(_ *Panel, h *Heatmap) { h.X[2] = math.Inf(1) }, "X[2] of the heatmap is +Inf"},
		{"centre at 0 on a logarithmic axis", func(_ *Panel, h *Heatmap) { h.X[0] = 0 }, "above 0"},
		{"names alone on a logarithmic axis", func(p *Panel, _ *Heatmap) { p.YLog = true }, "names alone"},
		{"names missing", func(_ *Panel, h *Heatmap) { h.XNames = []string{"a"} }, "1 column names for 3 columns"},
		{"row missing", func(_ *Panel, h *Heatmap) { h.Z = h.Z[1:] }, "Z of the heatmap has 1 rows for 2"},
		{"no values", func(_ *Panel, h *Heatmap) { h.Z = nil }, "0 rows for 2"},
		{"value missing", func(_ *Panel, h *Heatmap) { h.Z[1] = h.Z[1][1:] }, "Z[1] of the heatmap has 2 values for 3"},
		{"theory's row missing", func(_ *Panel, h *Heatmap) { h.Theory = h.Theory[1:] }, "Theory of the heatmap has 1 rows"},
		{"theory's value missing", func(_ *Panel, h *Heatmap) { h.Theory[0] = nil }, "Theory[0]"},
		{"empty range", func(_ *Panel, h *Heatmap) { h.Range[1] = 0.5 }, "colour range [0.5, 0.5]"},
		{"range below 0", func(_ *Panel, h *Heatmap) { h.Range[0] = -1 }, "logarithmic"},
		{"infinite centre of colours", func(_ *Panel, h *Heatmap) { h.Center = pointer(math.Inf(1)) }, "centred at +Inf"},
		{"centre of colours below 0", func(_ *Panel, h *Heatmap) { h.Center = pointer(-1) }, "ratios"},
		{"centre of colours outside", func(_ *Panel, h *Heatmap) { h.Center = pointer(5) }, "outside their range [0.5, 4]"},
		{"range of x", func(p *Panel, _ *Heatmap) { p.XRange = &[2]float64{1, 2} }, "a range of x or y"},
		{"range of y", func(p *Panel, _ *Heatmap) { p.YRange = &[2]float64{1, 2} }, "a range of x or y"},
		{"names of the panel", func(p *Panel, _ *Heatmap) { p.XLog, p.XNames = false, []string{"a"} }, "XNames"},
		{"bars", func(p *Panel, _ *Heatmap) { p.Series[0].Style = Bars }, "bars over a heatmap"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := phases()
			c.damage(&f.Panels[0], f.Panels[0].Heatmap)
			err := f.Validate()
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error is %v, want one that says %q", err, c.want)
			}
		})
	}
}

func TestCommonRange(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	of := func(values ...float64) *Heatmap { return &Heatmap{Z: [][]float64{values}} }
	log := func(h *Heatmap) *Heatmap { h.Log = true; return h }
	centred := func(c float64, h *Heatmap) *Heatmap { h.Center = &c; return h }
	const most, least = math.MaxFloat64, math.SmallestNonzeroFloat64
	for _, c := range []struct {
		name   string
		maps   []*Heatmap
		lo, hi float64
	}{
		{"two", []*Heatmap{of(1, nan, 4), of(-2, inf)}, -2, 4},
		{"logarithmic", []*Heatmap{log(of(0, 0.5, -3)), log(of(8))}, 0.5, 8},
		{"centred", []*Heatmap{centred(1, of(0.75, 1.125))}, 0.75, 1.25},
		{"centred, one side", []*Heatmap{centred(1, of(0.5, 0.75))}, 0.5, 1.5},
		{"ratios", []*Heatmap{centred(1, log(of(0.5, 4)))}, 0.25, 4},
		{"constant", []*Heatmap{of(10, 10)}, 9, 11},
		{"constant, logarithmic", []*Heatmap{log(of(3))}, 1, 9},
		{"zero", []*Heatmap{of(0)}, -1, 1},
		{"least", []*Heatmap{of(least)}, -1, 1},
		{"at the centre", []*Heatmap{centred(10, of(10))}, 9, 11},
		{"most", []*Heatmap{centred(0, of(most))}, -most, most},
		{"most beside 1", []*Heatmap{centred(1, log(of(most, 1)))}, 1 / most, most},
		{"least beside 1", []*Heatmap{centred(2, log(of(least)))}, least, most},
	} {
		got := CommonRange(c.maps...)
		if got == nil || *got != [2]float64{c.lo, c.hi} {
			t.Errorf("%s: %v, want [%g, %g]", c.name, got, c.lo, c.hi)
			continue
		}
		// What it gives must be a range that Validate takes.
		h := *c.maps[0]
		h.Range = got
		if err := validateRange("colour", h.Range, h.Log); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	for name, maps := range map[string][]*Heatmap{"none": nil, "empty": {of()}, "NaN": {of(nan, inf)}, "not positive": {log(of(-1, 0))}} {
		if got := CommonRange(maps...); got != nil {
			t.Errorf("%s: %v, want nil", name, *got)
		}
	}
}
