package study

import (
	"context"
	"math"
	"slices"

	"modspec/engine/dataset"
	"modspec/engine/figure"
	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/prediction"
)

// quadrantNorms are the four quadrants as figures name and draw them.
var quadrantNorms = []struct {
	label string
	of    func(dataset.Quadrants) float64 // the Frobenius norm
}{
	{"Ωx→Ωy", func(q dataset.Quadrants) float64 { return math.Sqrt(q.OmegaOmega) }},
	{"Γx→Ωy", func(q dataset.Quadrants) float64 { return math.Sqrt(q.GammaOmega) }},
	{"Ωx→Γy", func(q dataset.Quadrants) float64 { return math.Sqrt(q.OmegaGamma) }},
	{"Γx→Γy", func(q dataset.Quadrants) float64 { return math.Sqrt(q.GammaGamma) }},
}

// A comparison is one copy's run beside what theory says of it: with one start
// for each mode, and with one for each direction of each mode. All three share
// their steps.
type comparison struct {
	run        linear.Run
	eta        float64
	theory     *prediction.Predictor
	means      prediction.Starts // one for each mode
	final      dataset.Quadrants // of theory, all modes at their asymptotes
	byMode     []prediction.Sample
	directions []prediction.Sample
}

// predict trains a setting, recorded at every step, and predicts each seed.
func (s setting) predict(ctx context.Context, backend linear.Backend, seeds int) ([]comparison, error) {
	s.every = 1
	job := s.job(seeds)
	runs, err := linear.Collect(ctx, backend, job)
	if err != nil {
		return nil, err
	}
	predictions := make([]comparison, seeds)
	for i, run := range runs {
		if predictions[i], err = newComparison(job, i, run); err != nil {
			return nil, err
		}
	}
	return predictions, nil
}

func newComparison(job *linear.Job, i int, run linear.Run) (comparison, error) {
	pr := comparison{run: run, eta: job.Copies[i].LearningRate}
	arch, weights, err := job.Start(i)
	if err != nil {
		return pr, err
	}
	pr.theory = prediction.New(job.Copies[i].Task.Point, arch)
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

// trajectory predicts the run at its own steps.
func (pr *comparison) trajectory(starts prediction.Starts, time prediction.Time) ([]prediction.Sample, error) {
	steps := make([]int, len(pr.run.Trajectory))
	for i, o := range pr.run.Trajectory {
		steps[i] = o.Step
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
	for i, o := range pr.run.Trajectory {
		for _, q := range quadrantNorms {
			largest = math.Max(largest, math.Abs(q.of(predicted[i].Quadrants)-q.of(o.Quadrants))/q.of(pr.final))
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
	for i, o := range pr.run.Trajectory {
		for k, m := range pr.theory.Modes {
			largest = math.Max(largest, math.Abs(predicted[i].Modes[k]-o.Modes[k])/m.Asymptote())
		}
	}
	return largest
}

// sharesSteps reports whether a prediction has exactly the run's steps.
func (pr *comparison) sharesSteps(predicted []prediction.Sample) bool {
	return slices.EqualFunc(predicted, pr.run.Trajectory, func(s prediction.Sample, o linear.Observation) bool { return s.Step == o.Step })
}

// byModeQuadrants and directionQuadrants are the deviations of the two
// predictions of quadrant norms.
func byModeQuadrants(pr *comparison) float64    { return pr.quadrantDeviation(pr.byMode) }
func directionQuadrants(pr *comparison) float64 { return pr.quadrantDeviation(pr.directions) }

// finalDeviation returns the largest distance of a quadrant norm at the last
// step from its asymptotic formula, as a share of the latter.
func (pr *comparison) finalDeviation() float64 {
	largest, last := 0.0, pr.run.Last().Quadrants
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

// quadrantPanel draws quadrant norms: simulation solid, a prediction dashed,
// asymptotic formulas dotted.
func quadrantPanel(title string, pr *comparison, predicted []prediction.Sample) figure.Panel {
	panel := figure.Panel{Title: title, XLabel: "step", YLabel: "norm"}
	steps := recordedSteps(pr.run)
	for k, q := range quadrantNorms {
		theirs := make([]float64, len(predicted))
		for i, s := range predicted {
			theirs[i] = q.of(s.Quadrants)
		}
		panel.Series = append(panel.Series,
			figure.Series{X: []float64{0, steps[len(steps)-1]}, Y: []float64{q.of(pr.final), q.of(pr.final)}, Style: figure.Dotted, Color: k},
			figure.Series{Label: q.label, X: steps, Y: column(pr.run, func(o linear.Observation) float64 { return q.of(o.Quadrants) }), Color: k},
			figure.Series{X: steps, Y: theirs, Style: figure.Dashed, Color: k})
	}
	return panel
}

// modePanel draws mode strengths, simulation solid and a prediction dashed.
// Modes of the same kind in different modules take the next colours.
func modePanel(title string, pr *comparison, predicted []prediction.Sample) figure.Panel {
	panel := figure.Panel{Title: title, XLabel: "step", YLabel: "mode strength"}
	steps := recordedSteps(pr.run)
	for k, m := range pr.theory.Modes {
		theirs := make([]float64, len(predicted))
		for i, s := range predicted {
			theirs[i] = s.Modes[k]
		}
		panel.Series = append(panel.Series,
			figure.Series{Label: modeLabel(m.Mode), X: steps, Y: column(pr.run, func(o linear.Observation) float64 { return o.Modes[k] }), Color: k},
			figure.Series{X: steps, Y: theirs, Style: figure.Dashed, Color: k})
	}
	return panel
}
