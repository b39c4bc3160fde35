package plot

import (
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"modspec/engine/plot/lettering"
)

// The kinds of text in a figure, sized for a panel printed at half the width of
// a page.
var (
	figureTitle = lettering.Bold(lettering.Style(11, ink))
	panelTitle  = lettering.Style(9.5, ink)
	axisLabel   = lettering.Style(9.5, ink)
	tickLabel   = lettering.Style(8.5, axisGrey)
	legendText  = lettering.Style(8, ink)
	isoText     = lettering.Style(7, ink)
	emptyNote   = lettering.Style(9, guideGrey)
)

// middle is style for text with the middle of its capitals at a point.
func middle(style text.Style, align text.XAlignment) text.Style {
	style.XAlign, style.YAlign = align, lettering.Middle
	return style
}

// capitals is the height of the capitals of style.
func capitals(style text.Style) vg.Length { return lettering.CapHeight * style.Font.Size }

// write draws s, fitted to room, with its baseline from at on.
func write(c draw.Canvas, style text.Style, room vg.Length, at vg.Point, s string) {
	c.FillText(lettering.Within(style, room), at, s)
}
