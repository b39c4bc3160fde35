package plot

import (
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"modspec/engine/figure"
)

// Widths and sizes of what shows data.
const (
	solidWidth   = vg.Length(1.6)
	dashedWidth  = vg.Length(1.2)
	dottedWidth  = vg.Length(1.1)
	whiskerWidth = vg.Length(0.9)
	markerRadius = vg.Length(2.6)
	bandOpacity  = 56  // of 255
	barOpacity   = 217 // of 255
)

// strokeOf is the line a series is drawn with.
func strokeOf(s figure.Series) draw.LineStyle {
	style := draw.LineStyle{Color: colourOf(s), Width: solidWidth}
	switch s.Style {
	case figure.Dashed:
		style.Width, style.Dashes = dashedWidth, []vg.Length{4, 2.6}
	case figure.Dotted:
		style.Width, style.Dashes = dottedWidth, []vg.Length{1.1, 2}
	}
	return style
}

// A pane is the rectangle between the axes of a panel.
type pane struct {
	draw.Canvas
	x, y axis
}

// at is where a point lies on the canvas, and whether it can be drawn.
func (p pane) at(x, y float64) (vg.Point, bool) {
	if !p.x.drawable(x) || !p.y.drawable(y) {
		return vg.Point{}, false
	}
	return vg.Point{X: p.X(p.x.place(x)), Y: p.Y(p.y.place(y))}, true
}

// drawSeries draws all series of a panel: first the bands, which would otherwise cover
// the lines, then the rest in order.
func (p pane) drawSeries(panel figure.Panel) {
	for _, s := range panel.Series {
		if s.Low != nil && s.Style <= figure.Dotted {
			p.drawBand(s)
		}
	}
	bars := barPlaces(p, panel)
	for i, s := range panel.Series {
		switch s.Style {
		case figure.Points:
			p.drawWhiskers(s, 0)
			p.drawPoints(s)
		case figure.Bars:
			p.drawBars(s, bars[i])
			p.drawWhiskers(s, bars[i].offset)
		default:
			p.drawLine(s)
		}
	}
}

// lines are the unbroken pieces of a series, clipped to the pane and thinned.
func (p pane) lines(s figure.Series) [][]vg.Point {
	var pieces [][]vg.Point
	var piece []vg.Point
	end := func() {
		if len(piece) > 0 {
			pieces = append(pieces, piece)
			piece = nil
		}
	}
	for i := range s.X {
		if pt, ok := p.at(s.X[i], s.Y[i]); ok {
			piece = append(piece, pt)
		} else {
			end()
		}
	}
	end()
	var clipped [][]vg.Point
	for _, piece := range pieces {
		if len(piece) == 1 { // between two gaps, or the whole series
			if p.Contains(piece[0]) {
				clipped = append(clipped, piece)
			}
			continue
		}
		for _, l := range p.ClipLinesXY(piece) {
			clipped = append(clipped, thinned(l))
		}
	}
	return clipped
}

func (p pane) drawLine(s figure.Series) {
	style := strokeOf(s)
	for _, l := range p.lines(s) {
		if len(l) == 1 { // a stroke of no length is invisible
			p.DrawGlyph(draw.GlyphStyle{Color: style.Color, Radius: style.Width, Shape: draw.CircleGlyph{}}, l[0])
			continue
		}
		p.stroke(style, l)
	}
}

// stroke draws one line in pieces. The rasteriser's time for a path grows with
// the square of its crossings of one row of pixels, which is seconds for a noisy
// line of thousands of vertices. Neighbouring pieces share a segment, so that
// its corners are rounded in one of them, and dashes run on from piece to piece.
func (p pane) stroke(style draw.LineStyle, line []vg.Point) {
	const most = 200 // vertices of a piece
	for start := 0; ; {
		end := min(start+most, len(line))
		p.StrokeLines(style, line[start:end])
		if end == len(line) {
			return
		}
		next := end - 2
		for i := start; i < next; i++ {
			style.DashOffs += vg.Length(math.Hypot(float64(line[i+1].X-line[i].X), float64(line[i+1].Y-line[i].Y)))
		}
		start = next
	}
}

// drawBand fills the space between Low and High. Where an edge cannot be drawn
// the band has a gap; but a lower edge that is not positive runs off the bottom
// of a logarithmic axis, as a spread wider than its mean does.
func (p pane) drawBand(s figure.Series) {
	p.SetColor(translucent(hue(s), bandOpacity))
	if s.Style == figure.Dotted {
		p.SetColor(translucent(guideGrey, bandOpacity))
	}
	for _, polygon := range p.bands(s) {
		var path vg.Path
		path.Move(polygon[0])
		for _, pt := range polygon[1:] {
			path.Line(pt)
		}
		path.Close()
		p.Fill(path)
	}
}

func (p pane) bands(s figure.Series) [][]vg.Point {
	var polygons [][]vg.Point
	var low, high []vg.Point
	end := func() {
		if len(low) > 1 {
			low, high = thinned(low), thinned(high)
			slices.Reverse(low)
			if polygon := p.ClipPolygonXY(append(high, low...)); len(polygon) > 2 {
				polygons = append(polygons, polygon)
			}
		}
		low, high = nil, nil
	}
	for i := range s.X {
		l, lok := p.at(s.X[i], p.lifted(s.Low[i]))
		h, hok := p.at(s.X[i], s.High[i])
		if !lok || !hok {
			end()
			continue
		}
		low, high = append(low, l), append(high, h)
	}
	end()
	return polygons
}

