package model

import (
	"math"
	"sync"

	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/prediction"
	"modspec/engine/network"
	"modspec/engine/results"
)

// startsOf fills in a(0) of each direction of each mode from a copy's initial weights,
// where a prediction starts from them. Weights too large for theory give starts that are
// not finite, from which there is no prediction.
func (o *outcome) startsOf(s prediction.Starts, w *network.Weights) prediction.Starts {
	if o.kind == results.PredictionDiscrete {
		s, _ = o.predictor.Starts(s, w)
	}
	return s
}

// A forecast is memory for one prediction, used again by the next.
type forecast struct {
	curves    prediction.Curves
	strengths []float64 // at the last step
}

var forecasts = sync.Pool{New: func() any { return new(forecast) }}

// predict appends theory's columns of a summary, but for the first, which says what kind
// of prediction they are. starts are those of startsOf.
func (o *outcome) predict(starts prediction.Starts, summary []results.Value) []results.Value {
	f := forecasts.Get().(*forecast)
	defer forecasts.Put(f)
	at, times, losses := nowhere(), nowhere(), unknownLosses
	switch o.kind {
	case results.PredictionDiscrete:
		c := &f.curves
		if o.predictor.Follow(c, starts, o.eta, o.steps, prediction.Discrete) != nil {
			break // the starts are not finite
		}
		f.strengths = f.strengths[:0]
		last := len(o.steps) - 1
		for k, mode := range o.predictor.Modes {
			at[mode.Column] = c.Modes[k][last]
			f.strengths = append(f.strengths, c.Modes[k][last])
			times[mode.Column] = o.crossing(mode.Column, func(i int) float64 { return c.Modes[k][i] })
		}
		at.setQuadrants(c.Quadrants[last])
		for q := 4; q < len(times); q++ {
			times[q] = o.crossing(q, func(i int) float64 {
				var now goals
				now.setQuadrants(c.Quadrants[i])
				return now[q]
			})
		}
		losses = o.predictor.Losses(f.strengths)
	case results.PredictionAsymptote:
		at = o.ends
		strengths, _ := o.predictor.End()
		losses = o.predictor.Losses(strengths)
	}
	var s state
	s.set(&at, losses, linear.Losses{}, at[4]/(at[4]+at[5]))
	summary = appendNumbers(summary, s[:testAt]) // theory has no test loss
	summary = appendNumbers(summary, s[quadrantsAt:])
	return appendNumbers(summary, times[:])
}

func appendNumbers(to []results.Value, numbers []float64) []results.Value {
	for _, v := range numbers {
		to = append(to, results.Value{Number: v})
	}
	return to
}

// crossing returns when a curve at the recorded steps reaches the half of goal i.
// Quadrants are followed by their squared norms, and interpolated by their norms.
func (o *outcome) crossing(i int, curve func(recorded int) float64) float64 {
	if math.IsNaN(o.halves[i]) {
		return math.NaN()
	}
	var t passage
	for j, step := range o.steps {
		if t.see(i, step, curve(j), o.halves[i]) {
			return t.at
		}
	}
	return math.NaN()
}
