package plot

import (
	"math"
	"strings"
	"testing"

	"modspec/engine/figure"
)

// Whatever its kind, an axis along cells has the centre of cell i of n at
// (i + ½)/n.
func TestCellAxis(t *testing.T) {
	decades := make([]float64, 9)
	for i := range decades {
		decades[i] = math.Pow(10, float64(i)/4-1)
	}
	for _, c := range []struct {
		name        string
		centres     []float64
		logarithmic bool // asked for
		isLog, even bool // what it becomes
		between     [2]float64
	}{
		{"one", []float64{5}, false, false, true, [2]float64{5, 0.5}},
		{"one, logarithmic", []float64{5}, true, true, true, [2]float64{5, 0.5}},
		{"equal steps", counted(6), false, false, true, [2]float64{3.5, 0.5}},
		{"steps with rounding", []float64{0.1, 0.2, 0.30000000000000004, 0.4}, false, false, true, [2]float64{0.25, 0.5}},
		{"equal factors", decades, false, true, true, [2]float64{1, 0.5}},
		{"powers of two", []float64{0.25, 0.5, 1, 2}, false, true, true, [2]float64{math.Sqrt(0.5), 0.5}},
		{"two", []float64{1, 100}, false, false, true, [2]float64{50.5, 0.5}},
		{"two, logarithmic", []float64{1, 100}, true, true, true, [2]float64{10, 0.5}},
		{"uneven", []float64{1, 2, 5, 10}, false, false, false, [2]float64{3.5, 0.5}},
		{"uneven, logarithmic", []float64{1, 2, 8, 16}, true, true, false, [2]float64{4, 0.5}},
		{"even, but logarithmic", []float64{1, 2, 3}, true, true, false, [2]float64{math.Sqrt2, 1. / 3}},
		{"with 0", []float64{0, 1, 10, 100}, false, false, false, [2]float64{5.5, 0.5}},
		{"before the first", []float64{1, 2, 5, 10}, false, false, false, [2]float64{0.5, 0}},
		{"after the last", []float64{1, 2, 5, 10}, false, false, false, [2]float64{12.5, 1}},
	} {
		a := cellAxis(c.centres, c.logarithmic)
		if a.logarithmic != c.isLog || (a.cells == nil) != c.even {
			t.Errorf("%s: logarithmic %v, even %v, want %v, %v", c.name, a.logarithmic, a.cells == nil, c.isLog, c.even)
		}
		// The place is a quotient of differences of centres or their logarithms, all
		// below 100 here, over steps above 0.05: a dozen roundings of 2⁻⁵³ each.
		const slack = 12 * 0x1p-53 * 100 / 0.05
		for i, v := range c.centres {
			if want := (float64(i) + 0.5) / float64(len(c.centres)); math.Abs(a.place(v)-want) > slack {
				t.Errorf("%s: cell %d lies at %g, want %g", c.name, i, a.place(v), want)
			}
		}
		// Where the axis ends decides which values and contours are drawn.
		if len(c.centres) > 1 && (math.Abs(a.place(a.lo)) > slack || math.Abs(a.place(a.hi)-1) > slack) {
			t.Errorf("%s: the ends %g and %g lie at %g and %g, want 0 and 1", c.name, a.lo, a.hi, a.place(a.lo), a.place(a.hi))
		}
		if got := a.place(c.between[0]); math.Abs(got-c.between[1]) > slack {
			t.Errorf("%s: %g lies at %g, want %g", c.name, c.between[0], got, c.between[1])
		}
	}
}