// lifted is v, or the bottom of a logarithmic axis for a v that is not positive.
func (p pane) lifted(v float64) float64 {
	if p.y.logarithmic && v <= p.y.lo {
		return p.y.lo
	}
	return v
}

// marker gives every colour a shape of its own too.
func marker(s figure.Series) draw.GlyphDrawer {
	shapes := []draw.GlyphDrawer{
		draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}, diamond{},
	}
	return shapes[s.Color%len(shapes)]
}

// diamond is a square on its corner.
type diamond struct{}

// DrawGlyph implements draw.GlyphDrawer.
func (diamond) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, pt vg.Point) {
	r := style.Radius * 1.2
	var path vg.Path
	path.Move(vg.Point{X: pt.X - r, Y: pt.Y})
	path.Line(vg.Point{X: pt.X, Y: pt.Y + r})
	path.Line(vg.Point{X: pt.X + r, Y: pt.Y})
	path.Line(vg.Point{X: pt.X, Y: pt.Y - r})
	path.Close()
	c.Fill(path)
}

// drawMarker draws the marker of s with a white rim, so that markers upon each
// other can be told apart.
func drawMarker(c *draw.Canvas, s figure.Series, pt vg.Point) {
	style := draw.GlyphStyle{Color: paper, Radius: markerRadius + 0.6, Shape: marker(s)}
	c.DrawGlyphNoClip(style, pt)
	style.Color, style.Radius = colourOf(s), markerRadius
	c.DrawGlyphNoClip(style, pt)
}

func (p pane) points(s figure.Series) []vg.Point {
	var points []vg.Point
	for i := range s.X {
		if pt, ok := p.at(s.X[i], s.Y[i]); ok && p.Contains(pt) {
			points = append(points, pt)
		}
	}
	return points
}

func (p pane) drawPoints(s figure.Series) {
	for _, pt := range p.points(s) {
		drawMarker(&p.Canvas, s, pt)
	}
}

// drawWhiskers draws the spread of points and bars.
func (p pane) drawWhiskers(s figure.Series, offset vg.Length) {
	if s.Low == nil {
		return
	}
	const half = vg.Length(2.2)
	c := hue(s)
	if s.Style == figure.Bars {
		c = darkened(c)
	}
	style := draw.LineStyle{Color: c, Width: whiskerWidth}
	for i := range s.X {
		low, lok := p.at(s.X[i], p.lifted(s.Low[i]))
		high, hok := p.at(s.X[i], s.High[i])
		if !lok || !hok {
			continue
		}
		low.X += offset
		high.X += offset
		end := func(at vg.Point) []vg.Point {
			return []vg.Point{{X: at.X - half, Y: at.Y}, {X: at.X + half, Y: at.Y}}
		}
		p.StrokeLines(style, p.ClipLinesXY([]vg.Point{low, high}, end(low), end(high))...)
	}
}

// A barPlace is where the bars of one series stand beside their x.
type barPlace struct {
	offset, width vg.Length
}

// barPlaces puts the bars of a panel's series side by side. The result has an
// element for every series; those without bars have none.
func barPlaces(p pane, panel figure.Panel) []barPlace {
	places := make([]barPlace, len(panel.Series))
	many := 0
	var xs []float64
	for _, s := range panel.Series {
		if s.Style == figure.Bars {
			many++
			for _, x := range s.X {
				if p.x.drawable(x) {
					xs = append(xs, p.x.place(x))
				}
			}
		}
	}
	if many == 0 {
		return places
	}
	// Measured on the paper rather than in x, so that it also fits a
	// logarithmic axis.
	slices.Sort(xs)
	room := 1.0
	if !p.x.logarithmic {
		room = spacing(panel) / (p.x.hi - p.x.lo)
	}
	for i := 1; i < len(xs); i++ {
		if d := xs[i] - xs[i-1]; d > 1e-9 {
			room = math.Min(room, d)
		}
	}
	const used = 0.76 // the rest is air between groups
	width := vg.Length(room*used) * (p.Max.X - p.Min.X) / vg.Length(many)
	k := 0
	for i, s := range panel.Series {
		if s.Style == figure.Bars {
			places[i] = barPlace{offset: width * (vg.Length(k) - vg.Length(many-1)/2), width: width}
			k++
		}
	}
	return places
}

// barsOf are the rectangles of a series of bars, as their lower left and upper
// right corners.
func (p pane) barsOf(s figure.Series, place barPlace) []vg.Rectangle {
	base := 0.0
	if p.y.logarithmic || p.y.lo > 0 {
		base = p.y.lo
	} else if p.y.hi < 0 {
		base = p.y.hi
	}
	air := place.width * 0.06
	var bars []vg.Rectangle
	for i := range s.X {
		foot, _ := p.at(s.X[i], base)
		head, ok := p.at(s.X[i], s.Y[i])
		if !ok {
			continue
		}
		left, right := head.X+place.offset-place.width/2+air, head.X+place.offset+place.width/2-air
		bottom, top := min(foot.Y, head.Y), max(foot.Y, head.Y)
		r := vg.Rectangle{
			Min: vg.Point{X: max(left, p.Min.X), Y: max(bottom, p.Min.Y)},
			Max: vg.Point{X: min(right, p.Max.X), Y: min(top, p.Max.Y)},
		}
		if r.Min.X < r.Max.X && r.Min.Y < r.Max.Y {
			bars = append(bars, r)
		}
	}
	return bars
}

func (p pane) drawBars(s figure.Series, place barPlace) {
	p.SetColor(translucent(hue(s), barOpacity))
	for _, r := range p.barsOf(s, place) {
		p.Fill(r.Path())
	}
}
