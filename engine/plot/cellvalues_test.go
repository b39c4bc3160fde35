package plot

import (
	"image/color"
	"math"
	"slices"
	"strings"
	"testing"

	"modspec/engine/figure"
	"modspec/engine/plot/colourmap"
)

func TestValuesInCells(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name   string
		values []float64
		log    bool
		digits int
		want   string
	}{
		{"whole", []float64{7, -3, 12, 0}, false, 3, "7 −3 12 0"},
		{"halves", []float64{0.5, 2, 8.5}, false, 3, "0.5 2.0 8.5"},
		{"ratios", []float64{0.9812, 1.0249, 1}, false, 3, "0.98 1.02 1.00"},
		{"ratios on a logarithmic scale", []float64{0.9812, 1.0249, 1}, true, 3, "0.98 1.02 1.00"},
		{"decades", []float64{3.184, 38.11, 1488.4}, true, 3, "3.18 38.1 1488"},
		{"two digits", []float64{3.184, 38.11, 1488.4}, true, 2, "3.2 38 1488"},
		{"far", []float64{2e-5, 1.234e-7, 5e8}, true, 3, "2·10⁻⁵ 1.23·10⁻⁷ 5·10⁸"},
		{"gaps", []float64{nan, 1, math.Inf(1)}, false, 3, " 1 "},
		{"not positive", []float64{-1, 0, 4}, true, 3, "  4"},
	} {
		h := &figure.Heatmap{X: counted(len(c.values)), Y: []float64{1}, Z: [][]float64{c.values}, Log: c.log}
		cells := &cells{Heatmap: h}
		cells.scale, _ = scaleOf(h)
		if got := strings.Join(cells.valueTexts(c.digits), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// Values stand in cells only where they can be read and hide nothing.
func TestValuesStandInFewCells(t *testing.T) {
	marked := func(rows, columns int) figure.Figure {
		return panelsOf(mapOf(rows, columns, func(i, j int) float64 { return 124.37 + float64(i*columns+j) }))
	}
	twelve, thirteen, series, theory := marked(12, 6), marked(13, 6), marked(2, 2), marked(2, 2)
	series.Panels[0].Series = []figure.Series{{X: []float64{1, 2}, Y: []float64{1, 2}}}
	theory.Panels[0].Heatmap.Theory = theory.Panels[0].Heatmap.Z
	crowded := panelsOf(mapOf(1, 12, func(_, j int) float64 { return -1.234e-250 * float64(j+1) }))
	for name, c := range map[string]struct {
		f    figure.Figure
		want string
		has  bool
	}{
		"few": {marked(3, 4), ">128<", true}, "four": {marked(2, 2), ">127<", true}, "twelve": {twelve, ">128<", true}, "thirteen": {thirteen, ">128<", false},
		"below a series": {series, ">127<", false}, "below theory": {theory, ">127<", false}, "without room": {crowded, ">−1.2·10<", false},
	} {
		if got := strings.Contains(svgOf(t, c.f), c.want); got != c.has {
			t.Errorf("%s: a cell has its value: %v, want %v", name, got, c.has)
		}
	}
}

// WCAG 2 asks for a contrast of 4.5 between text and its ground.
func TestValuesAreReadable(t *testing.T) {
	contrast := func(a, b color.NRGBA) float64 {
		x, y := luminance(a)+0.05, luminance(b)+0.05
		return max(x, y) / min(x, y)
	}
	for _, m := range []colourmap.Map{colourmap.Sequential, colourmap.Diverging} {
		for i, c := range m {
			if ratio := contrast(readableOn(c), c); ratio < 4.5 {
				t.Errorf("colour %d of %d: contrast %.2f", i, len(m), ratio)
			}
		}
	}
}

func TestBlankCellsHaveAColourOfTheirOwn(t *testing.T) {
	for _, m := range []colourmap.Map{colourmap.Sequential, colourmap.Diverging} {
		if i := slices.Index(m, blankGrey); i >= 0 {
			t.Errorf("colour %d is that of cells without a value", i)
		}
	}
}
