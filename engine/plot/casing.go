package plot

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"modspec/engine/figure"
)

// A casing lies around a line over cells, so that it shows on any colour.
const (
	casingWidth   = vg.Length(0.8) // on each side
	casingOpacity = 165            // of 255
)

// drawCasings draws the casings of the lines of a panel.
func (p pane) drawCasings(panel figure.Panel) {
	for _, s := range panel.Series {
		if s.Style == figure.Points {
			continue // markers have a rim of their own
		}
		for _, l := range p.lines(s) {
			if len(l) > 1 {
				p.drawCasing(strokeOf(s), l)
			}
		}
	}
}

func (p pane) drawCasing(style draw.LineStyle, line []vg.Point) {
	casing := draw.LineStyle{Color: translucent(paper, casingOpacity), Width: style.Width + 2*casingWidth}
	p.stroke(casing, line)
}
