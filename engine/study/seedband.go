package study

import (
	"math"

	"modspec/engine/figure"
	"modspec/engine/kind/linear"
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
func newSeedBand(runs []linear.Run, of func(linear.Observation) float64) seedBand {
	b := seedBand{seeds: len(runs)}
	for _, run := range runs {
		if len(run.Trajectory) > len(b.steps) {
			b.steps = recordedSteps(run)
		}
	}
	for i := range b.steps {
		sum, low, high := 0.0, math.Inf(1), math.Inf(-1)
		for _, run := range runs {
			v := math.NaN()
			if i < len(run.Trajectory) {
				v = of(run.Trajectory[i])
			}
			sum += v
			low, high = math.Min(low, v), math.Max(high, v)
		}
		b.mean = append(b.mean, sum/float64(len(runs)))
		b.low, b.high = append(b.low, low), append(b.high, high)
	}
	return b
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

// last returns the mean at the last step.
func (b seedBand) last() float64 { return b.mean[len(b.mean)-1] }

// series returns the band as a simulation is drawn.
func (b seedBand) series(label string, colour int) figure.Series {
	return figure.Series{Label: label, X: b.steps, Y: b.mean, Low: b.low, High: b.high, Color: colour}
}

// level is a horizontal line across the steps, such as an asymptote.
func (b seedBand) level(label string, value float64, style figure.Style, colour int) figure.Series {
	end := b.steps[len(b.steps)-1]
	return figure.Series{Label: label, X: []float64{0, end}, Y: []float64{value, value}, Style: style, Color: colour}
}
