package plot

import (
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"modspec/engine/plot/lettering"
)

// Measures of a colour bar.
const (
	barGap     = vg.Length(7) // between the pane and the bar
	barWidth   = vg.Length(9)
	barPoint   = vg.Length(6) // height of the point at an end that values lie beyond
	barSteps   = 256
	blankWidth = vg.Length(9) // of the swatch that explains cells without a colour
)

// A colourBar explains the colours of a heatmap, or of several in a row.
type colourBar struct {
	scale        scale
	label        string
	below, above bool     // values beyond the ends, which becomes pointed
	lines        bool     // theory's lines, which the bar shows at its ticks
	notes        []string // why cells have no colour
}

// note adds a reason why a cell has no colour.
func (b *colourBar) note(reason string) {
	if !slices.Contains(b.notes, reason) {
		b.notes = append(b.notes, reason)
		slices.Sort(b.notes)
	}
}

// join makes b hold for what other explains too.
func (b *colourBar) join(other *colourBar) {
	b.below, b.above, b.lines = b.below || other.below, b.above || other.above, b.lines || other.lines
	for _, n := range other.notes {
		b.note(n)
	}
}

func (b *colourBar) noteText() string { return strings.Join(b.notes, ", ") }

// room is the width of the bar with its lettering and the air before it: half a panel at
// most, beyond which a note sticks out.
func (b *colourBar) room() vg.Length {
	room := barGap + barWidth + b.numbersWidth()
	if b.label != "" {
		room += labelGap + axisLabel.Height("")
	}
	if len(b.notes) > 0 {
		room = max(room, barGap+blankWidth+legendGap+legendText.Width(b.noteText()))
	}
	return min(room, panelWidth/2)
}

func (b *colourBar) numbersWidth() vg.Length {
	var widest vg.Length
	for _, t := range b.scale.ticks {
		widest = max(widest, tickLabel.Width(t.Label))
	}
	return tickLength + tickGap + widest
}

// draw draws the bar to the right of the pane c of a panel that ends at floor.
func (b *colourBar) draw(c draw.Canvas, floor vg.Length) {
	whole := onPixels(vg.Rectangle{
		Min: vg.Point{X: c.Max.X + barGap, Y: c.Min.Y},
		Max: vg.Point{X: c.Max.X + barGap + barWidth, Y: c.Max.Y},
	})
	r := whole
	if b.below {
		r.Min.Y = lettering.Snapped(r.Min.Y + barPoint)
	}
	if b.above {
		r.Max.Y = lettering.Snapped(r.Max.Y - barPoint)
	}
	colours := make([]color.NRGBA, barSteps)
	for i := range colours {
		colours[i] = b.scale.colourAt((float64(i) + 0.5) / barSteps)
	}
	fillGrid(c.Canvas, grid{Rectangle: r, columns: 1, rows: barSteps, colours: colours})

	// The rim goes around the points too.
	middle := (r.Min.X + r.Max.X) / 2
	var rim vg.Path
	rim.Move(r.Min)
	if b.below {
		fillTriangle(c, b.scale.colourAt(0), r.Min, vg.Point{X: r.Max.X, Y: r.Min.Y}, vg.Point{X: middle, Y: whole.Min.Y})
		rim.Line(vg.Point{X: middle, Y: whole.Min.Y})
	}
	rim.Line(vg.Point{X: r.Max.X, Y: r.Min.Y})
	rim.Line(r.Max)
	if b.above {
		fillTriangle(c, b.scale.colourAt(1), vg.Point{X: r.Min.X, Y: r.Max.Y}, r.Max, vg.Point{X: middle, Y: whole.Max.Y})
		rim.Line(vg.Point{X: middle, Y: whole.Max.Y})
	}
	rim.Line(vg.Point{X: r.Min.X, Y: r.Max.Y})
	rim.Close()

	p := pane{draw.Canvas{Canvas: c.Canvas, Rectangle: r}, axis{hi: 1}, b.scale.axis}
	b.drawTicks(p)
	p.SetLineStyle(draw.LineStyle{Color: axisGrey, Width: axisWidth})
	p.Stroke(rim)
	if b.label != "" {
		at := vg.Point{X: r.Max.X + b.numbersWidth() + labelGap + capitals(axisLabel), Y: c.Center().Y}
		upright := axisLabel
		upright.Rotation, upright.XAlign = math.Pi/2, draw.XCenter
		write(c, upright, c.Max.Y-c.Min.Y+emptyTop, at, b.label)
	}
	if len(b.notes) > 0 {
		b.drawNote(c, vg.Point{X: r.Min.X, Y: floor + axisLabel.FontExtents().Descent})
	}
}

