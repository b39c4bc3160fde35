package plot

import (
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"modspec/engine/figure"
	"modspec/engine/plot/contour"
)

// isoLine stands for a heatmap's theory among series: dashed as all theory is,
// in the dark grey that shows on every colour.
func isoLine(label string) figure.Series {
	return figure.Series{Label: label, Style: figure.Dashed, Color: slices.Index(palette, grey)}
}

// An isoPiece is an unbroken line along which theory equals the value at a tick.
type isoPiece struct {
	line  []vg.Point
	label string
}

// isoLines are the lines of theory on p at the ticks of the colour bar.
func (c *cells) isoLines(p pane) []isoPiece {
	at := func(row, column int) (float64, bool) {
		v := c.Theory[row][column]
		if !c.scale.drawable(v) {
			return 0, false
		}
		return c.scale.measure(v), true
	}
	var pieces []isoPiece
	for _, t := range c.scale.ticks {
		if t.IsMinor() {
			continue
		}
		for _, l := range contour.Lines(len(c.columns.centres), len(c.rows.centres), at, c.scale.measure(t.Value)) {
			line := make([]vg.Point, len(l))
			for i, s := range l {
				line[i] = vg.Point{X: p.X(s.X), Y: p.Y(s.Y)}
			}
			pieces = append(pieces, isoPiece{thinned(line), t.Label})
		}
	}
	return pieces
}

// drawTheory draws the lines along which theory equals the values at the ticks
// of the colour bar, and writes on one line of each value which it is.
func (c *cells) drawTheory(p pane) {
	pieces := c.isoLines(p)
	style := strokeOf(isoLine(""))
	for _, piece := range pieces {
		p.drawCasing(style, piece.line)
	}
	for _, piece := range pieces {
		p.stroke(style, piece.line)
	}
	var taken []vg.Rectangle
	for i := 0; i < len(pieces); {
		same := i
		longest := i
		for ; same < len(pieces) && pieces[same].label == pieces[i].label; same++ {
			if lengthOf(pieces[same].line) > lengthOf(pieces[longest].line) {
				longest = same
			}
		}
		if box, ok := p.labelBox(pieces[longest], taken); ok {
			taken = append(taken, box)
		}
		i = same
	}
}

// labelBox writes the label of a piece on it, where it covers no other label,
// and returns the room it took. A piece that would vanish below its label, or
// that has no place left, goes without: the bar has its value too.
func (p pane) labelBox(piece isoPiece, taken []vg.Rectangle) (vg.Rectangle, bool) {
	const inset = vg.Length(1.5)
	half := vg.Point{X: isoText.Width(piece.label)/2 + inset, Y: capitals(isoText)/2 + inset}
	length := lengthOf(piece.line)
	if length < 5*half.X {
		return vg.Rectangle{}, false
	}
	for _, share := range []vg.Length{0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8} {
		at := along(piece.line, share*length)
		box := vg.Rectangle{Min: at.Sub(half), Max: at.Add(half)}
		if !p.Contains(box.Min) || !p.Contains(box.Max) || slices.ContainsFunc(taken, func(r vg.Rectangle) bool { return overlap(r, box) }) {
			continue
		}
		p.SetColor(translucent(paper, legendOpacity))
		p.Fill(box.Path())
		p.FillText(middle(isoText, draw.XCenter), at, piece.label)
		return box, true
	}
	return vg.Rectangle{}, false
}

func overlap(a, b vg.Rectangle) bool {
	return a.Min.X < b.Max.X && b.Min.X < a.Max.X && a.Min.Y < b.Max.Y && b.Min.Y < a.Max.Y
}

func lengthOf(line []vg.Point) vg.Length {
	var length vg.Length
	for i := 1; i < len(line); i++ {
		length += stretch(line[i-1], line[i])
	}
	return length
}

func stretch(a, b vg.Point) vg.Length {
	return vg.Length(math.Hypot(float64(b.X-a.X), float64(b.Y-a.Y)))
}

// along is the point of a line at a distance from its start.
func along(line []vg.Point, distance vg.Length) vg.Point {
	for i := 1; i < len(line); i++ {
		s := stretch(line[i-1], line[i])
		if distance < s {
			return line[i-1].Add(line[i].Sub(line[i-1]).Scale(distance / s))
		}
		distance -= s
	}
	return line[len(line)-1]
}
