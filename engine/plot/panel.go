package plot

import (
	"math"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"modspec/engine/figure"
	"modspec/engine/plot/lettering"
)

// Measures around the pane of a panel.
const (
	tickLength  = vg.Length(3.2)
	tickGap     = vg.Length(2.5) // between a tick of a colour bar and its number
	labelGap    = vg.Length(3)   // between the numbers and the axis label
	titleGap    = vg.Length(5)   // between the panel's title and its pane
	axisWidth   = vg.Length(0.7)
	gridWidth   = vg.Length(0.6)
	emptyTop    = vg.Length(5)  // above a panel without a title
	panelMargin = vg.Length(7)  // between neighbouring panels, and at the rim
	aboutPane   = vg.Length(50) // lettering above and below a pane, before it is measured
)

// A drawnPanel is a panel with its axes and the room their lettering needs.
type drawnPanel struct {
	figure.Panel
	x, y       axis
	cells      *cells      // nil without a heatmap
	axes       *gonum.Plot // which measures and draws the axes; both run from 0 to 1
	margin     *margin
	legendRows int // above the pane; 0 for a legend inside it
}

// A margin is the room that a panel needs to the right of its pane and above it. As a
// plotter it draws nothing, but has the room measured.
type margin struct{ right, top vg.Length }

// Plot implements gonum/plot's Plotter.
func (*margin) Plot(draw.Canvas, *gonum.Plot) {}

// GlyphBoxes implements gonum/plot's GlyphBoxer.
func (m *margin) GlyphBoxes(*gonum.Plot) []gonum.GlyphBox {
	return []gonum.GlyphBox{
		{X: 1, Rectangle: vg.Rectangle{Max: vg.Point{X: m.right}}},
		{Y: 1, Rectangle: vg.Rectangle{Max: vg.Point{Y: m.top}}},
	}
}

// setAxis makes to the axis a, with ticks in style.
func setAxis(to *gonum.Axis, a axis, label string, style text.Style) {
	to.Min, to.Max = 0, 1
	to.Padding = 0
	to.LineStyle = draw.LineStyle{Color: axisGrey, Width: axisWidth}
	// The label must not widen the panel; fit gives it the room of the pane.
	to.Label.Text, to.Label.TextStyle, to.Label.Padding = label, lettering.Within(axisLabel, 0), labelGap
	to.Label.TextStyle.XAlign = draw.XCenter
	to.Tick.LineStyle, to.Tick.Length, to.Tick.Label = to.LineStyle, tickLength, style
	var marks gonum.ConstantTicks
	for _, t := range a.ticks {
		const slack = 1e-9 // for the rounding of ticks at the ends
		if at := a.place(t.Value); at >= -slack && at <= 1+slack {
			marks = append(marks, gonum.Tick{Value: min(max(at, 0), 1), Label: t.Label})
		}
	}
	to.Tick.Marker = marks
}

// prepare finds the axes of a panel that is about width by height with all its
// lettering, and then the room for that lettering.
func prepare(p figure.Panel, width, height vg.Length) drawnPanel {
	d := drawnPanel{Panel: p, axes: gonum.New(), margin: &margin{top: emptyTop}}
	d.axes.BackgroundColor, d.axes.Legend.TextStyle = nil, legendText
	d.axes.Add(d.margin)
	if p.Title != "" {
		d.margin.top = titleGap + panelTitle.Height("")
	}
	rows := tickLabel
	if p.Heatmap != nil {
		rows = d.prepareCells(width, height)
	} else {
		d.x, d.y = axesOf(p)
		d.y.mark(rowTicks(height - aboutPane))
	}
	rows.XAlign, rows.YAlign = draw.XRight, lettering.MiddleOfTick
	setAxis(&d.axes.X, d.x, "", tickLabel)
	setAxis(&d.axes.Y, d.y, p.YLabel, rows)
	// gonum/plot draws the axis as far from its numbers as a space of their style is wide,
	// and measures one of the label's style. The pane begins at the middle of the line.
	d.axes.Y.Padding = rows.Width(" ") - axisLabel.Width(" ") - axisWidth/2

	paneWidth := d.axes.DataCanvas(draw.Canvas{Rectangle: vg.Rectangle{Max: vg.Point{X: width, Y: height}}}).Size().X - panelMargin
	columns, upright := tickLabel, false
	switch {
	case p.Heatmap != nil:
		paneWidth -= d.cells.room()
		columns, upright = d.cells.columns.markColumns(&d.x, paneWidth, height/4)
	case p.XNames != nil:
		columns, upright = sideOf(nil, p.XNames).markColumns(&d.x, paneWidth, height/4)
	default:
		d.x.markWithin(paneWidth)
		if p.XRange == nil {
			d.x.round()
			d.x.markWithin(paneWidth)
		}
	}
	for _, t := range d.x.ticks {
		half := columns.Width(t.Label) / 2
		if upright {
			half = columns.Height("") / 2
		}
		d.margin.right = max(d.margin.right, half-vg.Length(1-d.x.place(t.Value))*paneWidth)
	}
	columns.XAlign, columns.YAlign = draw.XCenter, draw.YTop
	setAxis(&d.axes.X, d.x, p.XLabel, columns)
	d.axes.X.Padding = -axisWidth / 2
	if upright {
		d.setUpright()
	}
	return d
}