func TestColumnsAreLabelled(t *testing.T) {
	decades := make([]float64, 61)
	for i := range decades {
		decades[i] = math.Pow(10, float64(i)/20-1)
	}
	squares := counted(30)
	for i := range squares {
		squares[i] *= squares[i]
	}
	for _, c := range []struct {
		name    string
		centres []float64
		names   []string
		want    string
		upright bool
	}{
		{"few", counted(6), nil, "1 2 3 4 5 6", false},
		{"fractions", []float64{0.0625, 0.125, 0.25, 0.5, 1}, nil, "0.0625 0.125 0.25 0.5 1", false},
		{"alike", []float64{1.00001, 1.00002, 1.00004}, nil, "1.00001 1.00002 1.00004", false},
		{"many", counted(200), nil, "50 100 150 200", false},
		{"many decades", decades, nil, "10⁻¹ 10⁰ 10¹ 10²", false},
		{"many, uneven", squares, nil, "1 25 81 169 289 441 625 841", false},
		{"names", nil, []string{"dense", "split", "gated"}, "dense split gated", false},
		{"long names", nil, []string{"densely connected", "split into modules", "with a gate"}, "densely connected|split into modules|with a gate", true},
	} {
		side := sideOf(c.centres, c.names)
		a := cellAxis(side.centres, false)
		_, upright := side.markColumns(&a, 150, 60)
		got := labels(a.ticks)
		if strings.Contains(c.want, "|") {
			got = strings.Join(side.labels, "|")
		}
		if got != c.want || upright != c.upright {
			t.Errorf("%s: %q, upright %v, want %q, %v", c.name, got, upright, c.want, c.upright)
		}
	}
}

// Labels of columns and rows keep apart, and none is lost that has room.
func TestCellLabelsKeepApart(t *testing.T) {
	for n := 1; n <= 256; n = n*5/4 + 1 {
		for _, uneven := range []bool{false, true} {
			centres := counted(n)
			if uneven {
				for i := range centres {
					centres[i] *= centres[i]
				}
			}
			side := sideOf(centres, nil)
			a := cellAxis(centres, false)
			const width = 150
			text, _ := side.markColumns(&a, width, 60)
			right := math.Inf(-1)
			for _, k := range a.ticks {
				if k.IsMinor() {
					continue
				}
				middle, half := a.place(k.Value)*width, float64(text.Width(k.Label))/2
				if middle-half < right+2 {
					t.Errorf("%d columns, uneven %v: %q is less than 2 points from its neighbour", n, uneven, k.Label)
				}
				right = middle + half
			}
			b := cellAxis(centres, false)
			text = side.markRows(&b, width, 60)
			above := math.Inf(-1)
			for _, k := range b.ticks {
				if k.IsMinor() {
					continue
				}
				middle := b.place(k.Value) * width
				if middle-above < float64(text.Height(""))*(1-1e-12) { // but for rounding of the quotient
					t.Errorf("%d rows, uneven %v: %q stands in its neighbour", n, uneven, k.Label)
				}
				above = middle
			}
			if len(a.ticks) == 0 || len(b.ticks) == 0 {
				t.Errorf("%d cells, uneven %v: no labels", n, uneven)
			}
		}
	}
}

// A series over cells at uneven steps goes through their middles.
func TestSeriesGoThroughTheirCells(t *testing.T) {
	h := &figure.Heatmap{X: []float64{1, 2, 5, 10, 100}, Y: []float64{0, 1, 7}, Z: table(3, 5, func(i, j int) float64 { return float64(i + j) })}
	f := panelsOf(h)
	f.Panels[0].Series = []figure.Series{{X: []float64{1, 5, 100}, Y: []float64{0, 1, 7}, Style: figure.Points, Color: 1}}
	img := pngOf(t, f)
	pane := paneOf(f, 0, img)
	for _, c := range [][2]int{{0, 0}, {1, 2}, {2, 4}} {
		x := pane.Min.X + pane.Dx()*(2*c[1]+1)/10
		y := pane.Max.Y - pane.Dy()*(2*c[0]+1)/6
		if got := nrgba(img.At(x, y)); got != palette[1] {
			t.Errorf("the middle of cell %v is %v, want the marker's %v", c, got, palette[1])
		}
	}
}

// A range so wide that the quotient of its ends overflows has places all the
// same.
func TestWidestLogarithmicRange(t *testing.T) {
	a := newExtent(true).finish(&[2]float64{1e-300, 1e300}, lineMargin, lineMargin)
	if got := a.place(1); math.Abs(got-0.5) > 8*0x1p-53 {
		t.Errorf("1 lies at %g, want the middle", got)
	}
}
