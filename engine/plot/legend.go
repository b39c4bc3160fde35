package plot

import (
	"math"

	"gonum.org/v1/plot/vg"

	"modspec/engine/figure"
)

// Measures of a legend.
const (
	legendSwatch  = vg.Length(18)
	legendGap     = vg.Length(4)   // between swatch and text
	legendRow     = vg.Length(11)  // height of an entry
	legendPadding = vg.Length(3.5) // inside the box
	legendMargin  = vg.Length(4)   // between the box and the axes
	legendApart   = vg.Length(10)  // between entries side by side
	legendOpacity = 209            // of 255
)

// labelledSeries are the series that a legend lists, after a heatmap's theory.
func labelledSeries(panel figure.Panel) []figure.Series {
	var entries []figure.Series
	if h := panel.Heatmap; h != nil && h.Theory != nil && h.TheoryLabel != "" && panel.Legend != figure.NoLegend {
		entries = append(entries, isoLine(h.TheoryLabel))
	}
	for _, s := range panel.Series {
		if s.Label != "" && panel.Legend != figure.NoLegend {
			entries = append(entries, s)
		}
	}
	return entries
}

// legendLettering is how the entries are written: smaller than usual if the
// longest of them would not fit into the pane.
func (p pane) legendLettering(entries []figure.Series) lettering {
	room := p.Max.X - p.Min.X - 2*legendMargin - 2*legendPadding - legendSwatch - legendGap
	text := legendText
	for _, s := range entries {
		if t := legendText.fitted(s.Label, room); t.size < text.size {
			text = t
		}
	}
	return text
}

// legendSize is the size of a legend inside the pane.
func (p pane) legendSize(entries []figure.Series) vg.Point {
	text := p.legendLettering(entries)
	var widest vg.Length
	for _, s := range entries {
		widest = max(widest, text.width(s.Label))
	}
	return vg.Point{
		X: legendSwatch + legendGap + widest + 2*legendPadding,
		Y: legendRow*vg.Length(len(entries)) + 2*legendPadding,
	}
}

// drawLegend draws the legend of a panel inside its pane.
func (p pane) drawLegend(panel figure.Panel) {
	entries := labelledSeries(panel)
	if len(entries) == 0 {
		return
	}
	box, _ := p.legendBox(panel, p.legendSize(entries))
	p.SetColor(translucent(paper, legendOpacity))
	p.Fill(box.Path())
	text := p.legendLettering(entries)
	for i, s := range entries {
		middle := box.Max.Y - legendPadding - legendRow*(vg.Length(i)+0.5)
		p.drawEntry(s, text, vg.Point{X: box.Min.X + legendPadding, Y: middle})
	}
}

// legendCovers reports whether the legend would cover lines, points or bars
// wherever it stood in the pane. It always covers the cells of a heatmap.
func (p pane) legendCovers(panel figure.Panel) bool {
	entries := labelledSeries(panel)
	if len(entries) == 0 {
		return false
	}
	if panel.Heatmap != nil {
		return true
	}
	const little = 2 // marks: a brush with a band or a reference level
	_, covered := p.legendBox(panel, p.legendSize(entries))
	return covered > little
}

// legendLines breaks the entries into lines as wide as the pane.
func (p pane) legendLines(panel figure.Panel) [][]figure.Series {
	entries := labelledSeries(panel)
	text := p.legendLettering(entries)
	var lines [][]figure.Series
	room := vg.Length(0)
	for _, s := range entries {
		width := entryWidth(s, text)
		if len(lines) == 0 || width-legendApart > room {
			lines = append(lines, nil)
			room = p.Max.X - p.Min.X
		}
		lines[len(lines)-1] = append(lines[len(lines)-1], s)
		room -= width
	}
	return lines
}

// entryWidth is the width of an entry with the air after it.
func entryWidth(s figure.Series, text lettering) vg.Length {
	return legendSwatch + legendGap + text.width(s.Label) + legendApart
}

// drawLegendAbove draws the legend of a panel in lines above its pane.
func (p pane) drawLegendAbove(panel figure.Panel) {
	lines := p.legendLines(panel)
	text := p.legendLettering(labelledSeries(panel))
	for i, line := range lines {
		at := vg.Point{X: p.Min.X, Y: p.Max.Y + legendRow*(vg.Length(len(lines)-i)-0.5) + 1}
		for _, s := range line {
			p.drawEntry(s, text, at)
			at.X += entryWidth(s, text)
		}
	}
}

// drawEntry draws one entry whose left edge has its middle at left.
func (p pane) drawEntry(s figure.Series, text lettering, left vg.Point) {
	p.drawSwatch(s, vg.Rectangle{
		Min: vg.Point{X: left.X, Y: left.Y - legendRow*0.32},
		Max: vg.Point{X: left.X + legendSwatch, Y: left.Y + legendRow*0.32},
	})
	baseline := vg.Point{X: left.X + legendSwatch + legendGap, Y: left.Y - text.size*capHeight/2}
	text.write(p.Canvas, baseline, fromLeft, s.Label)
}

