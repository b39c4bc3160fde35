package plot

import (
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Measures of hatching.
const (
	hatchWidth = vg.Length(0.6)
	hatchApart = vg.Length(4.5) // from line to line, along x
)

// drawHatching draws slanted lines in rectangles. They continue from one rectangle to
// the next, since their places depend only on the sheet.
func drawHatching(c draw.Canvas, rectangles []vg.Rectangle) {
	var path vg.Path
	for _, r := range rectangles {
		// A line is where x − y is a multiple of the distance.
		first := math.Ceil(float64((r.Min.X - r.Max.Y) / hatchApart))
		last := math.Floor(float64((r.Max.X - r.Min.Y) / hatchApart))
		for k := first; k <= last; k++ {
			offset := vg.Length(k) * hatchApart
			from, to := max(r.Min.X, r.Min.Y+offset), min(r.Max.X, r.Max.Y+offset)
			if from < to {
				path.Move(vg.Point{X: from, Y: from - offset})
				path.Line(vg.Point{X: to, Y: to - offset})
			}
		}
	}
	if len(path) > 0 {
		c.SetLineStyle(draw.LineStyle{Color: hatchGrey, Width: hatchWidth})
		c.Stroke(path)
	}
}
