package plot

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"modspec/engine/figure"
)

// curve samples f at 0, 1, …, n − 1.
func curve(n int, f func(float64) float64) (x, y []float64) {
	for i := range n {
		x, y = append(x, float64(i)), append(y, f(float64(i)))
	}
	return x, y
}

func sigmoid(t float64) float64 { return 1 / (1 + math.Exp(-(t-100)/10)) }

// dynamics is a figure like the paper's: simulations, theory over them, bands,
// a level, points and bars.
func dynamics() figure.Figure {
	x, y := curve(300, sigmoid)
	low, high := make([]float64, 300), make([]float64, 300)
	for i := range y {
		low[i], high[i] = 0.8*y[i], 1.2*y[i]
	}
	return figure.Figure{
		Name: "dynamics", Title: "Strength of a mode ‖Ω_x → Γ_y‖²", Columns: 2, Caption: "Solid: simulation.",
		Panels: []figure.Panel{
			{Title: "lines", XLabel: "step", YLabel: "a(t)", Series: []figure.Series{
				{Label: "simulation", X: x, Y: y, Low: low, High: high},
				{Label: "theory", X: x, Y: y, Style: figure.Dashed},
				{Label: "level", X: []float64{0, 299}, Y: []float64{1, 1}, Style: figure.Dotted},
			}},
			{Title: "logarithmic", XLabel: "step", YLabel: "10⁻⁴", XLog: true, YLog: true, Series: []figure.Series{{X: x, Y: y, Color: 1}}},
			{Title: "points", Series: []figure.Series{{Label: "p", X: x[:9], Y: y[96:105], Low: low[96:105], High: high[96:105], Style: figure.Points, Color: 2}}},
			{Title: "bars", XNames: []string{"dense", "split"}, Series: []figure.Series{
				{Label: "train", X: []float64{0, 1}, Y: []float64{1, 2}, Style: figure.Bars, Color: 3},
				{Label: "test", X: []float64{0, 1}, Y: []float64{3, 1}, Style: figure.Bars, Color: 4},
			}},
		},
	}
}

func pngOf(t *testing.T, f figure.Figure) image.Image {
	t.Helper()
	var b bytes.Buffer
	if err := PNG(&b, f); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// count is how many pixels of img have exactly the colour c.
func count(img image.Image, c color.Color) int {
	n := 0
	r, g, b, _ := c.RGBA()
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			if pr, pg, pb, _ := img.At(x, y).RGBA(); pr == r && pg == g && pb == b {
				n++
			}
		}
	}
	return n
}

func TestDrawingIsDeterministic(t *testing.T) {
	draw := func(to func(io.Writer, figure.Figure) error) []byte {
		var b bytes.Buffer
		if err := to(&b, dynamics()); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for name, to := range map[string]func(io.Writer, figure.Figure) error{"PNG": PNG, "SVG": SVG} {
		want := draw(to)
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				var b bytes.Buffer
				if err := to(&b, dynamics()); err != nil || !bytes.Equal(b.Bytes(), want) {
					t.Errorf("%s drawn again differs (%v)", name, err)
				}
			})
		}
		group.Wait()
	}
}

func TestPNGSize(t *testing.T) {
	size := pngOf(t, dynamics()).Bounds().Size()
	// Two by two panels of 3.2 by 2.5 inches at 192 dots, and 18 points of title.
	if want := (image.Point{X: 1229, Y: 1008}); size != want {
		t.Errorf("size is %v, want %v", size, want)
	}
	f := dynamics()
	f.Title, f.Columns = "", 0
	if size, want := pngOf(t, f).Bounds().Size(), (image.Point{X: 2458, Y: 480}); size != want {
		t.Errorf("in one row size is %v, want %v", size, want)
	}
}

func TestColoursAppear(t *testing.T) {
	x, y := curve(200, sigmoid)
	for i, c := range palette {
		for _, s := range []struct {
			style  figure.Style
			colour color.NRGBA
		}{{figure.Solid, c}, {figure.Dashed, darkened(c)}, {figure.Dotted, guideGrey}, {figure.Points, c}} {
			img := pngOf(t, figure.Figure{Name: "a", Panels: []figure.Panel{{Series: []figure.Series{{X: x, Y: y, Color: i, Style: s.style}}}}})
			if n := count(img, s.colour); n < 100 {
				t.Errorf("colour %d, style %d: %d pixels of %v", i, s.style, n, s.colour)
			}
		}
	}
	// The palette starts again after its last colour.
	img := pngOf(t, figure.Figure{Name: "a", Panels: []figure.Panel{{Series: []figure.Series{{X: x, Y: y, Color: len(palette) + 1}}}}})
	if count(img, palette[1]) < 100 {
		t.Error("the palette does not start again")
	}
}

