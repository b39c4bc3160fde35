package figure

import "math"

// A Heatmap is a grid of cells, one for each pair of two parameters, whose
// colours stand for values: a phase diagram.
//
// All cells are equally large. Where the centres rise by equal steps, or by
// equal factors, that is also where the values lie; where they rise in another
// way the cells stand in their order and keep their values as labels; a panel's
// XLog and YLog spread what lies between them logarithmically. A series over the
// cells is placed by the same rule.
//
// A cell whose value is not finite, or not positive where Log is set, has no
// colour: it is hatched grey, and a note beside the colour bar says why.
type Heatmap struct {
	X, Y   []float64 // centres of the columns and of the rows, ascending; nil with names: 0, 1, 2, …
	XNames []string  // what the columns are called; nil: their centres
	YNames []string  // what the rows are called; nil: their centres

	Z      [][]float64 // rows × columns, the row of the lowest y first
	Label  string      // of the colour bar
	Log    bool        // logarithmic colours
	Range  *[2]float64 // values at the ends of the colour bar; nil: the range of Z
	Center *float64    // nil: dark to light; else two hues that meet in a light colour here: 1 for ratios
	Blank  string      // what a cell without colour means; empty: that it has no value

	// Theory, rows × columns, is drawn over the cells as dashed lines along
	// which it equals the values at the ticks of the colour bar. Its lines end
	// where it is not finite.
	Theory      [][]float64
	TheoryLabel string // in the legend; empty leaves theory out of it
}

// MostCells is how many cells a row or a column of a heatmap may hold. A cell of
// a larger one would be narrower than a dot of the picture.
const MostCells = 256

// CommonRange is the range of all values that maps can show, or nil if there are
// none. Heatmaps that are given it as their Range have colours that compare, and
// neighbours in a row of panels share one colour bar. Where the first of maps
// has a Center the range reaches equally far to both sides of it; where it is
// logarithmic, by equal factors.
func CommonRange(maps ...*Heatmap) *[2]float64 {
	if len(maps) == 0 {
		return nil
	}
	logarithmic, center := maps[0].Log, maps[0].Center
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, h := range maps {
		for _, row := range h.Z {
			for _, v := range row {
				if Finite(v) && (v > 0 || !logarithmic) {
					lo, hi = min(lo, v), max(hi, v)
				}
			}
		}
	}
	if lo > hi {
		return nil
	}
	if center != nil {
		lo, hi = around(*center, lo, hi, logarithmic)
	}
	if lo == hi {
		lo, hi = opened(lo, logarithmic)
	}
	// What overflowed or vanished on the way ends where float64 does.
	least := -math.MaxFloat64
	if logarithmic {
		least = math.SmallestNonzeroFloat64
	}
	return &[2]float64{max(lo, least), min(hi, math.MaxFloat64)}
}

// around is the least range with its middle at c that holds lo and hi.
func around(c, lo, hi float64, logarithmic bool) (float64, float64) {
	if logarithmic {
		r := max(hi/c, c/lo)
		return c / r, c * r
	}
	d := max(hi-c, c-lo)
	return c - d, c + d
}

// opened is a range around v, since a range that is a point has no room for
// colours: a factor of three to both sides of it, or a tenth of it.
func opened(v float64, logarithmic bool) (lo, hi float64) {
	if logarithmic {
		return v / 3, v * 3
	}
	tenth := math.Abs(v) / 10
	if v-tenth == v { // 0, or so small that its tenth is
		return -1, 1
	}
	return v - tenth, v + tenth
}
