package plot

import (
	"bytes"
	"fmt"
	"image/color"
	"io"
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"

	"modspec/engine/figure"
	"modspec/engine/plot/colourmap"
)

var (
	gridMarkup = regexp.MustCompile(`(?s)<g shape-rendering="crispEdges" transform="matrix\(([^)]*)\)">\n(.*?)</g>`)
	pathMarkup = regexp.MustCompile(`<path fill="#(..)(..)(..)" d="([^"]*)"/>`)
	runMarkup  = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`)
)

// readGrid reads the cells back from the markup of a grid, each painted once.
func readGrid(t *testing.T, markup string) map[[2]int]color.NRGBA {
	t.Helper()
	cells := make(map[[2]int]color.NRGBA)
	number := func(s string, base int) int {
		v, err := strconv.ParseInt(s, base, 64)
		if err != nil {
			t.Fatal(err)
		}
		return int(v)
	}
	for _, p := range pathMarkup.FindAllStringSubmatch(markup, -1) {
		c := color.NRGBA{uint8(number(p[1], 16)), uint8(number(p[2], 16)), uint8(number(p[3], 16)), 0xFF}
		rest := p[4]
		for _, r := range runMarkup.FindAllStringSubmatch(p[4], -1) {
			rest = strings.Replace(rest, r[0], "", 1)
			x, y, n := number(r[1], 10), number(r[2], 10), number(r[3], 10)
			if back := number(r[4], 10); back != n {
				t.Fatalf("a run goes %d cells there and %d back", n, back)
			}
			for i := range n {
				if _, painted := cells[[2]int{y, x + i}]; painted {
					t.Fatalf("cell (%d, %d) is painted twice", y, x+i)
				}
				cells[[2]int{y, x + i}] = c
			}
		}
		if rest != "" {
			t.Fatalf("a path holds %q besides runs", rest)
		}
	}
	return cells
}

func TestSVGHoldsEveryCell(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	h := mapOf(14, 23, func(int, int) float64 { return math.Round(3 * r.NormFloat64()) }) // rounded, so that runs are longer than 1
	h.Z[3][4] = math.NaN()
	f := panelsOf(h)
	grids := gridMarkup.FindAllStringSubmatch(svgOf(t, f), -1)
	if len(grids) != 2 {
		t.Fatalf("%d grids, want the cells and the colour bar", len(grids))
	}
	s := layOut(f)
	want := s.panels[0].cells.grid(s.panes[0])
	cells := readGrid(t, grids[0][2])
	if len(cells) != 14*23 {
		t.Errorf("%d cells, want %d", len(cells), 14*23)
	}
	for i, c := range want.colours {
		if got := cells[[2]int{i / 23, i % 23}]; got != c {
			t.Errorf("cell (%d, %d) is %v, want %v", i/23, i%23, got, c)
		}
	}
	// The matrix lays the unit cells onto the pane.
	var m [6]float64
	if _, err := fmt.Sscanf(grids[0][1], "%g %g %g %g %g %g", &m[0], &m[1], &m[2], &m[3], &m[4], &m[5]); err != nil {
		t.Fatal(err)
	}
	pane := onPixels(s.panes[0])
	for i, want := range []float64{pane.Size().X.Points() / 23, 0, 0, pane.Size().Y.Points() / 14, pane.Min.X.Points(), pane.Min.Y.Points()} {
		if math.Abs(m[i]-want) > 0.5e-4 { // half of the last decimal written
			t.Errorf("element %d of the matrix is %g, want %g", i, m[i], want)
		}
	}
	// The bar runs from the lowest colour to the highest.
	bar := readGrid(t, grids[1][2])
	if len(bar) != barSteps || bar[[2]int{0, 0}] != colourmap.Sequential[0] || bar[[2]int{barSteps - 1, 0}] != colourmap.Sequential[255] {
		t.Errorf("the bar has %d steps from %v to %v", len(bar), bar[[2]int{0, 0}], bar[[2]int{barSteps - 1, 0}])
	}
}

// Noise has no runs to join and is the largest that cells can be.
func TestSVGOfManyCellsIsSmall(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for name, c := range map[string]struct {
		f     func(i, j int) float64
		bytes int
	}{
		"noise":  {func(int, int) float64 { return r.NormFloat64() }, 1_000_000},
		"smooth": {func(i, j int) float64 { return math.Sin(float64(i)/20) * math.Cos(float64(j)/30) }, 500_000},
		"flat":   {func(int, int) float64 { return 1 }, 50_000},
		"blank":  {func(int, int) float64 { return math.NaN() }, 50_000},
	} {
		if n := len(svgOf(t, panelsOf(mapOf(200, 200, c.f)))); n > c.bytes {
			t.Errorf("%s: %d bytes, want at most %d", name, n, c.bytes)
		}
	}
}

func TestLostGridIsAnError(t *testing.T) {
	g := grid{Rectangle: vg.Rectangle{Max: vg.Point{X: 1, Y: 1}}, columns: 1, rows: 1, colours: []color.NRGBA{paper}}
	if _, err := placeGrids([]byte("<svg></svg>"), []grid{g}); err == nil {
		t.Error("a document without the place of a grid is accepted")
	}
	got, err := placeGrids([]byte(`<a/>`+gridPlaceWritten+` style="fill:#000" /><b/>`), []grid{g})
	if err != nil || !bytes.HasPrefix(got, []byte("<a/><g ")) || !bytes.HasSuffix(got, []byte("</g><b/>")) {
		t.Errorf("%s, %v", got, err)
	}
}

func BenchmarkHeatmap(b *testing.B) {
	r := rand.New(rand.NewPCG(9, 10))
	f := panelsOf(mapOf(200, 200, func(int, int) float64 { return r.NormFloat64() }))
	for name, to := range map[string]func(io.Writer, figure.Figure) error{"PNG": PNG, "SVG": SVG} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := to(io.Discard, f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
