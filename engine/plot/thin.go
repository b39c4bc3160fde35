package plot

import (
	"slices"

	"gonum.org/v1/plot/vg"

	"modspec/engine/plot/lettering"
)

// Limits on the vertices of one line.
const (
	thinColumn   = vg.Inch / lettering.DotsPerInch // one pixel of the PNG
	mostVertices = 4000
)

// thinned leaves out vertices that do not change the picture. Consecutive points in one
// column of pixels are reduced to the first, the lowest, the highest and the last of
// them, which cover the same pixels; columns rather than equal shares of the points,
// since on a logarithmic axis half of the paper may show a thousandth of them. A line
// that swings between columns and is still too long is cut into equal shares that keep
// their extremes in both directions.
func thinned(line []vg.Point) []vg.Point {
	if len(line) <= mostVertices/8 {
		return line
	}
	var kept []vg.Point
	for start := 0; start < len(line); {
		column := columnOf(line[start])
		end := start + 1
		for end < len(line) && columnOf(line[end]) == column {
			end++
		}
		kept = appendExtremes(kept, line[start:end])
		start = end
	}
	if len(kept) <= mostVertices {
		return kept
	}
	const perShare = 6 // ends and extremes in x and y
	shares := mostVertices / perShare
	var cut []vg.Point
	for i := range shares {
		cut = appendExtremes(cut, kept[i*len(kept)/shares:(i+1)*len(kept)/shares])
	}
	return cut
}

func columnOf(p vg.Point) int { return int(p.X / thinColumn) }

// appendExtremes appends the first, last, leftmost, rightmost, lowest and
// highest of points, in their order and each once.
func appendExtremes(to, points []vg.Point) []vg.Point {
	if len(points) == 0 {
		return to
	}
	var left, right, low, high int
	for i, p := range points {
		if p.X < points[left].X {
			left = i
		}
		if p.X > points[right].X {
			right = i
		}
		if p.Y < points[low].Y {
			low = i
		}
		if p.Y > points[high].Y {
			high = i
		}
	}
	keep := []int{0, left, right, low, high, len(points) - 1}
	slices.Sort(keep)
	for _, i := range slices.Compact(keep) {
		to = append(to, points[i])
	}
	return to
}
