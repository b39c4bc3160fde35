package plot

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"modspec/engine/figure"
)

// Measures around the pane of a panel.
const (
	tickLength  = vg.Length(3.2)
	tickGap     = vg.Length(2.5) // between a tick and its number
	xLabelGap   = vg.Length(1)   // between the numbers and the axis label
	yLabelGap   = vg.Length(4)
	titleGap    = vg.Length(5) // between the panel's title and its pane
	axisWidth   = vg.Length(0.7)
	gridWidth   = vg.Length(0.6)
	emptyTop    = vg.Length(5)  // above a panel without a title
	panelMargin = vg.Length(7)  // between neighbouring panels, and at the rim
	aboutPane   = vg.Length(50) // lettering above and below a pane, before it is measured
)

// A drawnPanel is a panel with its axes and the room their lettering needs.
type drawnPanel struct {
	figure.Panel
	x, y                     axis
	cells                    *cells    // nil without a heatmap
	columnText, rowText      lettering // of the labels of cells
	upright                  bool      // labels of columns
	left, right, bottom, top vg.Length
	legendRows               int // above the pane; 0 for a legend inside it
}

// prepare finds the axes of a panel that is about width by height with all its
// lettering, and then the room for that lettering.
func prepare(p figure.Panel, width, height vg.Length) drawnPanel {
	d := drawnPanel{Panel: p, rowText: tickLabel}
	if p.Heatmap != nil {
		d.prepareCells(width, height)
	} else {
		d.x, d.y = axesOf(p)
		d.y.mark(rowTicks(height - aboutPane))
	}
	var widest vg.Length
	for _, t := range d.y.ticks {
		widest = max(widest, d.rowText.width(t.label))
	}
	d.left = tickLength + tickGap + widest
	if p.YLabel != "" {
		d.left += yLabelGap + axisLabel.height()
	}

	paneWidth := width - d.left - panelMargin
	switch {
	case p.Heatmap != nil:
		paneWidth -= d.cells.room()
		d.columnText, d.upright = d.cells.columns.markColumns(&d.x, paneWidth, height/4)
	case p.XNames != nil:
		d.x.markNames(p.XNames)
	default:
		d.x.markWithin(paneWidth)
		if p.XRange == nil {
			d.x.round()
			d.x.markWithin(paneWidth)
		}
	}
	d.bottom = tickLength + tickGap + d.numbersHeight()
	if p.XLabel != "" {
		d.bottom += xLabelGap + axisLabel.height()
	}
	for _, t := range d.x.ticks {
		half := d.xTickLabel(t, paneWidth).width(t.label) / 2
		if d.upright {
			half = d.columnText.height() / 2
		}
		at := vg.Length(d.x.place(t.value)) * paneWidth
		d.right = max(d.right, at+half-paneWidth)
		d.left = max(d.left, half-at)
	}
	d.top = emptyTop
	if p.Title != "" {
		d.top = titleGap + panelTitle.height()
	}
	return d
}

// markWithin gives a horizontal axis as many ticks as have room for their
// labels, and air between them, in width.
func (a *axis) markWithin(width vg.Length) {
	const air = vg.Length(16)
	for n := 7; n >= 2; n-- {
		a.mark(n)
		var sum vg.Length
		for _, t := range a.ticks {
			if t.label != "" {
				sum += tickLabel.width(t.label) + air
			}
		}
		if sum <= width+air {
			return
		}
	}
}

// xTickLabel is how a horizontal axis writes t: names shrink to the room they
// have.
func (d drawnPanel) xTickLabel(t tick, paneWidth vg.Length) lettering {
	if d.cells != nil {
		return d.columnText
	}
	if d.XNames == nil {
		return tickLabel
	}
	return tickLabel.fitted(t.label, paneWidth/vg.Length(d.x.hi-d.x.lo)-3)
}

// numbersHeight is the room below the ticks that their labels take.
func (d drawnPanel) numbersHeight() vg.Length {
	if !d.upright {
		return tickLabel.height()
	}
	var longest vg.Length
	for _, t := range d.x.ticks {
		longest = max(longest, d.columnText.width(t.label))
	}
	return longest + tickGap
}

// draw draws the panel so that its pane is c.
func (d drawnPanel) draw(c draw.Canvas) {
	if d.cells != nil {
		c.Rectangle = onPixels(c.Rectangle)
	}
	p := pane{c, d.x, d.y}
	if d.cells != nil {
		d.drawCells(p)
	} else {
		d.drawGrid(p)
	}
	p.drawSeries(d.Panel)
	d.drawAxes(p)
	d.drawLabels(p)
	if note := d.emptiness(); note != "" {
		d.drawNote(c, note)
	}
	if d.legendRows > 0 {
		p.drawLegendAbove(d.Panel)
	} else {
		p.drawLegend(d.Panel)
	}
}