// Theory that agrees with the simulation must leave both lines to be seen.
func TestTheoryOverSimulationShowsBoth(t *testing.T) {
	x, y := curve(200, sigmoid)
	for i, c := range palette {
		img := pngOf(t, figure.Figure{Name: "a", Panels: []figure.Panel{{Series: []figure.Series{
			{X: x, Y: y, Color: i}, {X: x, Y: y, Color: i, Style: figure.Dashed},
		}}}})
		// The dashes cover 4 of every 6.6 points and three quarters of the width, so
		// about half of the simulation's pixels stay its own; edges are blended.
		simulation, theory := count(img, c), count(img, darkened(c))
		if simulation < 300 || theory < 300 {
			t.Errorf("colour %d: %d pixels of the simulation, %d of the theory", i, simulation, theory)
		}
		// WCAG asks for a contrast of 3 between graphics and their ground; that is for
		// telling them apart alone, here a darker dash only has to show on its line.
		if ratio := (luminance(c) + 0.05) / (luminance(darkened(c)) + 0.05); ratio < 2 {
			t.Errorf("colour %d: contrast %.2f between the simulation and the theory", i, ratio)
		}
	}
}

// luminance is WCAG 2's relative luminance.
func luminance(c color.NRGBA) float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// A line stroked in pieces must look as if it had been stroked at once: dashes
// keep their rhythm across the seams.
func TestStrokingInPiecesDoesNotShow(t *testing.T) {
	x, y := curve(2000, func(t float64) float64 { return t })
	for _, style := range []figure.Style{figure.Solid, figure.Dashed, figure.Dotted} {
		picture := func(x, y []float64) image.Image {
			return pngOf(t, figure.Figure{Name: "a", Panels: []figure.Panel{{Series: []figure.Series{{X: x, Y: y, Style: style}}}}})
		}
		many, two := picture(x, y), picture([]float64{0, 1999}, []float64{0, 1999})
		seams, apart := 2000/200, 0
		for i := range many.Bounds().Dy() {
			for j := range many.Bounds().Dx() {
				a, _, _, _ := many.At(j, i).RGBA()
				b, _, _, _ := two.At(j, i).RGBA()
				if d := int(a>>8) - int(b>>8); d > 64 || d < -64 { // a quarter of full: not a matter of blending edges
					apart++
				}
			}
		}
		// At a seam two butt ends overlap, whose rims differ by a few pixels.
		if apart > 8*seams {
			t.Errorf("style %d: %d pixels differ", style, apart)
		}
	}
}

func TestSVGIsTextAndWellFormed(t *testing.T) {
	var b bytes.Buffer
	f := dynamics()
	f.Title = `a < b & "c" ]]>`
	f.Panels[0].XLabel = "Ω_x asks"
	if err := SVG(&b, f); err != nil {
		t.Fatal(err)
	}
	var texts, titles []string
	var inside string
	d := xml.NewDecoder(bytes.NewReader(b.Bytes()))
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			inside = token.Name.Local
			for _, a := range token.Attr {
				if strings.Contains(a.Value, "font-family") && !strings.Contains(a.Value, "sans-serif") {
					t.Errorf("no font to fall back on in %s", a.Value)
				}
				if strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") {
					t.Errorf("%s of <%s> is %s", a.Name.Local, inside, a.Value)
				}
			}
		case xml.EndElement:
			inside = ""
		case xml.CharData:
			switch inside {
			case "text":
				texts = append(texts, string(token))
			case "title":
				titles = append(titles, string(token))
			}
		}
	}
	if len(titles) != 1 || titles[0] != f.Title {
		t.Errorf("titles are %q, want %q", titles, f.Title)
	}
	all := strings.Join(texts, "|")
	for _, want := range []string{"simulation", "theory", "step", "asks", "dense", "logarithmic", "10|−4", f.Title} {
		if !strings.Contains(all, want) {
			t.Errorf("the text lacks %q: %s", want, all)
		}
	}
	for _, s := range texts {
		if strings.HasPrefix(s, " ") {
			t.Errorf("text %q starts with a space, which SVG drops", s)
		}
	}
}