func fillTriangle(c draw.Canvas, colour color.Color, a, b, d vg.Point) {
	c.SetColor(colour)
	var path vg.Path
	path.Move(a)
	path.Line(b)
	path.Line(d)
	path.Close()
	c.Fill(path)
}

// drawTicks draws the ticks of the bar p with their numbers and, at those that
// theory has lines for, such a line.
func (b *colourBar) drawTicks(p pane) {
	var path vg.Path
	for _, t := range b.scale.ticks {
		length := tickLength
		if t.IsMinor() {
			length /= 2
		}
		y := p.Y(b.scale.place(t.Value))
		path.Move(vg.Point{X: p.Max.X, Y: y})
		path.Line(vg.Point{X: p.Max.X + length, Y: y})
		if t.IsMinor() {
			continue
		}
		p.FillText(middle(tickLabel, draw.XLeft), vg.Point{X: p.Max.X + tickLength + tickGap, Y: y}, t.Label)
		if b.lines {
			line := []vg.Point{{X: p.Min.X, Y: y}, {X: p.Max.X, Y: y}}
			style := strokeOf(isoLine(""))
			p.drawCasing(style, line)
			p.StrokeLines(style, line)
		}
	}
	p.SetLineStyle(draw.LineStyle{Color: axisGrey, Width: axisWidth})
	p.Stroke(path)
}

// drawNote explains the cells without a colour, from at on, which is on the line of
// the label of the x axis.
func (b *colourBar) drawNote(c draw.Canvas, at vg.Point) {
	swatch := onPixels(vg.Rectangle{Min: at, Max: at.Add(vg.Point{X: blankWidth, Y: capitals(legendText)})})
	c.SetColor(blankGrey)
	c.Fill(swatch.Path())
	drawHatching(c, []vg.Rectangle{swatch})
	c.SetLineStyle(draw.LineStyle{Color: hatchGrey, Width: hatchWidth})
	c.Stroke(swatch.Path())
	c.FillText(legendText, at.Add(vg.Point{X: blankWidth + legendGap}), b.noteText())
}

// shareBars leaves one colour bar to neighbours in a row whose colours mean the
// same, at the right of the last of them, and makes room for the bars.
func (s *sheet) shareBars(columns int) {
	for i := range s.panels {
		d := &s.panels[i]
		if d.cells == nil || d.cells.bar == nil {
			continue
		}
		if next := i + 1; next%columns != 0 && next < len(s.panels) && d.cells.shares(s.panels[next].cells) {
			s.panels[next].cells.bar.join(d.cells.bar)
			d.cells.bar = nil
			continue
		}
		if len(d.cells.bar.notes) > 0 && d.XLabel == "" {
			d.axes.X.Label.Text = " " // the note stands in its line
		}
		// After the last panel of an unfinished row stands nothing. There the bar
		// takes that place, rather than the width of all panes.
		if last := i == len(s.panels)-1; !last || i < columns || (i+1)%columns == 0 {
			d.margin.right = max(d.margin.right, d.cells.bar.room())
		}
	}
}

// shares reports whether one bar holds for c and other.
func (c *cells) shares(other *cells) bool {
	if other == nil || c.Range == nil || other.Range == nil || c.bar == nil || other.bar == nil {
		return false
	}
	centred := c.Center != nil
	return *c.Range == *other.Range && c.Log == other.Log && c.Label == other.Label &&
		centred == (other.Center != nil) && (!centred || *c.Center == *other.Center)
}
