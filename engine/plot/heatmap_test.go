package plot

import (
	"bytes"
	"image"
	"image/color"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"modspec/engine/figure"
	"modspec/engine/plot/colourmap"
	"modspec/engine/plot/lettering"
)

// table fills rows × columns from a function of both.
func table(rows, columns int, f func(row, column int) float64) [][]float64 {
	z := make([][]float64, rows)
	for i := range z {
		z[i] = make([]float64, columns)
		for j := range z[i] {
			z[i][j] = f(i, j)
		}
	}
	return z
}

// counted is 1, 2, …, n.
func counted(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i + 1)
	}
	return x
}

func mapOf(rows, columns int, f func(row, column int) float64) *figure.Heatmap {
	return &figure.Heatmap{X: counted(columns), Y: counted(rows), Z: table(rows, columns, f)}
}

func panelsOf(maps ...*figure.Heatmap) figure.Figure {
	f := figure.Figure{Name: "phases"}
	for _, h := range maps {
		f.Panels = append(f.Panels, figure.Panel{Heatmap: h})
	}
	return f
}

// phases is a figure with all that heatmaps can have.
func phases() figure.Figure {
	one := 1.0
	measured := mapOf(5, 6, func(i, j int) float64 { return float64((i+1)*(j+2)) * (1 + 0.1*float64(i%2)) })
	measured.Z[4][5] = math.NaN()
	measured.Log, measured.Label, measured.Blank = true, "t_½ (steps)", "never"
	theory := *measured
	theory.Theory, theory.TheoryLabel = table(5, 6, func(i, j int) float64 { return float64((i + 1) * (j + 2)) }), "theory"
	ratio := mapOf(4, 3, func(i, j int) float64 { return 0.8 + 0.05*float64(i+j) })
	ratio.X, ratio.XNames, ratio.YNames = nil, []string{"dense", "split", "gated"}, []string{"a", "b", "c", "d"}
	ratio.Center = &one
	measured.Range = &[2]float64{3, 30}
	theory.Range = measured.Range
	return figure.Figure{Name: "phases", Title: "Half times", Columns: 2, Panels: []figure.Panel{
		{Title: "measured", XLabel: "k_x", YLabel: "r", Heatmap: measured},
		{Title: "theory over it", XLabel: "k_x", YLabel: "r", Heatmap: &theory, Series: []figure.Series{
			{Label: "boundary", X: []float64{1, 6}, Y: []float64{1, 5}}, {X: []float64{2, 3}, Y: []float64{2, 4}, Style: figure.Points, Color: 1},
		}},
		{Title: "ratio", Heatmap: ratio},
	}}
}

// paneOf is where the pane of a panel lies in the picture of f, in pixels.
func paneOf(f figure.Figure, panel int, img image.Image) image.Rectangle {
	r := onPixels(layOut(f).panes[panel])
	floor := img.Bounds().Max.Y
	pixel := func(points float64) int { return int(math.Round(points * lettering.DotsPerInch / 72)) }
	return image.Rect(pixel(r.Min.X.Points()), floor-pixel(r.Max.Y.Points()), pixel(r.Max.X.Points()), floor-pixel(r.Min.Y.Points()))
}

// cellAt is the row and column of a pixel of the pane: of its middle, with edges
// of cells on the nearest whole pixel.
func cellAt(pane image.Rectangle, rows, columns, x, y int) (row, column int) {
	row, column = -1, -1
	for i := range columns {
		if from := pane.Min.X + int(math.Round(float64(pane.Dx()*i)/float64(columns))); x >= from {
			column = i
		}
	}
	for i := range rows {
		if from := int(math.Round(float64(pane.Dy()*i) / float64(rows))); pane.Max.Y-1-y >= from {
			row = i
		}
	}
	return row, column
}

func nrgba(c color.Color) color.NRGBA { return color.NRGBAModel.Convert(c).(color.NRGBA) }