// Nothing that Validate accepts may make drawing fail.
func TestOddFiguresAreDrawn(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	nothing := []float64{nan, nan, nan}
	x := []float64{0, 1, 2}
	panels := map[string]figure.Panel{
		"no series":          {},
		"empty series":       {Series: []figure.Series{{Label: "empty"}}},
		"all NaN":            {Series: []figure.Series{{Label: "gone", X: x, Y: nothing, Low: nothing, High: nothing}}},
		"all NaN, log":       {XLog: true, YLog: true, Series: []figure.Series{{Label: "gone", X: x, Y: nothing}}},
		"log, none positive": {XLog: true, YLog: true, Series: []figure.Series{{Label: "l", X: []float64{-1, 0, -2}, Y: []float64{0, -1, -2}, Low: []float64{-1, -2, -3}, High: []float64{1, 0, -1}}}},
		"infinities":         {Series: []figure.Series{{Label: "i", X: x, Y: []float64{inf, 1, -inf}, Low: []float64{-inf, 0, -inf}, High: []float64{inf, 2, inf}}}},
		"enormous":           {Series: []figure.Series{{X: x, Y: []float64{math.MaxFloat64, 1e299, -1e300}}}},
		"minute":             {Series: []figure.Series{{X: x, Y: []float64{5e-324, 0, 1e-310}}}},
		"minute, log":        {YLog: true, Series: []figure.Series{{X: x, Y: []float64{5e-324, 1e-310, 1e-301}}}},
		"close":              {Series: []figure.Series{{X: x, Y: []float64{1, 1 + 0x1p-52, 1}}}},
		"one point":          {Series: []figure.Series{{X: []float64{3}, Y: []float64{4}}}},
		"one bar":            {Series: []figure.Series{{X: []float64{3}, Y: []float64{4}, Style: figure.Bars}}},
		"bars, log":          {XLog: true, YLog: true, Series: []figure.Series{{X: []float64{1, 10, 0}, Y: []float64{4, 400, -1}, Style: figure.Bars}}},
		"bars out of range":  {YRange: &[2]float64{5, 6}, Series: []figure.Series{{X: x, Y: []float64{-4, 400, 5.5}, Style: figure.Bars}}},
		"narrow range":       {XRange: &[2]float64{1, 1 + 0x1p-52}, YRange: &[2]float64{-math.MaxFloat64, math.MaxFloat64}, Series: []figure.Series{{X: x, Y: x}}},
		"minute range, log":  {YLog: true, YRange: &[2]float64{5e-324, 1e-320}, Series: []figure.Series{{X: x, Y: x}}},
		"far out of range":   {XRange: &[2]float64{0, 1e-290}, YRange: &[2]float64{0, 1e-290}, Series: []figure.Series{{X: []float64{-1e300, 1e300}, Y: []float64{-1e300, 1e300}, Low: []float64{-1e300, 0}, High: []float64{0, 1e300}}}},
		"names, no data":     {XNames: []string{"a", "b"}},
		"no names":           {XNames: []string{}, Series: []figure.Series{{X: x, Y: x}}},
		"long texts":         {Title: strings.Repeat("title ", 40), XLabel: strings.Repeat("x ", 99), YLabel: strings.Repeat("y ", 99), XNames: []string{strings.Repeat("name ", 20), "b"}, Series: []figure.Series{{Label: strings.Repeat("label ", 40), X: x, Y: x}}},
		"many labels":        {Series: manyLabels(40)},
		"corner":             {Legend: figure.BottomLeft, Series: manyLabels(3)},
	}
	for name, p := range panels {
		t.Run(name, func(t *testing.T) {
			f := figure.Figure{Name: "odd", Title: "odd", Panels: []figure.Panel{p, p}}
			if err := f.Validate(); err != nil {
				t.Fatal(err)
			}
			pngOf(t, f)
			var b bytes.Buffer
			if err := SVG(&b, f); err != nil {
				t.Fatal(err)
			}
			if s := b.String(); strings.Contains(s, "NaN") || strings.Contains(s, "Inf") {
				t.Error("the SVG holds coordinates that are not finite")
			}
			if blank := map[string]string{
				"no series": "no values", "empty series": "no values", "all NaN": "no values", "all NaN, log": "no values",
				"log, none positive": "no positive values", "minute, log": "no positive values", "names, no data": "no values",
			}[name]; strings.Contains(b.String(), ">no ") != (blank != "") || !strings.Contains(b.String(), blank) {
				t.Errorf("an empty panel must say so, and no other; want %q", blank)
			}
		})
	}
}

func manyLabels(n int) []figure.Series {
	var series []figure.Series
	for i := range n {
		series = append(series, figure.Series{Label: "series", X: []float64{0, 1}, Y: []float64{0, float64(i)}, Color: i})
	}
	return series
}

