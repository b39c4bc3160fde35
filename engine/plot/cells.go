package plot

import (
	"math"
	"sort"
	"strconv"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"

	"modspec/engine/number"
	"modspec/engine/plot/lettering"
)

// cellCentres are the centres of columns or rows: given, or 0, 1, 2, … for those
// that only have names.
func cellCentres(given []float64, names []string) []float64 {
	if given != nil {
		return given
	}
	centres := make([]float64, len(names))
	for i := range centres {
		centres[i] = float64(i)
	}
	return centres
}

// cellAxis is the axis along equal cells with the given centres. Equal steps
// make it a linear axis and equal factors a logarithmic one. Any other centres
// stay where their cells are, and the values between them are spread evenly, or
// logarithmically where the author asks for it.
func cellAxis(centres []float64, logarithmic bool) axis {
	n := len(centres)
	if n == 1 {
		if logarithmic {
			return axis{logarithmic: true, lo: centres[0] / math.Sqrt(10), hi: centres[0] * math.Sqrt(10)}
		}
		half := max(0.5, math.Abs(centres[0])*0x1p-20) // more than rounding, for large values
		return axis{lo: centres[0] - half, hi: centres[0] + half}
	}
	kinds := []bool{logarithmic}
	if !logarithmic && centres[0] > 0 {
		kinds = append(kinds, true)
	}
	for _, kind := range kinds {
		a := axis{logarithmic: kind}
		first, last := a.measure(centres[0]), a.measure(centres[n-1])
		half := (last - first) / float64(2*(n-1))
		a.lo, a.hi = a.value(first-half), a.value(last+half)
		// An axis that would have to widen has no room for its own ticks.
		wide := a
		wide.widen()
		regular := wide.lo == a.lo && wide.hi == a.hi && a.drawable(a.lo) && a.drawable(a.hi)
		for i, v := range centres {
			// A hundredth of a cell out of place shows nowhere.
			regular = regular && math.Abs(a.place(v)*float64(n)-float64(i)-0.5) < 0.01
		}
		if regular {
			return a
		}
	}
	a := axis{logarithmic: logarithmic}
	for _, v := range centres {
		a.cells = append(a.cells, a.measure(v))
	}
	a.lo = a.value(a.cells[0] - (a.cells[1]-a.cells[0])/2)
	a.hi = a.value(a.cells[n-1] + (a.cells[n-1]-a.cells[n-2])/2)
	return a
}

// measure is what an axis spreads evenly: values, or their logarithms.
func (a axis) measure(v float64) float64 {
	if a.logarithmic {
		return math.Log(v)
	}
	return v
}

// value is the inverse of measure.
func (a axis) value(m float64) float64 {
	if a.logarithmic {
		return math.Exp(m)
	}
	return m
}

// cellPlace is place on an axis along cells: evenly between the centres of
// neighbours, and on beyond the outer ones.
func (a axis) cellPlace(m float64) float64 {
	n := len(a.cells)
	i := min(max(sort.SearchFloat64s(a.cells, m), 1), n-1) // between centres i − 1 and i
	between := (m - a.cells[i-1]) / (a.cells[i] - a.cells[i-1])
	return min(max((float64(i)-0.5+between)/float64(n), -1e6), 1e6)
}

// cellLabels are the names of cells, or else their centres as numbers: with four
// digits unless two of them would look the same.
func cellLabels(centres []float64, names []string) []string {
	if names != nil {
		return names
	}
	labels := make([]string, len(centres))
	for i, v := range centres {
		labels[i] = number.Format(v)
		if i > 0 && labels[i] == labels[i-1] {
			for j, w := range centres {
				labels[j] = number.Signed(strconv.FormatFloat(w, 'g', -1, 64))
			}
			return labels
		}
	}
	return labels
}

// markCells puts labels at centres, every k-th of them, so that each has room on
// an axis of the given length where a label takes need of it. The ticks between
// are left out where they would make a solid bar.
func (a *axis) markCells(centres []float64, labels []string, length, need vg.Length) {
	cell := length / vg.Length(len(centres))
	every := max(1, int(math.Ceil(float64(need/cell))))
	a.ticks = nil
	for i, v := range centres {
		switch {
		case i%every == 0:
			a.ticks = append(a.ticks, gonum.Tick{Value: v, Label: labels[i]})
		case cell >= tickLength:
			a.ticks = append(a.ticks, gonum.Tick{Value: v})
		}
	}
}

// A cellSide is how the cells of one side of a heatmap are labelled.
type cellSide struct {
	centres []float64
	labels  []string
	named   bool
}

func sideOf(given []float64, names []string) cellSide {
	centres := cellCentres(given, names)
	return cellSide{centres, cellLabels(centres, names), names != nil}
}

// longest is the label that takes the most room.
func (s cellSide) longest() (longest string) {
	for _, label := range s.labels {
		if tickLabel.Width(label) > tickLabel.Width(longest) {
			longest = label
		}
	}
	return longest
}

func (s cellSide) widest(style text.Style) vg.Length { return style.Width(s.longest()) }

// fits reports whether each cell of an axis has room for a label that takes need.
func (s cellSide) fits(length, need vg.Length) bool {
	return need*vg.Length(len(s.centres)) <= length
}

// markColumns marks a horizontal axis along the cells of s and returns how its
// labels are set, and whether upright. Every column has its label if there is
// room. If not, numbers at equal steps or factors give way to those of an
// ordinary axis and other numbers become fewer. Names become smaller, and then
// upright, with the given height if they can be read so, and no more than twice that; only as many of them that stand
// too close for that become fewer too.
func (s cellSide) markColumns(a *axis, width, height vg.Length) (style text.Style, upright bool) {
	const air = vg.Length(4)
	style = tickLabel
	for s.named && style.Font.Size > smallestName && !s.fits(width, s.widest(style)+air) {
		style.Font.Size = max(style.Font.Size-0.5, smallestName)
	}
	switch {
	case s.fits(width, s.widest(style)+air):
	case s.named:
		style = lettering.Within(lettering.Fitted(tickLabel, s.longest(), height), 2*height)
		a.markCells(s.centres, s.labels, width, style.Height(""))
		return style, true
	case a.cells == nil:
		a.markWithin(width)
		return style, false
	}
	a.markCells(s.centres, s.labels, width, s.widest(style)+air)
	return style, false
}

// smallestName is the size below which names stand upright instead.
const smallestName = vg.Length(7)

// markRows marks a vertical axis along the cells of s, as markColumns does.
// Names longer than room are set smaller.
func (s cellSide) markRows(a *axis, height, room vg.Length) text.Style {
	style := tickLabel
	if s.named {
		style = lettering.Within(lettering.Fitted(style, s.longest(), room), room)
	}
	if !s.fits(height, style.Height("")) && !s.named && a.cells == nil {
		a.mark(rowTicks(height))
		return style
	}
	a.markCells(s.centres, s.labels, height, style.Height(""))
	return style
}