// Every pixel of the pane, but for its frame, has exactly the colour of the cell
// that covers it: no seams, no blends, no cell out of place.
func TestCellsHaveTheirColours(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	one := 1.0
	noise := mapOf(13, 17, func(int, int) float64 { return r.NormFloat64() })
	decades := mapOf(14, 13, func(int, int) float64 { return math.Exp(3 * r.NormFloat64()) })
	decades.Log = true
	clipped := mapOf(3, 40, func(int, int) float64 { return r.NormFloat64() })
	clipped.Range = &[2]float64{-0.5, 1}
	ratio := mapOf(20, 20, func(int, int) float64 { return math.Exp(r.NormFloat64()) })
	ratio.Log, ratio.Center = true, &one
	large := mapOf(200, 200, func(i, j int) float64 { return float64(i * j) })
	f := panelsOf(noise, decades, clipped, ratio, large)
	f.Columns = 2
	img := pngOf(t, f)
	for k, p := range f.Panels {
		h := p.Heatmap
		// The place in the colour map, reckoned apart from scale.
		lo, hi := math.Inf(1), math.Inf(-1)
		for _, row := range h.Z {
			for _, v := range row {
				lo, hi = min(lo, v), max(hi, v)
			}
		}
		want := func(v float64) color.NRGBA {
			switch {
			case h.Center != nil:
				return colourmap.Diverging[int(math.Round(254*(0.5+0.5*math.Log(v)/math.Log(max(hi, 1/lo)))))]
			case h.Log:
				return colourmap.Sequential[int(math.Round(255*math.Log(v/lo)/math.Log(hi/lo)))]
			case h.Range != nil:
				return colourmap.Sequential[int(math.Round(255*min(max((v-h.Range[0])/(h.Range[1]-h.Range[0]), 0), 1)))]
			}
			return colourmap.Sequential[int(math.Round(255*(v-lo)/(hi-lo)))]
		}
		pane := paneOf(f, k, img)
		const frame = 2 // pixels, more than half of its 0.7 points
		wrong := 0
		for y := pane.Min.Y + frame; y < pane.Max.Y-frame; y++ {
			for x := pane.Min.X + frame; x < pane.Max.X-frame; x++ {
				row, column := cellAt(pane, len(h.Z), len(h.Z[0]), x, y)
				if got := nrgba(img.At(x, y)); got != want(h.Z[row][column]) {
					wrong++
					if wrong == 1 {
						t.Errorf("panel %d, cell (%d, %d), value %g: %v, want %v", k+1, row, column, h.Z[row][column], got, want(h.Z[row][column]))
					}
				}
			}
		}
		if wrong > 0 {
			t.Errorf("panel %d: %d of %d pixels are wrong", k+1, wrong, pane.Dx()*pane.Dy())
		}
	}
}

// Cells without a value are grey and hatched, and no cell beside them is.
func TestBlankCellsAreHatched(t *testing.T) {
	blank := func(i, j int) bool { return i == 3 && j > 7 || i > 8 && j < 4 || i == 0 && j == 0 }
	h := mapOf(13, 13, func(i, j int) float64 {
		if blank(i, j) {
			return []float64{math.NaN(), math.Inf(1), math.Inf(-1)}[(i+j)%3]
		}
		return float64(i*j) + 1
	})
	f := panelsOf(h)
	img := pngOf(t, f)
	pane := paneOf(f, 0, img)
	var ground, hatch, blanks int
	for y := pane.Min.Y + 2; y < pane.Max.Y-2; y++ {
		for x := pane.Min.X + 2; x < pane.Max.X-2; x++ {
			row, column := cellAt(pane, 13, 13, x, y)
			c := nrgba(img.At(x, y))
			grey := c.R == c.G && c.G == c.B
			if !blank(row, column) {
				// The ends of hatches are square and slanted: they reach over a side of
				// their cell by no more than half of their width.
				if grey && !beside(pane, blank, x, y) {
					t.Fatalf("pixel (%d, %d) of cell (%d, %d) is grey", x, y, row, column)
				}
				continue
			}
			blanks++
			switch {
			case c == blankGrey:
				ground++
			case grey:
				hatch++
			default:
				t.Fatalf("pixel (%d, %d) of the blank cell (%d, %d) is %v", x, y, row, column, c)
			}
		}
	}
	// A hatch is 0.6 points wide, seen along a row √2 of it, every 4.5 points: 19 %,
	// and up to three pixels of an edge are blended, of the 12 from line to line.
	if share := float64(hatch) / float64(blanks); share < 0.12 || share > 0.45 {
		t.Errorf("%.0f %% of blank cells are hatches (%d of %d pixels are plain)", 100*share, ground, blanks)
	}
	for want, z := range map[string]*figure.Heatmap{
		">no value<":      h,
		">≤ 0<":           logarithmic(mapOf(2, 2, func(i, j int) float64 { return float64(i + j) })),
		">no value, ≤ 0<": logarithmic(mapOf(2, 2, func(i, j int) float64 { return []float64{0, 1, math.NaN()}[i+j] })),
		">never<":         phases().Panels[0].Heatmap,
	} {
		if s := svgOf(t, panelsOf(z)); !strings.Contains(s, want) {
			t.Errorf("the note beside the bar is not %s", want)
		}
	}
	if s := svgOf(t, panelsOf(mapOf(2, 2, func(i, j int) float64 { return 1 }))); strings.Contains(s, "no value") {
		t.Error("a note about cells that are not there")
	}
}

