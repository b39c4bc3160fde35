package plot

import (
	"math"
	"strconv"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"modspec/engine/number"
)

// rowTicks is how many labels a vertical axis of the given length has room for.
func rowTicks(length vg.Length) int {
	const apart = 2.2 // from label to label, in their heights
	return max(2, int(length/(tickLabel.Font.Size*apart)))
}

// linearTicks marks multiples of 1, 2 or 5 times a power of ten between lo and
// hi, at most n of them.
func linearTicks(lo, hi float64, n int) []gonum.Tick {
	n = max(n, 2)
	// From finer than can be needed to the first that is coarse enough.
	for step := niceStep((hi - lo) / float64(4*n)); ; step = niceStep(step * 1.5) {
		first, last := math.Ceil(lo/step-1e-9), math.Floor(hi/step+1e-9)
		if last-first+1 > float64(n) {
			continue
		}
		var values []float64
		for i := first; i <= last; i++ {
			values = append(values, i*step)
		}
		return labelled(values, step)
	}
}

// niceStep is the least of 1, 2 and 5 times a power of ten that is not below s,
// but for rounding.
func niceStep(s float64) float64 {
	exponent := math.Floor(math.Log10(s))
	for _, m := range []float64{1, 2, 5, 10} {
		if step := m * math.Pow(10, exponent); step >= s*(1-1e-9) {
			return step
		}
	}
	return 10 * math.Pow(10, exponent) // rounding of the logarithm
}

// labelled gives values their labels: all with the decimals that step needs, or
// all as multiples of one power of ten where that would be long.
func labelled(values []float64, step float64) []gonum.Tick {
	largest := 0.0
	for _, v := range values {
		largest = max(largest, math.Abs(v))
	}
	decimals := -exponentOf(step)
	unit, suffix := 1.0, ""
	if e := exponentOf(largest); e >= 6 || decimals > 4 && e < -2 {
		unit, suffix = math.Pow(10, float64(e)), "·10"+number.Superscript(e)
		decimals += e
	}
	ticks := make([]gonum.Tick, len(values))
	for i, v := range values {
		ticks[i] = gonum.Tick{Value: v, Label: "0"}
		if v != 0 {
			label := strconv.FormatFloat(v/unit, 'f', max(0, decimals), 64)
			ticks[i].Label = number.Signed(label) + suffix
		}
	}
	return ticks
}

// exponentOf is the power of ten at or below v, with 1 for 0. The slack takes up
// the rounding of a v that is meant to be a power of ten.
func exponentOf(v float64) int {
	if v == 0 {
		return 0
	}
	return int(math.Floor(math.Log10(v) + 1e-9))
}

// logTicks marks powers of ten between lo and hi, at most n with labels, and
// minor ticks between them. Ranges that hold fewer than two powers of ten are
// marked at 1, 2 and 5 times a power, and narrower ones as a linear axis is.
func logTicks(lo, hi float64, n int) []gonum.Tick {
	const slack = 1e-9
	first := int(math.Ceil(math.Log10(lo) - slack))
	last := int(math.Floor(math.Log10(hi) + slack))
	decades := last - first + 1
	if decades < 2 {
		return narrowLogTicks(lo, hi, n)
	}
	every := 1
	for (decades+every-1)/every > max(n, 2) {
		every++
	}
	var ticks []gonum.Tick
	for e := first - 1; e <= last; e++ {
		power := math.Pow(10, float64(e))
		switch {
		case e < first:
		case (e-first)%every == 0:
			ticks = append(ticks, gonum.Tick{Value: power, Label: "10" + number.Superscript(e)})
		default:
			ticks = append(ticks, gonum.Tick{Value: power})
		}
		if every > 1 {
			continue
		}
		for m := 2.0; m < 10; m++ {
			if v := m * power; v >= lo && v <= hi {
				ticks = append(ticks, gonum.Tick{Value: v})
			}
		}
	}
	return ticks
}

func narrowLogTicks(lo, hi float64, n int) []gonum.Tick {
	var ticks []gonum.Tick
	for e := math.Floor(math.Log10(lo)); e <= math.Ceil(math.Log10(hi)); e++ {
		for _, m := range []float64{1, 2, 5} {
			v := m * math.Pow(10, e)
			if v >= lo*(1-1e-9) && v <= hi*(1+1e-9) {
				ticks = append(ticks, gonum.Tick{Value: v, Label: number.Format(v)})
			}
		}
	}
	if len(ticks) < 2 || len(ticks) > n {
		return linearTicks(lo, hi, n)
	}
	return ticks
}
