package plot

import (
	"image/color"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"modspec/engine/figure"
	"modspec/engine/plot/lettering"
)

// How cells without a colour look: a grey that is in no colour map, and hatching, so
// that they differ from a pale colour in print too.
var (
	blankGrey = color.NRGBA{0xEC, 0xEC, 0xEC, 0xFF}
	hatchGrey = color.NRGBA{0xB4, 0xB4, 0xB4, 0xFF}
)

// cells are the cells of a heatmap, ready to be drawn.
type cells struct {
	*figure.Heatmap
	columns, rows cellSide
	scale         scale
	bar           *colourBar // nil: none is needed, or that of a neighbour holds here too
	some          bool       // cells with a colour
}

// prepareCells finds the axes of a panel with a heatmap, its scale and its bar, and
// returns how rows are labelled.
func (d *drawnPanel) prepareCells(width, height vg.Length) text.Style {
	h := d.Heatmap
	c := &cells{Heatmap: h, columns: sideOf(h.X, h.XNames), rows: sideOf(h.Y, h.YNames)}
	d.cells = c
	d.x, d.y = cellAxis(c.columns.centres, d.XLog), cellAxis(c.rows.centres, d.YLog)
	const share = 4 // of the width, for names of rows
	rows := c.rows.markRows(&d.y, height-aboutPane, width/share)

	var used bool
	c.scale, used = scaleOf(h)
	c.scale.mark(rowTicks(height - aboutPane))
	bar := colourBar{scale: c.scale, label: h.Label, lines: h.Theory != nil}
	for _, row := range h.Z {
		for _, v := range row {
			if !c.scale.drawable(v) {
				bar.note(c.blankReason(v))
				continue
			}
			c.some = true
			bar.below = bar.below || v < c.scale.lo
			bar.above = bar.above || v > c.scale.hi
		}
	}
	if used {
		c.bar = &bar
	}
	return rows
}

// blankReason says why a cell of value v has no colour.
func (c *cells) blankReason(v float64) string {
	switch linear := (axis{}); {
	case c.Blank != "":
		return c.Blank
	case linear.drawable(v):
		return "≤ 0"
	}
	return "no value"
}

// emptiness says why there are only cells without a colour, or is empty.
func (c *cells) emptiness() string {
	if c.some {
		return ""
	}
	if c.Blank != "" {
		return c.Blank
	}
	for _, row := range c.Z {
		for _, v := range row {
			if c.blankReason(v) == "≤ 0" {
				return "no positive values"
			}
		}
	}
	return "no values"
}

// room is the width that the colour bar takes, with the air before it.
func (c *cells) room() vg.Length {
	if c.bar == nil {
		return 0
	}
	return c.bar.room()
}

// onPixels is r with its sides on whole pixels of the PNG.
func onPixels(r vg.Rectangle) vg.Rectangle {
	return vg.Rectangle{
		Min: vg.Point{X: lettering.Snapped(r.Min.X), Y: lettering.Snapped(r.Min.Y)},
		Max: vg.Point{X: lettering.Snapped(r.Max.X), Y: lettering.Snapped(r.Max.Y)},
	}
}

// grid is the cells in r.
func (c *cells) grid(r vg.Rectangle) grid {
	g := grid{Rectangle: r, columns: len(c.columns.centres), rows: len(c.rows.centres)}
	for _, row := range c.Z {
		for _, v := range row {
			if c.scale.drawable(v) {
				g.colours = append(g.colours, c.scale.colour(v))
			} else {
				g.colours = append(g.colours, blankGrey)
			}
		}
	}
	return g
}

// drawCells draws the cells of a heatmap, what lies right upon them, and the
// colour bar. The panel ends at floor.
func (d drawnPanel) drawCells(p pane, floor vg.Length) {
	c := d.cells
	g := c.grid(p.Rectangle)
	fillGrid(p.Canvas.Canvas, g)
	drawHatching(p.Canvas, c.blanks(g))
	if c.Theory != nil {
		c.drawTheory(p)
	} else if len(d.Series) == 0 {
		c.drawValues(p, g)
	}
	p.drawCasings(d.Panel)
	p.SetLineStyle(draw.LineStyle{Color: axisGrey, Width: axisWidth})
	p.Stroke(p.Path()) // cells have no air around them that would set them off
	if c.bar != nil {
		c.bar.draw(p.Canvas, floor)
	}
}

// blanks are rectangles that hold the cells without a colour: runs, joined with
// equal ones above them.
func (c *cells) blanks(g grid) []vg.Rectangle {
	var blanks []vg.Rectangle
	open := make(map[[2]int]int) // the columns of a rectangle that ends at a row, and its index
	row := 0
	for strip, colour := range g.strips() {
		if colour != blankGrey {
			continue
		}
		if strip.row != row {
			for columns, i := range open {
				if blanks[i].Max.Y != g.y(strip.row) {
					delete(open, columns)
				}
			}
			row = strip.row
		}
		columns := [2]int{strip.from, strip.to}
		if i, ok := open[columns]; ok {
			blanks[i].Max.Y = g.y(strip.row + 1)
			continue
		}
		open[columns] = len(blanks)
		blanks = append(blanks, g.rectangle(strip))
	}
	return blanks
}