// drawSwatch shows in r how a series is drawn.
func (p pane) drawSwatch(s figure.Series, r vg.Rectangle) {
	middle := vg.Point{X: (r.Min.X + r.Max.X) / 2, Y: (r.Min.Y + r.Max.Y) / 2}
	switch s.Style {
	case figure.Points:
		drawMarker(&p.Canvas, s, middle)
	case figure.Bars:
		p.SetColor(translucent(hue(s), barOpacity))
		inner := vg.Rectangle{Min: vg.Point{X: middle.X - 6, Y: r.Min.Y}, Max: vg.Point{X: middle.X + 6, Y: r.Max.Y}}
		p.Fill(inner.Path())
	default:
		if s.Low != nil {
			p.SetColor(translucent(colourOf(figure.Series{Style: s.Style, Color: s.Color}), bandOpacity))
			p.Fill(r.Path())
		}
		p.StrokeLine2(strokeOf(s), r.Min.X, middle.Y, r.Max.X, middle.Y)
	}
}

// legendBox is where a legend of the given size stands in the pane, and how much
// data it covers there. The author's corner is obeyed. Without one the four
// corners are tried first, in the order of figure's constants; if each of them
// covers data, so are other places, and the one that covers least is taken.
func (p pane) legendBox(panel figure.Panel, size vg.Point) (box vg.Rectangle, covers float64) {
	marks := p.marks(panel)
	covers = math.Inf(1)
	// x and y are shares of the free room to the left of the box and below it.
	try := func(x, y vg.Length) {
		b := p.boxAt(x, y, size)
		if c := covered(marks, b); c < covers {
			box, covers = b, c
		}
	}
	corners := []struct {
		is   figure.Corner
		x, y vg.Length
	}{{figure.TopRight, 1, 1}, {figure.TopLeft, 0, 1}, {figure.BottomRight, 1, 0}, {figure.BottomLeft, 0, 0}}
	for _, c := range corners {
		if panel.Legend == c.is || panel.Legend == figure.EmptiestCorner {
			try(c.x, c.y)
		}
	}
	if panel.Legend != figure.EmptiestCorner {
		return box, covers
	}
	const steps = 12
	for y := steps; covers > 0 && y >= 0; y-- {
		for x := steps; x >= 0; x-- {
			try(vg.Length(x)/steps, vg.Length(y)/steps)
		}
	}
	return box, covers
}

func (p pane) boxAt(x, y vg.Length, size vg.Point) vg.Rectangle {
	free := vg.Point{X: p.Max.X - p.Min.X - 2*legendMargin - size.X, Y: p.Max.Y - p.Min.Y - 2*legendMargin - size.Y}
	corner := vg.Point{X: p.Min.X + legendMargin + x*free.X, Y: p.Min.Y + legendMargin + y*free.Y}
	return vg.Rectangle{Min: corner, Max: corner.Add(size)}
}

// A mark is a spot of the pane that shows data, and how much it would be missed.
type mark struct {
	at     vg.Point
	weight float64
}

// marks are spots all over what drawSeries draws, close enough together that no
// legend fits between two of them.
func (p pane) marks(panel figure.Panel) []mark {
	const apart = vg.Length(3)
	var marks []mark
	along := func(a, b vg.Point, weight float64) {
		n := int(math.Hypot(float64(b.X-a.X), float64(b.Y-a.Y))/float64(apart)) + 1
		for i := range n + 1 {
			t := vg.Length(i) / vg.Length(n)
			marks = append(marks, mark{vg.Point{X: a.X + t*(b.X-a.X), Y: a.Y + t*(b.Y-a.Y)}, weight})
		}
	}
	bars := barPlaces(p, panel)
	for i, s := range panel.Series {
		switch s.Style {
		case figure.Points:
			for _, pt := range p.points(s) {
				marks = append(marks, mark{pt, 2})
			}
		case figure.Bars:
			for _, r := range p.barsOf(s, bars[i]) {
				for x := r.Min.X; x <= r.Max.X; x += apart {
					along(vg.Point{X: x, Y: r.Min.Y}, vg.Point{X: x, Y: r.Max.Y}, 1)
				}
			}
		default:
			weight := 1.0
			if s.Style == figure.Dotted {
				weight = 0.5 // a level reads on both sides of a legend
			}
			for _, l := range p.lines(s) {
				for j := range l {
					along(l[max(j-1, 0)], l[j], weight)
				}
			}
		}
		if s.Low == nil {
			continue
		}
		for j := range s.X {
			low, lok := p.at(s.X[j], p.lifted(s.Low[j]))
			high, hok := p.at(s.X[j], s.High[j])
			if lok && hok {
				low.Y, high.Y = max(low.Y, p.Min.Y), min(high.Y, p.Max.Y)
				along(low, high, 0.3)
			}
		}
	}
	return marks
}

// covered is the weight of the marks in box, and close around it.
func covered(marks []mark, box vg.Rectangle) float64 {
	const around = vg.Length(2)
	sum := 0.0
	for _, m := range marks {
		if m.at.X >= box.Min.X-around && m.at.X <= box.Max.X+around && m.at.Y >= box.Min.Y-around && m.at.Y <= box.Max.Y+around {
			sum += m.weight
		}
	}
	return sum
}
