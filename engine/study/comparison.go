package study

import (
	"fmt"
	"math"
	"slices"

	"modspec/engine/dataset"
	"modspec/engine/figure"
	"modspec/engine/kind/linear/prediction"
	"modspec/engine/network"
)

// A comparison is a run of a linear network beside what theory says of it: with one
// start for each mode, and with one for each direction of each mode. All three share
// their steps.
type comparison struct {
	point      dataset.Point
	arch       network.Architecture
	eta, scale float64 // η, σ
	theory     *prediction.Predictor
	means      prediction.Starts // one for each mode
	final      dataset.Quadrants // of theory, all modes at their asymptotes
	measured   []prediction.Sample
	diverged   bool
	byMode     []prediction.Sample
	directions []prediction.Sample
}

// compare predicts each run of a table.
func compare(t *Table) ([]comparison, error) {
	list := make([]comparison, len(t.Runs))
	for i := range t.Runs {
		var err error
		if list[i], err = newComparison(&t.Runs[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func newComparison(run *Run) (comparison, error) {
	c, arch, weights, err := startOf(run)
	if err != nil {
		return comparison{}, err
	}
	pr := comparison{
		point: c.Task.Point, arch: arch, eta: c.LearningRate, scale: c.InitScale,
		theory: prediction.New(c.Task.Point, arch),
	}
	if len(run.Steps) == 0 {
		return pr, fmt.Errorf("nothing was recorded of the network of seed %d on %v", run.Seed, pr.point)
	}
	pr.measured, pr.diverged = samplesOf(run, pr.theory), run.Diverged
	_, pr.final = pr.theory.End()
	pr.means = prediction.EachMode(pr.theory.MeanStarts(weights))
	if pr.byMode, err = pr.trajectory(pr.means, prediction.Discrete); err != nil {
		return pr, err
	}
	starts, err := pr.theory.Starts(nil, weights)
	if err != nil {
		return pr, err
	}
	pr.directions, err = pr.trajectory(starts, prediction.Discrete)
	return pr, err
}

// samplesOf returns a run in the form of a prediction.
func samplesOf(run *Run, theory *prediction.Predictor) []prediction.Sample {
	samples, quadrants := make([]prediction.Sample, len(run.Steps)), run.quadrants()
	for i, step := range run.Steps {
		samples[i] = prediction.Sample{Step: step, Quadrants: quadrants[i]}
	}
	for _, m := range theory.Modes {
		curve := run.Curve(fmt.Sprintf("mode_%d", m.Column+1))
		for i := range samples {
			samples[i].Modes = append(samples[i].Modes, curve[i])
		}
	}
	return samples
}

// steps returns the last recorded step.
func (pr *comparison) steps() int { return pr.measured[len(pr.measured)-1].Step }

// trajectory predicts the run at its own steps.
func (pr *comparison) trajectory(starts prediction.Starts, time prediction.Time) ([]prediction.Sample, error) {
	steps := make([]int, len(pr.measured))
	for i, m := range pr.measured {
		steps[i] = m.Step
	}
	var c prediction.Curves
	err := pr.theory.Follow(&c, starts, pr.eta, steps, time)
	return c.Samples(), err
}

// quadrantDeviation returns the largest distance of predicted from measured
// quadrant norms over quadrants and steps, each as a share of the quadrant's
// final norm. It is NaN, which passes no claim, unless the two share their steps.
func (pr *comparison) quadrantDeviation(predicted []prediction.Sample) float64 {
	if !pr.sharesSteps(predicted) {
		return math.NaN()
	}
	largest := 0.0
	for i, m := range pr.measured {
		for _, q := range quadrantNorms {
			largest = math.Max(largest, math.Abs(q.of(predicted[i].Quadrants)-q.of(m.Quadrants))/q.of(pr.final))
		}
	}
	return largest
}

// modeDeviation does the same for mode strengths, as shares of asymptotes.
func (pr *comparison) modeDeviation(predicted []prediction.Sample) float64 {
	if !pr.sharesSteps(predicted) {
		return math.NaN()
	}
	largest := 0.0
	for i, m := range pr.measured {
		for k, mode := range pr.theory.Modes {
			largest = math.Max(largest, math.Abs(predicted[i].Modes[k]-m.Modes[k])/mode.Asymptote())
		}
	}
	return largest
}

// sharesSteps reports whether a prediction has exactly the run's steps, and the run came
// to its end.
func (pr *comparison) sharesSteps(predicted []prediction.Sample) bool {
	return !pr.diverged && slices.EqualFunc(predicted, pr.measured, func(a, b prediction.Sample) bool { return a.Step == b.Step })
}

// byModeQuadrants and directionQuadrants are the deviations of the two
// predictions of quadrant norms.
func byModeQuadrants(pr *comparison) float64    { return pr.quadrantDeviation(pr.byMode) }
func directionQuadrants(pr *comparison) float64 { return pr.quadrantDeviation(pr.directions) }

// finalDeviation returns the largest distance of a quadrant norm at the last
// step from its asymptotic formula, as a share of the latter; NaN if the run diverged.
func (pr *comparison) finalDeviation() float64 {
	if pr.diverged {
		return math.NaN()
	}
	largest, last := 0.0, pr.measured[len(pr.measured)-1].Quadrants
	for _, q := range quadrantNorms {
		largest = math.Max(largest, math.Abs(q.of(last)/q.of(pr.final)-1))
	}
	return largest
}

// largestOf returns the largest of one quantity over seeds, and smallestOf the
// smallest. One NaN makes either NaN, which passes no claim.
func largestOf[T any](seeds []T, of func(*T) float64) float64 {
	largest := math.Inf(-1)
	for i := range seeds {
		largest = math.Max(largest, of(&seeds[i]))
	}
	return largest
}

func smallestOf[T any](seeds []T, of func(*T) float64) float64 {
	return -largestOf(seeds, func(s *T) float64 { return -of(s) })
}

// values returns one quantity of each element of a list.
func values[T any](list []T, of func(T) float64) []float64 {
	out := make([]float64, len(list))
	for i, v := range list {
		out[i] = of(v)
	}
	return out
}

func stepOf(s prediction.Sample) float64 { return float64(s.Step) }

// quadrantPanel draws quadrant norms: simulation solid, a prediction dashed,
// asymptotic formulas dotted.
func quadrantPanel(title string, pr *comparison, predicted []prediction.Sample) figure.Panel {
	panel := figure.Panel{Title: title, XLabel: "step", YLabel: "norm"}
	steps := values(pr.measured, stepOf)
	for k, q := range quadrantNorms {
		norm := func(s prediction.Sample) float64 { return q.of(s.Quadrants) }
		panel.Series = append(panel.Series,
			figure.Series{X: []float64{0, steps[len(steps)-1]}, Y: []float64{q.of(pr.final), q.of(pr.final)}, Style: figure.Dotted, Color: k},
			figure.Series{Label: q.label, X: steps, Y: values(pr.measured, norm), Color: k},
			figure.Series{X: steps, Y: values(predicted, norm), Style: figure.Dashed, Color: k})
	}
	return panel
}

// modePanel draws mode strengths, simulation solid and a prediction dashed.
// Modes of the same kind in different modules take the next colours.
func modePanel(title string, pr *comparison, predicted []prediction.Sample) figure.Panel {
	panel := figure.Panel{Title: title, XLabel: "step", YLabel: "mode strength"}
	steps := values(pr.measured, stepOf)
	for k, m := range pr.theory.Modes {
		strength := func(s prediction.Sample) float64 { return s.Modes[k] }
		panel.Series = append(panel.Series,
			figure.Series{Label: modeLabel(m.Mode), X: steps, Y: values(pr.measured, strength), Color: k},
			figure.Series{X: steps, Y: values(predicted, strength), Style: figure.Dashed, Color: k})
	}
	return panel
}