func (d drawnPanel) drawGrid(p pane) {
	var path vg.Path
	for _, t := range d.y.ticks {
		if t.label != "" {
			y := p.Y(d.y.place(t.value))
			path.Move(vg.Point{X: p.Min.X, Y: y})
			path.Line(vg.Point{X: p.Max.X, Y: y})
		}
	}
	for _, t := range d.x.ticks {
		if t.label != "" && d.XNames == nil {
			x := p.X(d.x.place(t.value))
			path.Move(vg.Point{X: x, Y: p.Min.Y})
			path.Line(vg.Point{X: x, Y: p.Max.Y})
		}
	}
	p.SetLineStyle(draw.LineStyle{Color: gridGrey, Width: gridWidth})
	p.Stroke(path)
}

// drawAxes draws the axes and their ticks, with numbers.
func (d drawnPanel) drawAxes(p pane) {
	var path vg.Path
	path.Move(vg.Point{X: p.Min.X, Y: p.Max.Y})
	path.Line(p.Min)
	path.Line(vg.Point{X: p.Max.X, Y: p.Min.Y})
	for _, t := range d.x.ticks {
		x := p.X(d.x.place(t.value))
		path.Move(vg.Point{X: x, Y: p.Min.Y})
		path.Line(vg.Point{X: x, Y: p.Min.Y - t.length()})
	}
	for _, t := range d.y.ticks {
		y := p.Y(d.y.place(t.value))
		path.Move(vg.Point{X: p.Min.X, Y: y})
		path.Line(vg.Point{X: p.Min.X - t.length(), Y: y})
	}
	p.SetLineStyle(draw.LineStyle{Color: axisGrey, Width: axisWidth})
	p.Stroke(path)

	for _, t := range d.x.ticks {
		at := vg.Point{X: p.X(d.x.place(t.value)), Y: p.Min.Y - tickLength - tickGap - capHeight*tickLabel.size}
		if d.upright {
			at.X += capHeight * d.columnText.size / 2
			at.Y = p.Min.Y - tickLength - tickGap - d.columnText.width(t.label)/2
			d.columnText.writeUp(p.Canvas, at, t.label)
			continue
		}
		d.xTickLabel(t, p.Max.X-p.Min.X).write(p.Canvas, at, centred, t.label)
	}
	for _, t := range d.y.ticks {
		at := vg.Point{X: p.Min.X - tickLength - tickGap, Y: p.Y(d.y.place(t.value)) - capHeight*d.rowText.size/2}
		d.rowText.write(p.Canvas, at, fromRight, t.label)
	}
}

func (t tick) length() vg.Length {
	if t.label == "" {
		return tickLength * 0.55
	}
	return tickLength
}

// drawLabels draws the title and the names of the axes. The y label stands at
// the outer edge of the panel's own lettering.
func (d drawnPanel) drawLabels(p pane) {
	width, height := p.Max.X-p.Min.X, p.Max.Y-p.Min.Y
	const drop = 0.2 // of a label's size: room for its descenders
	if d.Title != "" {
		panelTitle.fitted(d.Title, width+d.right).write(p.Canvas, vg.Point{X: p.Min.X, Y: p.Max.Y + titleGap + d.legendHeight()}, fromLeft, d.Title)
	}
	if d.XLabel != "" {
		y := p.Min.Y - d.bottom + drop*axisLabel.size
		axisLabel.fitted(d.XLabel, width).write(p.Canvas, vg.Point{X: (p.Min.X + p.Max.X) / 2, Y: y}, centred, d.XLabel)
	}
	if d.YLabel != "" {
		x := p.Min.X - d.left + capHeight*axisLabel.size + 1
		axisLabel.fitted(d.YLabel, height+d.top).writeUp(p.Canvas, vg.Point{X: x, Y: (p.Min.Y + p.Max.Y) / 2}, d.YLabel)
	}
}

// moveLegend puts the legend above the pane if it has no place in it where it
// covers nothing and its author asked for none.
func (d *drawnPanel) moveLegend(r vg.Rectangle) {
	p := pane{draw.Canvas{Rectangle: r}, d.x, d.y}
	if d.Legend == figure.EmptiestCorner && p.legendCovers(d.Panel) {
		d.legendRows = len(p.legendLines(d.Panel))
	}
}

// legendHeight is the room of a legend above the pane.
func (d drawnPanel) legendHeight() vg.Length { return vg.Length(d.legendRows) * legendRow }

// drawNote writes in the middle of an empty pane why it is.
func (d drawnPanel) drawNote(c draw.Canvas, note string) {
	at := c.Center()
	if d.cells != nil { // on the hatching, which runs through letters
		half := vg.Point{X: emptyNote.width(note)/2 + legendPadding, Y: emptyNote.size}
		c.SetColor(paper)
		c.Fill(vg.Rectangle{Min: at.Sub(half), Max: at.Add(half)}.Path())
		at.Y -= capHeight * emptyNote.size / 2
	}
	emptyNote.write(c, at, centred, note)
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
