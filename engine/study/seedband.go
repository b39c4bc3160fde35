package study

import (
	"math"

	"modspec/engine/figure"
)

// A seedBand is one quantity over training, seen over the seeds: its mean and
// the least and greatest value at each recorded step. The range rather than a
// standard deviation: it stays positive for a positive quantity, so it can be
// drawn on a logarithmic axis.
type seedBand struct {
	seeds           int
	steps           []float64
	mean, low, high []float64 // by recorded step
}

// newSeedBand takes one quantity of runs that share their recorded steps. Where a
// run that diverged has stopped, the band is NaN, and so no claim about it holds.
func newSeedBand(runs []Run, of func(*Run) []float64) seedBand {
	b := seedBand{seeds: len(runs)}
	curves := make([][]float64, len(runs))
	for i := range runs {
		curves[i] = of(&runs[i])
		if len(runs[i].Steps) > len(b.steps) {
			b.steps = runs[i].Axis()
		}
	}
	for i := range b.steps {
		sum, low, high := 0.0, math.Inf(1), math.Inf(-1)
		for _, curve := range curves {
			v := math.NaN()
			if i < len(curve) {
				v = curve[i]
			}
			sum += v
			low, high = math.Min(low, v), math.Max(high, v)
		}
		b.mean = append(b.mean, sum/float64(len(runs)))
		b.low, b.high = append(b.low, low), append(b.high, high)
	}
	return b
}

// metric is the quantity of a band that a column of the table holds.
func metric(name string) func(*Run) []float64 {
	return func(r *Run) []float64 { return r.Curve(name) }
}

// widest returns the largest range over the seeds at any step. It is 0 when all
// seeds gave one and the same curve.
func (b seedBand) widest() float64 {
	widest := 0.0
	for i := range b.mean {
		widest = math.Max(widest, b.high[i]-b.low[i])
	}
	return widest
}

// last returns the mean at the last step, and final the least, mean and greatest. All
// are NaN where nothing was recorded.
func (b seedBand) last() float64 {
	_, mean, _ := b.final()
	return mean
}

func (b seedBand) final() (low, mean, high float64) {
	last := len(b.mean) - 1
	if last < 0 {
		return math.NaN(), math.NaN(), math.NaN()
	}
	return b.low[last], b.mean[last], b.high[last]
}

// series returns the band as a simulation is drawn.
func (b seedBand) series(label string, colour int) figure.Series {
	return figure.Series{Label: label, X: b.steps, Y: b.mean, Low: b.low, High: b.high, Color: colour}
}

// level is a horizontal line across the steps, such as an asymptote.
func (b seedBand) level(label string, value float64, style figure.Style, colour int) figure.Series {
	end := b.steps[len(b.steps)-1]
	return figure.Series{Label: label, X: []float64{0, end}, Y: []float64{value, value}, Style: style, Color: colour}
}