// setUpright has the labels of columns read upwards.
func (d *drawnPanel) setUpright() {
	style := &d.axes.X.Tick.Label
	style.Rotation, style.XAlign, style.YAlign = math.Pi/2, draw.XRight, lettering.Middle
	marks := d.axes.X.Tick.Marker.(gonum.ConstantTicks)
	for i := range marks {
		if !marks[i].IsMinor() {
			marks[i].Label += "  " // keeps the text away from its tick
		}
	}
}

// markWithin gives a horizontal axis as many ticks as have room for their
// labels, and air between them, in width.
func (a *axis) markWithin(width vg.Length) {
	const air = vg.Length(16)
	for n := 7; n >= 2; n-- {
		a.mark(n)
		var sum vg.Length
		for _, t := range a.ticks {
			if !t.IsMinor() {
				sum += tickLabel.Width(t.Label) + air
			}
		}
		if sum <= width+air {
			return
		}
	}
}

// draw draws the panel on c, which is its pane and the lettering around it.
func (d drawnPanel) draw(c draw.Canvas) {
	p := pane{draw.Canvas{Canvas: c.Canvas, Rectangle: d.axes.DataCanvas(c).Rectangle}, d.x, d.y}
	if d.cells != nil {
		r := onPixels(p.Rectangle)
		c = draw.Crop(c, r.Min.X-p.Min.X, r.Max.X-p.Max.X, r.Min.Y-p.Min.Y, r.Max.Y-p.Max.Y)
		p.Rectangle = r
		d.drawCells(p, c.Min.Y)
	} else {
		line := draw.LineStyle{Color: gridGrey, Width: gridWidth}
		grid := plotter.Grid{Horizontal: line, Vertical: line}
		if d.XNames != nil {
			grid.Vertical.Color = nil
		}
		grid.Plot(p.Canvas, d.axes)
	}
	p.drawSeries(d.Panel)
	d.axes.Draw(c)
	if d.Title != "" {
		write(p.Canvas, panelTitle, p.Size().X+d.margin.right, vg.Point{X: p.Min.X, Y: p.Max.Y + titleGap + d.legendHeight()}, d.Title)
	}
	if note := d.emptiness(); note != "" {
		d.drawNote(p.Canvas, note)
	}
	if d.legendRows > 0 {
		p.drawLegendAbove(d.Panel)
	} else {
		p.drawLegend(d.Panel)
	}
}

// fit gives the labels of the axes the room of a pane, and puts the legend above the
// pane if it has no place in it where it covers nothing and its author asked for none.
func (d *drawnPanel) fit(r vg.Rectangle) {
	d.axes.X.Label.TextStyle = lettering.Within(d.axes.X.Label.TextStyle, r.Size().X)
	d.axes.Y.Label.TextStyle = lettering.Within(d.axes.Y.Label.TextStyle, r.Size().Y)
	p := pane{draw.Canvas{Rectangle: r}, d.x, d.y}
	if d.Legend == figure.EmptiestCorner && p.legendCovers(d.Panel) {
		d.legendRows = len(p.legendLines(d.Panel))
		d.margin.top += d.legendHeight()
	}
}

// legendHeight is the room of a legend above the pane.
func (d drawnPanel) legendHeight() vg.Length { return vg.Length(d.legendRows) * legendRow }

// drawNote writes in the middle of an empty pane why it is.
func (d drawnPanel) drawNote(c draw.Canvas, note string) {
	at := c.Center()
	if d.cells != nil { // on the hatching, which runs through letters
		half := vg.Point{X: emptyNote.Width(note)/2 + legendPadding, Y: emptyNote.Font.Size}
		c.SetColor(paper)
		c.Fill(vg.Rectangle{Min: at.Sub(half), Max: at.Add(half)}.Path())
	}
	c.FillText(middle(emptyNote, draw.XCenter), at, note)
}

// emptiness says why a panel shows nothing, or is empty.
func (d drawnPanel) emptiness() string {
	if d.cells != nil {
		return d.cells.emptiness()
	}
	values := false
	for _, s := range d.Series {
		for i := range s.X {
			if d.x.drawable(s.X[i]) && d.y.drawable(s.Y[i]) {
				return ""
			}
			linear := axis{}
			values = values || linear.drawable(s.X[i]) && linear.drawable(s.Y[i])
		}
	}
	if values {
		return "no positive values"
	}
	return "no values"
}