func TestDrawRefusesWhatItCannotDraw(t *testing.T) {
	folder := t.TempDir()
	f := dynamics()
	f.Panels[0].Series[0].Y = f.Panels[0].Series[0].Y[1:]
	if _, err := Draw(folder, f); err == nil || !strings.Contains(err.Error(), "299 y values") {
		t.Errorf("error is %v, want Validate's", err)
	}
	f = dynamics()
	f.Panels[1].YLabel = "x ∈ Ω"
	if _, err := Draw(folder, f); err == nil || !strings.Contains(err.Error(), "'∈'") || !strings.Contains(err.Error(), "panel 2") {
		t.Errorf("error is %v, want one that names the character and the panel", err)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 0 {
		t.Errorf("left %v behind, %v", entries, err)
	}
	if _, err := Draw(filepath.Join(folder, "missing"), dynamics()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error for a missing folder is %v", err)
	}
	broken := errors.New("broken pipe")
	for _, to := range []func(io.Writer, figure.Figure) error{PNG, SVG} {
		if err := to(failing{broken}, dynamics()); !errors.Is(err, broken) {
			t.Errorf("error is %v, want the writer's", err)
		}
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestDrawWritesBothFiles(t *testing.T) {
	folder := t.TempDir()
	d, err := Draw(folder, dynamics())
	if err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]func(io.Writer, figure.Figure) error{"dynamics.png": PNG, "dynamics.svg": SVG} {
		got, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		var want bytes.Buffer
		if err := to(&want, dynamics()); err != nil || !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%s is not what is drawn (%v)", name, err)
		}
		if strings.HasSuffix(name, "png") && !bytes.Equal(got, d.PNG) {
			t.Error("the drawing holds another picture than the file")
		}
	}
}

// The panic of a canvas must not cross the border of the package.
func TestPanicsBecomeErrors(t *testing.T) {
	err := drawn(dynamics(), func(sheet) error { panic("vg: something") })
	if err == nil || !strings.Contains(err.Error(), "dynamics") || !strings.Contains(err.Error(), "vg: something") {
		t.Errorf("error is %v", err)
	}
}

// Long noisy lines take time that grows with the square of their crossings of a
// row of pixels unless they are stroked in pieces; see pane.stroke.
func BenchmarkPNG(b *testing.B) {
	x, y := curve(200_000, func(t float64) float64 { return math.Sin(t * t) })
	noisy := figure.Figure{Name: "noisy", Panels: []figure.Panel{{Series: []figure.Series{{X: x, Y: y, Label: "noise"}}}}}
	for _, f := range []figure.Figure{dynamics(), noisy} {
		b.Run(f.Name, func(b *testing.B) {
			for b.Loop() {
				if err := PNG(io.Discard, f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// FuzzSVG draws curves through arbitrary values on every kind of axis.
func FuzzSVG(f *testing.F) {
	f.Add(0.0, 1.0, 2.0, 3.0, uint8(0))
	f.Add(math.NaN(), math.Inf(1), -1e300, 5e-324, uint8(0xFF))
	f.Add(1e-300, 1e300, 1.0, 1+0x1p-52, uint8(0x1B))
	f.Fuzz(func(t *testing.T, a, b, c, d float64, kind uint8) {
		p := figure.Panel{
			XLog: kind&1 != 0, YLog: kind&2 != 0,
			Series: []figure.Series{
				{Label: "s", X: []float64{a, b, c}, Y: []float64{b, c, d}, Style: figure.Style(kind >> 2 % 5)},
				{Label: "t", X: []float64{a, a, d}, Y: []float64{d, a, a}, Color: int(kind >> 5)},
			},
		}
		if kind&0x20 != 0 {
			p.Series[0].Low, p.Series[0].High = []float64{a, a, a}, []float64{a, a, a}
		}
		if kind&0x40 != 0 {
			p.XRange = &[2]float64{min(a, d), max(a, d)}
		}
		if kind&0x80 != 0 {
			p.YRange = &[2]float64{min(b, c), max(b, c)}
		}
		drawing := figure.Figure{Name: "fuzz", Panels: []figure.Panel{p}}
		if drawing.Validate() != nil {
			return
		}
		var out bytes.Buffer
		if err := SVG(&out, drawing); err != nil {
			t.Fatal(err)
		}
		if s := out.String(); strings.Contains(s, "NaN") || strings.Contains(s, "Inf") {
			t.Fatal("coordinates that are not finite")
		}
	})
}
