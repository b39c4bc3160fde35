package figure

import (
	"math"
	"strings"
	"testing"
)

// good is a figure with one of everything that Validate looks at.
func good() Figure {
	return Figure{
		Name: "dense-dynamics", Columns: 2,
		Panels: []Panel{{
			Title: "modes", XRange: &[2]float64{0, 3}, YRange: &[2]float64{1e-3, 1}, YLog: true,
			XNames: []string{"a", "b"},
			Series: []Series{{
				X: []float64{0, 1, 2}, Y: []float64{1, math.NaN(), math.Inf(1)},
				Low: []float64{0, math.NaN(), 1}, High: []float64{2, 1, 1},
				Style: Bars, Color: 11,
			}, {}},
		}, {Legend: NoLegend}},
	}
}

func TestValidateAcceptsWhatCanBeDrawn(t *testing.T) {
	if err := good().Validate(); err != nil {
		t.Fatal(err)
	}
}

func TestValidateNamesTheFault(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		name   string
		damage func(*Figure)
		want   string // a part of the error
	}{
		{"no name", func(f *Figure) { f.Name = "" }, "figure name"},
		{"upper case", func(f *Figure) { f.Name = "Dense" }, "figure name"},
		{"slash", func(f *Figure) { f.Name = "a/b" }, "figure name"},
		{"dot dot", func(f *Figure) { f.Name = ".." }, "figure name"},
		{"trailing dash", func(f *Figure) { f.Name = "a-" }, "figure name"},
		{"newline", func(f *Figure) { f.Name = "a\n" }, "figure name"},
		{"long", func(f *Figure) { f.Name = strings.Repeat("a", 101) }, "figure name"},
		{"columns", func(f *Figure) { f.Columns = -1 }, "-1 columns"},
		{"no panels", func(f *Figure) { f.Panels = nil }, "no panels"},
		{"short y", func(f *Figure) { f.Panels[0].Series[0].Y = []float64{1} }, "3 x values and 1 y values"},
		{"half a band", func(f *Figure) { f.Panels[0].Series[0].Low = nil }, "one edge"},
		{"short band", func(f *Figure) { f.Panels[0].Series[0].High = []float64{1} }, "1 high"},
		{"crossed band", func(f *Figure) { f.Panels[0].Series[0].Low[0] = 3 }, "low 3 lies above high 2"},
		{"NaN x", func(f *Figure) { f.Panels[0].Series[0].X[1] = nan }, "x[1] is NaN"},
		{"infinite x", func(f *Figure) { f.Panels[0].Series[0].X[2] = inf }, "x[2] is +Inf"},
		{"style", func(f *Figure) { f.Panels[0].Series[0].Style = Bars + 1 }, "style 5"},
		{"colour", func(f *Figure) { f.Panels[0].Series[0].Color = -1 }, "colour -1"},
		{"corner", func(f *Figure) { f.Panels[1].Legend = NoLegend + 1 }, "corner"},
		{"empty range", func(f *Figure) { f.Panels[0].XRange = &[2]float64{1, 1} }, "x range [1, 1]"},
		{"NaN range", func(f *Figure) { f.Panels[0].YRange = &[2]float64{nan, 1} }, "y range [NaN, 1]"},
		{"log range", func(f *Figure) { f.Panels[0].YRange = &[2]float64{0, 1} }, "logarithmic"},
		{"named log axis", func(f *Figure) { f.Panels[0].XLog, f.Panels[0].XRange = true, nil }, "XNames"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := good()
			c.damage(&f)
			err := f.Validate()
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error is %v, want one that says %q", err, c.want)
			}
		})
	}
}
