package plot

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"

	"modspec/engine/figure"
)

// facets are n panels with heatmaps of one range.
func facets(n int) figure.Figure {
	var maps []*figure.Heatmap
	for k := range n {
		h := mapOf(5, 6, func(i, j int) float64 { return float64(1 + i*j + k) })
		h.Label = "t_½"
		maps = append(maps, h)
	}
	common := figure.CommonRange(maps...)
	for _, h := range maps {
		h.Range = common
	}
	return panelsOf(maps...)
}

// bars tells which panels of f have a colour bar.
func bars(f figure.Figure) string {
	var b strings.Builder
	for _, d := range layOut(f).panels {
		if d.cells != nil && d.cells.bar != nil {
			b.WriteByte('|')
		} else {
			b.WriteByte('-')
		}
	}
	return b.String()
}

func TestNeighboursShareABar(t *testing.T) {
	one := 1.0
	for _, c := range []struct {
		name   string
		damage func(*figure.Figure)
		want   string
	}{
		{"one row", func(*figure.Figure) {}, "-----|"},
		{"three columns", func(f *figure.Figure) { f.Columns = 3 }, "--|--|"},
		{"four columns", func(f *figure.Figure) { f.Columns = 4 }, "---|-|"},
		{"another label", func(f *figure.Figure) { f.Panels[2].Heatmap.Label = "loss" }, "-||--|"},
		{"another range", func(f *figure.Figure) { f.Panels[5].Heatmap.Range = &[2]float64{1, 2} }, "----||"},
		{"an equal range", func(f *figure.Figure) { r := *f.Panels[5].Heatmap.Range; f.Panels[5].Heatmap.Range = &r }, "-----|"},
		{"no range", func(f *figure.Figure) { f.Panels[0].Heatmap.Range = nil }, "|----|"},
		{"logarithmic", func(f *figure.Figure) { f.Panels[0].Heatmap.Log = true }, "|----|"},
		{"centred", func(f *figure.Figure) { f.Panels[0].Heatmap.Center = &one }, "|----|"},
		{"a line between", func(f *figure.Figure) { f.Panels[3].Heatmap = nil }, "--|--|"},
	} {
		f := facets(6)
		c.damage(&f)
		if got := bars(f); got != c.want {
			t.Errorf("%s: bars at %s, want %s", c.name, got, c.want)
		}
	}
}

// A shared bar explains what any of its panels shows.
func TestSharedBarJoins(t *testing.T) {
	f := facets(3)
	f.Panels[0].Heatmap.Z[0][0] = -100
	f.Panels[1].Heatmap.Z[0][0] = 1000
	f.Panels[1].Heatmap.Theory = f.Panels[1].Heatmap.Z
	f.Panels[0].Heatmap.Z[1][1] = math.NaN()
	b := layOut(f).panels[2].cells.bar
	if b == nil || !b.below || !b.above || !b.lines || b.noteText() != "no value" {
		t.Errorf("the bar is %+v, want one that is pointed at both ends, with lines and a note", b)
	}
	if s := svgOf(t, f); strings.Count(s, ">t<") != 1 || strings.Count(s, ">no value<") != 1 {
		t.Error("the label and the note of a shared bar stand there other than once")
	}
}

// Panes with and without bars line up, and nothing reaches over its neighbour.
func TestPanesWithBarsAlign(t *testing.T) {
	f := facets(11)
	f.Columns, f.Title = 4, "facets"
	f.Panels[5] = figure.Panel{Title: "a line", YLabel: "loss", Series: []figure.Series{{X: []float64{0, 1}, Y: []float64{0, 1}}}}
	f.Panels[3].Heatmap.Z[0][0] = math.Inf(1)
	s := layOut(f)
	near := func(a, b vg.Length) bool { return a-b < 1e-9 && b-a < 1e-9 } // a few roundings of numbers below 1000
	for i, p := range s.panes {
		if !near(p.Size().X, s.panes[0].Size().X) || !near(p.Size().Y, s.panes[0].Size().Y) || !near(p.Min.X, s.panes[i%4].Min.X) || !near(p.Min.Y, s.panes[i/4*4].Min.Y) {
			t.Errorf("pane %d at %v is out of its row or column", i, p)
		}
		d := s.panels[i]
		right := s.width
		if i%4 < 3 && i+1 < len(s.panes) {
			right = s.tiles[i+1].Min.X
		}
		if d.cells != nil && p.Max.X+d.cells.room() > right {
			t.Errorf("the bar of panel %d reaches to %v, over %v", i, p.Max.X+d.cells.room(), right)
		}
	}
	checkTiles(t, s)
	// The bar of the unfinished row takes the empty place, not the panes' width.
	full := facets(12)
	full.Columns, full.Title = 4, "facets"
	full.Panels[5] = f.Panels[5]
	full.Panels[3].Heatmap.Z[0][0] = math.Inf(1)
	if a, b := s.panes[0].Size().X, layOut(full).panes[0].Size().X; !near(a, b) {
		t.Errorf("panes are %v wide with an unfinished row and %v without", a, b)
	}
}

func TestLegendOfAHeatmapStandsAbove(t *testing.T) {
	f := phases()
	s := layOut(f)
	if s.panels[0].legendRows != 0 || s.panels[1].legendRows != 1 {
		t.Errorf("%d and %d lines of legend, want 0 and 1", s.panels[0].legendRows, s.panels[1].legendRows)
	}
	svg := svgOf(t, f)
	for _, want := range []string{">theory<", ">boundary<", ">never<", ">dense<"} {
		if !strings.Contains(svg, want) {
			t.Errorf("the text lacks %s", want)
		}
	}
	f.Panels[1].Legend = figure.NoLegend
	if strings.Contains(svgOf(t, f), ">theory<") {
		t.Error("NoLegend lists the theory")
	}
}