// beside reports whether a pixel lies next to a blank cell.
func beside(pane image.Rectangle, blank func(row, column int) bool, x, y int) bool {
	for dy := -2; dy <= 2; dy++ {
		for dx := -2; dx <= 2; dx++ {
			row, column := cellAt(pane, 13, 13, x+dx, y+dy)
			if row >= 0 && column >= 0 && blank(row, column) {
				return true
			}
		}
	}
	return false
}

func logarithmic(h *figure.Heatmap) *figure.Heatmap {
	h.Log = true
	return h
}

func svgOf(t *testing.T, f figure.Figure) string {
	t.Helper()
	var b bytes.Buffer
	if err := SVG(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestHeatmapsAreDeterministic(t *testing.T) {
	for name, to := range map[string]func(io.Writer, figure.Figure) error{"PNG": PNG, "SVG": SVG} {
		var want bytes.Buffer
		if err := to(&want, phases()); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			var again bytes.Buffer
			if err := to(&again, phases()); err != nil || !bytes.Equal(again.Bytes(), want.Bytes()) {
				t.Fatalf("%s drawn again differs (%v)", name, err)
			}
		}
	}
}

// The way cells get into the PNG is a short cut; through the canvas's own
// rasteriser the same picture must come out.
func TestPixelsEqualTheCanvas(t *testing.T) {
	f := phases()
	s := layOut(f)
	c := vgimg.NewWith(vgimg.UseWH(s.width, s.height), vgimg.UseDPI(lettering.DotsPerInch), vgimg.UseBackgroundColor(paper))
	s.draw(draw.New(c))
	short, long := pngOf(t, f), c.Image()
	apart := 0
	for y := range short.Bounds().Dy() {
		for x := range short.Bounds().Dx() {
			if nrgba(short.At(x, y)) != nrgba(long.At(x, y)) {
				apart++
			}
		}
	}
	if apart > 0 {
		t.Errorf("%d pixels differ", apart)
	}
}

// What Validate accepts must be drawn, and say what it shows.
func TestOddHeatmapsAreDrawn(t *testing.T) {
	nan, inf, zero, far := math.NaN(), math.Inf(1), 0.0, 1e308
	constant := func(v float64) func(int, int) float64 { return func(int, int) float64 { return v } }
	ranged := func(h *figure.Heatmap, lo, hi float64) *figure.Heatmap { h.Range = &[2]float64{lo, hi}; return h }
	centred := func(h *figure.Heatmap, c float64) *figure.Heatmap { h.Center = &c; return h }
	at := func(h *figure.Heatmap, x ...float64) *figure.Heatmap { h.X = x; return h }
	theory := func(h *figure.Heatmap, f func(int, int) float64) *figure.Heatmap {
		h.Theory, h.TheoryLabel = table(len(h.Z), len(h.Z[0]), f), "theory"
		return h
	}
	for name, c := range map[string]struct {
		h    *figure.Heatmap
		note string
	}{
		"one cell":                {mapOf(1, 1, constant(7)), ""},
		"one cell, far out":       {at(mapOf(1, 1, constant(7)), 1e300), ""},
		"one cell, theory":        {theory(mapOf(1, 1, constant(7)), constant(7)), ""},
		"one cell, NaN":           {mapOf(1, 1, constant(nan)), "no values"},
		"constant":                {mapOf(4, 5, constant(3)), ""},
		"constant zero":           {mapOf(4, 5, constant(0)), ""},
		"constant, logarithmic":   {logarithmic(mapOf(4, 5, constant(3))), ""},
		"constant, theory":        {theory(mapOf(4, 5, constant(3)), constant(3)), ""},
		"all NaN":                 {mapOf(4, 5, constant(nan)), "no values"},
		"all NaN, with a range":   {ranged(mapOf(4, 5, constant(nan)), 1, 2), "no values"},
		"infinite":                {mapOf(4, 5, constant(inf)), "no values"},
		"logarithmic, negative":   {logarithmic(mapOf(4, 5, constant(-1))), "no positive values"},
		"logarithmic, zeros":      {logarithmic(mapOf(4, 5, func(i, j int) float64 { return float64(i) })), ""},
		"enormous":                {mapOf(2, 2, func(i, j int) float64 { return 1e308 * float64(i-j) }), ""},
		"minute":                  {mapOf(2, 2, func(i, j int) float64 { return 5e-324 * float64(i+j) }), ""},
		"minute, logarithmic":     {logarithmic(mapOf(2, 2, constant(5e-324))), "no positive values"},
		"wide, logarithmic":       {logarithmic(mapOf(2, 2, func(i, j int) float64 { return math.Pow(1e-290, float64(i-j)) })), ""},
		"centred":                 {centred(mapOf(3, 3, func(i, j int) float64 { return float64(i - j) }), zero), ""},
		"centred at an end":       {ranged(centred(mapOf(3, 3, constant(1)), 1), 1, 2), ""},
		"centred far out":         {centred(mapOf(3, 3, constant(1)), far), ""},
		"centred, all NaN":        {centred(mapOf(3, 3, constant(nan)), 1), "no values"},
		"centred, constant":       {logarithmic(centred(mapOf(3, 3, constant(1)), 1)), ""},
		"range elsewhere":         {ranged(mapOf(3, 3, constant(1)), 10, 20), ""},
		"range too wide":          {ranged(mapOf(3, 3, constant(1)), -math.MaxFloat64, math.MaxFloat64), ""},
		"range too narrow":        {ranged(mapOf(3, 3, constant(1)), 1, 1+0x1p-52), ""},
		"columns far apart":       {at(mapOf(1, 3, constant(1)), -1e300, 0, 1e300), ""},
		"columns close":           {at(mapOf(1, 3, constant(1)), 1, 1+0x1p-52, 1+0x1p-51), ""},
		"columns at denormals":    {at(mapOf(1, 3, constant(1)), 0, 5e-324, 1e-323), ""},
		"columns at odd steps":    {at(mapOf(1, 4, constant(1)), -3, 1, 1000, 1e9), ""},
		"columns over all floats": {at(mapOf(1, 3, constant(1)), 1e-300, 1, 1e300), ""},
		"theory of gaps":          {theory(mapOf(5, 5, func(i, j int) float64 { return float64(i + j) }), func(i, j int) float64 { return []float64{nan, inf, 3}[(i+j)%3] }), ""},
		"theory elsewhere":        {theory(mapOf(5, 5, func(i, j int) float64 { return float64(i + j) }), constant(-1e308)), ""},
		"most cells":              {mapOf(256, 256, func(i, j int) float64 { return float64(i ^ j) }), ""},
		"one row":                 {mapOf(1, 256, func(_, j int) float64 { return float64(j) }), ""},
		"one column":              {mapOf(256, 1, func(i, _ int) float64 { return float64(i) }), ""},
		"chequered":               {mapOf(40, 40, func(i, j int) float64 { return []float64{1, nan}[(i+j)%2] }), ""},
		"long texts": {&figure.Heatmap{XNames: []string{strings.Repeat("name ", 30), "b"}, YNames: []string{strings.Repeat("name ", 30), ""},
			Z: table(2, 2, constant(1)), Label: strings.Repeat("label ", 40), Blank: strings.Repeat("blank ", 30)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			for _, log := range []bool{false, true} {
				f := panelsOf(c.h)
				f.Panels[0].Series = []figure.Series{{X: []float64{0, 1, 1e300}, Y: []float64{-1e300, 1, 2}}, {X: []float64{1}, Y: []float64{1}, Style: figure.Points}}
				f.Panels[0].XLog, f.Panels[0].YLog = log, log
				if err := f.Validate(); err != nil {
					if log && strings.Contains(err.Error(), "logarithmic axis") {
						continue
					}
					t.Fatal(err)
				}
				pngOf(t, f)
				s := svgOf(t, f)
				if strings.Contains(s, "NaN") || strings.Contains(s, "Inf") {
					t.Error("the SVG holds coordinates that are not finite")
				}
				if strings.Contains(s, ">no values<") != (c.note == "no values") || strings.Contains(s, ">no positive values<") != (c.note == "no positive values") {
					t.Errorf("a heatmap without a value must say so, and no other; want %q", c.note)
				}
			}
		})
	}
}

func TestHeatmapTextMustBeDrawable(t *testing.T) {
	for name, damage := range map[string]func(*figure.Heatmap){
		"label":  func(h *figure.Heatmap) { h.Label = "∈" },
		"blank":  func(h *figure.Heatmap) { h.Blank = "∈" },
		"theory": func(h *figure.Heatmap) { h.TheoryLabel = "∈" },
		"x":      func(h *figure.Heatmap) { h.XNames = []string{"∈"} },
		"y":      func(h *figure.Heatmap) { h.YNames = []string{"∈"} },
	} {
		h := mapOf(1, 1, func(int, int) float64 { return 1 })
		damage(h)
		if err := PNG(io.Discard, panelsOf(h)); err == nil || !strings.Contains(err.Error(), "'∈'") {
			t.Errorf("%s: error is %v, want one that names the character", name, err)
		}
	}
}

func TestAltTextOfAHeatmap(t *testing.T) {
	if got, want := phases().AltText(), "Half times. Panel 1, measured: t½ (steps) in colours over kx and r."; !strings.HasPrefix(got, want) {
		t.Errorf("%q, want it to start %q", got, want)
	}
}

// FuzzHeatmap draws cells of arbitrary values at arbitrary centres.
func FuzzHeatmap(f *testing.F) {
	f.Add(0.0, 1.0, 2.0, 3.0, uint8(0))
	f.Add(math.NaN(), math.Inf(1), -1e300, 5e-324, uint8(0xFF))
	f.Add(1e-300, 1e300, 1.0, 1+0x1p-52, uint8(0x1B))
	f.Fuzz(func(t *testing.T, a, b, c, d float64, kind uint8) {
		h := &figure.Heatmap{
			X: []float64{min(a, b), max(a, b)}, Y: []float64{min(c, d)}, Z: [][]float64{{c, a}},
			Log: kind&1 != 0,
		}
		if kind&2 != 0 {
			h.Center = &b
		}
		if kind&4 != 0 {
			h.Range = &[2]float64{min(b, d), max(b, d)}
		}
		if kind&8 != 0 {
			h.Theory = [][]float64{{b, d}}
		}
		if kind&16 != 0 {
			h.Y, h.Z = []float64{min(c, d), max(c, d), 1e300}, [][]float64{{a, d}, {b, d}, {c, c}}
			h.Theory = nil
		}
		drawing := panelsOf(h)
		drawing.Panels[0].XLog, drawing.Panels[0].YLog = kind&32 != 0, kind&64 != 0
		drawing.Panels[0].Series = []figure.Series{{X: []float64{a, b}, Y: []float64{c, d}}}
		if drawing.Validate() != nil {
			return
		}
		var out bytes.Buffer
		if err := SVG(&out, drawing); err != nil {
			t.Fatal(err)
		}
		if s := out.String(); strings.Contains(s, "NaN<") || strings.Contains(s, "NaN,") || strings.Contains(s, "Inf") {
			t.Fatal("coordinates that are not finite")
		}
	})
}
