package plot

import (
	"math"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"modspec/engine/figure"
	"modspec/engine/plot/lettering"
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

// legend is a legend of entries in a pane: smaller than usual if the longest of them
// would not fit into it.
func (p pane) legend(entries []figure.Series) *gonum.Legend {
	room := p.Size().X - 2*legendMargin - 2*legendPadding - legendSwatch - legendGap
	l := gonum.NewLegend()
	l.Top, l.Left, l.ThumbnailWidth = true, true, legendSwatch+legendGap-legendText.Width(" ")
	l.TextStyle = legendText
	for _, s := range entries {
		if t := lettering.Fitted(legendText, s.Label, room); t.Font.Size < l.TextStyle.Font.Size {
			l.TextStyle = t
		}
		l.Add(s.Label, swatch(s))
	}
	l.Padding = legendRow - l.TextStyle.FontExtents().Ascent
	return &l
}

// sizeOf is the size of a legend inside the pane.
func (p pane) sizeOf(l *gonum.Legend) vg.Point {
	size := l.Rectangle(p.Canvas).Size()
	return size.Add(vg.Point{X: 2 * legendPadding, Y: 2*legendPadding + l.TextStyle.FontExtents().Descent})
}

// drawLegend draws the legend of a panel inside its pane.
func (p pane) drawLegend(panel figure.Panel) {
	entries := labelledSeries(panel)
	if len(entries) == 0 {
		return
	}
	l := p.legend(entries)
	box, _ := p.legendBox(panel, p.sizeOf(l))
	p.SetColor(translucent(paper, legendOpacity))
	p.Fill(box.Path())
	l.Draw(draw.Crop(draw.Canvas{Canvas: p.Canvas.Canvas, Rectangle: box}, legendPadding, -legendPadding, legendPadding, -legendPadding))
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
	_, covered := p.legendBox(panel, p.sizeOf(p.legend(entries)))
	return covered > little
}

// legendLines breaks the legend into lines as wide as the pane, of legends of one entry.
func (p pane) legendLines(panel figure.Panel) [][]*gonum.Legend {
	var lines [][]*gonum.Legend
	entries := labelledSeries(panel)
	style := p.legend(entries).TextStyle
	room := vg.Length(0)
	for _, s := range entries {
		l := p.legend([]figure.Series{s})
		l.TextStyle = style
		width := l.Rectangle(p.Canvas).Size().X
		if len(lines) == 0 || width > room {
			lines = append(lines, nil)
			room = p.Size().X
		}
		lines[len(lines)-1] = append(lines[len(lines)-1], l)
		room -= width + legendApart
	}
	return lines
}

// drawLegendAbove draws the legend of a panel in lines above its pane.
func (p pane) drawLegendAbove(panel figure.Panel) {
	lines := p.legendLines(panel)
	for i, line := range lines {
		c := p.Canvas
		c.Max.Y += legendRow*vg.Length(len(lines)-i) + 1
		for _, l := range line {
			l.Draw(c)
			c.Min.X += l.Rectangle(c).Size().X + legendApart
		}
	}
}

// A swatch shows in a legend how a series is drawn.
type swatch figure.Series

// Thumbnail implements gonum/plot's Thumbnailer.
func (w swatch) Thumbnail(icon *draw.Canvas) {
	c := *icon
	c.Max.X = c.Min.X + legendSwatch
	s, middle := figure.Series(w), c.Center()
	switch s.Style {
	case figure.Points:
		drawMarker(&c, s, middle)
	case figure.Bars:
		c.SetColor(translucent(hue(s), barOpacity))
		c.Fill(vg.Rectangle{Min: vg.Point{X: middle.X - 6, Y: c.Min.Y}, Max: vg.Point{X: middle.X + 6, Y: c.Max.Y}}.Path())
	default:
		if s.Low != nil {
			c.SetColor(translucent(colourOf(figure.Series{Style: s.Style, Color: s.Color}), bandOpacity))
			c.Fill(c.Rectangle.Path())
		}
		c.StrokeLine2(strokeOf(s), c.Min.X, middle.Y, c.Max.X, middle.Y)
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

// A mark is a point of the pane that shows data, with the cost of covering it.
type mark struct {
	at     vg.Point
	weight float64
}

// marks are points of what drawSeries draws, so close to each other that no legend fits
// between two of them.
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
