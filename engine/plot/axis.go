package plot

import (
	"math"
	"slices"

	gonum "gonum.org/v1/plot"

	"modspec/engine/figure"
)

// An axis maps values to their place between its ends, 0 and 1.
type axis struct {
	logarithmic bool
	lo, hi      float64
	cells       []float64 // centres of cells at uneven steps, as measure gives them; nil: spread evenly
	ticks       []gonum.Tick
}

// largest and smallest bound what is drawn: beyond them differences and
// quotients of values leave the range of float64.
const (
	largest  = 1e300
	smallest = 1e-300
)

// drawable reports whether v has a place on an axis of a's kind.
func (a axis) drawable(v float64) bool {
	return math.Abs(v) <= largest && (!a.logarithmic || v >= smallest) // false for NaN
}

// place is where v stands along the axis, which may be outside 0 to 1. Far
// outside it is cut to a million axis lengths, which no slope on paper can tell
// from more, so that sums of places stay finite.
func (a axis) place(v float64) float64 {
	v, lo, hi := a.measure(v), a.measure(a.lo), a.measure(a.hi)
	if a.cells != nil {
		return a.cellPlace(v)
	}
	return min(max((v-lo)/(hi-lo), -1e6), 1e6)
}

// An extent is the range of the drawable values that it has included.
type extent struct {
	axis   axis
	lo, hi float64
}

func newExtent(logarithmic bool) extent {
	return extent{axis{logarithmic: logarithmic}, math.Inf(1), math.Inf(-1)}
}

func (e *extent) include(v float64) {
	if e.axis.drawable(v) {
		e.lo, e.hi = min(e.lo, v), max(e.hi, v)
	}
}

func (e extent) empty() bool { return e.lo > e.hi }

// Margins between the data and the ends of an axis, as shares of its length, so
// that a line at 0 or 1 is not hidden by the frame and a marker not cut by it.
const (
	lineMargin   = 0.04
	markerMargin = 0.05
)

// finish makes an axis of e: given, if it is not nil, or else the extent of the
// data with a margin below and above.
func (e extent) finish(given *[2]float64, below, above float64) axis {
	a := e.axis
	switch {
	case given != nil:
		a.lo, a.hi = max(given[0], -largest), min(given[1], largest)
		if a.logarithmic {
			a.lo = max(a.lo, smallest)
		}
		below, above = 0, 0
	case e.empty() && a.logarithmic:
		a.lo, a.hi = 0.1, 10
	case e.empty():
		a.lo, a.hi = 0, 1
	default:
		a.lo, a.hi = e.lo, e.hi
	}
	a.widen()
	if a.logarithmic {
		span := math.Log(a.hi) - math.Log(a.lo) // the quotient may overflow
		const room = 1e7                        // beyond largest and smallest there is still that much
		a.lo = max(a.lo*math.Exp(-below*span), smallest/room)
		a.hi = min(a.hi*math.Exp(above*span), largest*room)
	} else {
		span := a.hi - a.lo
		a.lo, a.hi = a.lo-below*span, a.hi+above*span
	}
	return a
}

// widen opens a range that is a point, or so narrow that rounding would show in
// the numbers at its ticks.
func (a *axis) widen() {
	const narrowest = 1e-9 // of the values themselves, far above their rounding
	size := max(math.Abs(a.lo), math.Abs(a.hi))
	if span := a.hi - a.lo; span > narrowest*size && span > smallest {
		return
	}
	middle := a.lo/2 + a.hi/2
	switch {
	case a.logarithmic:
		a.lo, a.hi = middle/3, middle*3
	case size <= smallest/narrowest:
		a.lo, a.hi = -1, 1
	default:
		a.lo, a.hi = middle-0.1*size, middle+0.1*size
	}
}

// round moves an end of a linear axis out to the next tick where that is close,
// so that 299 steps end at 300 and 3000 that start at 1 start at 0.
func (a *axis) round() {
	if a.logarithmic || len(a.ticks) < 2 {
		return
	}
	const near = 0.02 // of the axis
	step := a.ticks[1].Value - a.ticks[0].Value
	reach := near * (a.hi - a.lo)
	before, after := a.ticks[0].Value-step, a.ticks[len(a.ticks)-1].Value+step
	if a.lo-before <= reach {
		a.lo = before
	}
	if after-a.hi <= reach {
		a.hi = after
	}
}

// mark gives the axis its ticks, at most n of them with labels.
func (a *axis) mark(n int) {
	if a.logarithmic {
		a.ticks = logTicks(a.lo, a.hi, n)
	} else {
		a.ticks = linearTicks(a.lo, a.hi, n)
	}
}

// axesOf finds the axes of a panel from its series. Ticks come later, when the
// room for them is known.
func axesOf(p figure.Panel) (x, y axis) {
	ex, ey := newExtent(p.XLog), newExtent(p.YLog)
	lines, bars := true, false
	for _, s := range p.Series {
		for i := range s.X {
			if !ex.axis.drawable(s.X[i]) {
				continue
			}
			if s.Low != nil {
				ey.include(s.Low[i])
				ey.include(s.High[i])
			}
			ey.include(s.Y[i])
			if ey.axis.drawable(s.Y[i]) || s.Low != nil {
				ex.include(s.X[i])
			}
		}
		switch s.Style {
		case figure.Points:
			lines = false
		case figure.Bars:
			lines, bars = false, true
		}
	}

	below, above := lineMargin, lineMargin
	if bars && !p.YLog && !ey.empty() {
		ey.include(0)
		if ey.lo == 0 {
			below = 0 // bars stand on the axis
		}
		if ey.hi == 0 {
			above = 0
		}
	}
	y = ey.finish(p.YRange, below, above)

	side := 0.0 // lines may run from edge to edge
	if !lines {
		side = markerMargin
	}
	if p.XNames != nil && p.XRange == nil {
		ex.include(0)
		ex.include(float64(len(p.XNames) - 1))
	}
	if bars || p.XNames != nil {
		// Half a place at each end, for half a bar or half a name.
		half := spacing(p) / 2
		ex.lo, ex.hi = widened(ex, half)
		side = 0
	}
	x = ex.finish(p.XRange, side, side)
	return x, y
}

// spacing is the least distance between two bars of one series, or 1 where
// names give the places or there is at most one bar.
func spacing(p figure.Panel) float64 {
	if p.XNames != nil {
		return 1
	}
	least := math.Inf(1)
	for _, s := range p.Series {
		if s.Style != figure.Bars {
			continue
		}
		x := slices.Sorted(slices.Values(s.X))
		for i := 1; i < len(x); i++ {
			if d := x[i] - x[i-1]; d > 0 {
				least = min(least, d)
			}
		}
	}
	if math.IsInf(least, 1) {
		return 1
	}
	return least
}

func widened(e extent, half float64) (lo, hi float64) {
	if e.empty() || e.axis.logarithmic {
		return e.lo, e.hi
	}
	return e.lo - half, e.hi + half
}
