package plot

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"modspec/engine/figure"
)

func square(x, y axis) pane {
	return pane{draw.Canvas{Rectangle: vg.Rectangle{Max: vg.Point{X: 180, Y: 140}}}, x, y}
}

// whereLegend tells in which half of the pane, left or right and bottom or top,
// the middle of the legend stands.
func whereLegend(p figure.Panel) string {
	x, y := axesOf(p)
	area := square(x, y)
	box, _ := area.legendBox(p, area.sizeOf(area.legend(labelledSeries(p))))
	name := "bottom "
	if (box.Min.Y+box.Max.Y)/2 > area.Center().Y {
		name = "top "
	}
	if (box.Min.X+box.Max.X)/2 > area.Center().X {
		return name + "right"
	}
	return name + "left"
}

func TestLegendFindsTheEmptiestCorner(t *testing.T) {
	x, rising := curve(100, func(t float64) float64 { return t * t * t })
	_, falling := curve(100, func(t float64) float64 { return -math.Pow(t, 6) })
	_, early := curve(100, func(t float64) float64 { return 1 / (1 + t) })
	_, late := curve(100, func(t float64) float64 { return -1 / (1 + t) })
	panel := func(y []float64) figure.Panel {
		return figure.Panel{Series: []figure.Series{{Label: "curve", X: x, Y: y}}}
	}
	for _, c := range []struct {
		name  string
		panel figure.Panel
		want  string
	}{
		{"rises late", panel(rising), "top left"},
		{"falls late", panel(falling), "bottom left"},
		{"falls early", panel(early), "top right"},
		{"rises early", panel(late), "bottom right"},
		{"nothing", figure.Panel{Series: []figure.Series{{Label: "none"}}}, "top right"},
		{"points", figure.Panel{Series: []figure.Series{{Label: "p", X: []float64{0, 1, 1}, Y: []float64{1, 1, 0}, Style: figure.Points}}}, "bottom left"},
		{"bars", figure.Panel{Series: []figure.Series{{Label: "b", X: []float64{0, 1, 2}, Y: []float64{1, 1, 9}, Style: figure.Bars}}}, "top left"},
	} {
		if got := whereLegend(c.panel); got != c.want {
			t.Errorf("%s: the legend stands %s, want %s", c.name, got, c.want)
		}
	}
	// An author's corner is obeyed whatever it covers.
	for corner, want := range map[figure.Corner]string{
		figure.TopRight: "top right", figure.TopLeft: "top left",
		figure.BottomRight: "bottom right", figure.BottomLeft: "bottom left",
	} {
		p := panel(rising)
		p.Legend = corner
		if got := whereLegend(p); got != want {
			t.Errorf("asked for %s, the legend stands %s", want, got)
		}
	}
}

func TestLegendGoesAboveAFullPanel(t *testing.T) {
	x, y := curve(100, func(t float64) float64 { return float64(int(t) % 2) })
	full := figure.Panel{Series: []figure.Series{{Label: "first", X: x, Y: y}, {Label: "second", X: x, Y: y, Style: figure.Dashed}}}
	f := figure.Figure{Name: "full", Panels: []figure.Panel{full, {Series: []figure.Series{{Label: "third"}}}}}
	s := layOut(f)
	if s.panels[0].legendRows != 1 || s.panels[1].legendRows != 0 {
		t.Errorf("%d and %d lines of legend above, want 1 and 0", s.panels[0].legendRows, s.panels[1].legendRows)
	}
	f.Panels[0].Legend = figure.TopRight
	inside := layOut(f)
	if d := float64(s.height - inside.height - legendRow); d > 1e-9 || d < -1e-9 {
		t.Errorf("the sheet grew by %v, want %v", s.height-inside.height, legendRow)
	}
	if d := float64(s.panes[0].Size().Y - inside.panes[0].Size().Y); d > 1e-9 || d < -1e-9 {
		t.Errorf("the pane is %v high with the legend above and %v without", s.panes[0].Size().Y, inside.panes[0].Size().Y)
	}
}

func TestLegendListsOnlyWhatHasALabel(t *testing.T) {
	draw := func(c figure.Corner) string {
		f := figure.Figure{Name: "a", Panels: []figure.Panel{{Legend: c, Series: []figure.Series{
			{Label: "listed", X: []float64{0, 1}, Y: []float64{0, 1}}, {X: []float64{0, 1}, Y: []float64{1, 0}},
		}}}}
		var b bytes.Buffer
		if err := SVG(&b, f); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if n := strings.Count(draw(figure.EmptiestCorner), ">listed<"); n != 1 {
		t.Errorf("the label stands there %d times", n)
	}
	if strings.Contains(draw(figure.NoLegend), "listed") {
		t.Error("NoLegend has a legend")
	}
}

// checkTiles reports panels of a sheet whose lettering meets that of another, or the rim.
func checkTiles(t *testing.T, s sheet) {
	t.Helper()
	for i, tile := range s.tiles {
		r, pane := tile.Rectangle, s.panes[i]
		if r.Min.X < 0 || r.Min.Y < 0 || r.Max.X > s.width || r.Max.Y > s.height {
			t.Errorf("panel %d at %v is not within the sheet", i, r)
		}
		m := s.panels[i].margin
		const slack = 1e-9 // a few roundings of numbers below 1000
		if r.Min.X > pane.Min.X-tickLength || r.Min.Y > pane.Min.Y-tickLength || r.Max.X < pane.Max.X+m.right-slack || r.Max.Y < pane.Max.Y+m.top-slack {
			t.Errorf("panel %d at %v has no room around its pane %v", i, r, pane)
		}
		for j, other := range s.tiles[:i] {
			if overlap(r, other.Rectangle) {
				t.Errorf("panels %d and %d meet", j, i)
			}
		}
	}
}

// Panes line up: one width, one height, one left edge a column, one floor a row.
func TestPanesAlign(t *testing.T) {
	f := dynamics()
	f.Panels = append(f.Panels, f.Panels[0]) // a last row that is not full
	f.Panels[1].YLabel, f.Panels[2].XLabel, f.Panels[4].YLabel = "", "m", ""
	s := layOut(f)
	near := func(a, b vg.Length) bool { return a-b < 1e-9 && b-a < 1e-9 } // a few roundings of numbers below 1000
	for i, p := range s.panes {
		if !near(p.Size().X, s.panes[0].Size().X) || !near(p.Size().Y, s.panes[0].Size().Y) {
			t.Errorf("pane %d is %v, the first is %v", i, p.Size(), s.panes[0].Size())
		}
		if !near(p.Min.X, s.panes[i%2].Min.X) || !near(p.Min.Y, s.panes[i/2*2].Min.Y) {
			t.Errorf("pane %d stands at %v, out of its row or column", i, p.Min)
		}
	}
	checkTiles(t, s)
}
