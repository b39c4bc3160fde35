package study

import (
	"math"

	"modspec/engine/dataset"
	"modspec/engine/theory"
)

// modeOf returns the first mode of a kind among a network's modules, as one
// direction and without starts, its multiplicity, and how many stronger
// directions its module has. Without such a mode the multiplicity is 0.
func (s iterated) modeOf(kind theory.Kind) (set directionSet, multiplicity, stronger int) {
	for _, module := range s.arch.Modules {
		stronger = 0
		for _, m := range theory.Modes(s.task.Point, module.View()) {
			if m.Kind == kind {
				multiplicity, m.Multiplicity = m.Multiplicity, 1
				return directionSet{mode: m, hidden: len(module.Hidden)}, multiplicity, stronger
			}
			stronger += m.Multiplicity
		}
	}
	return directionSet{}, 0, 0
}

// lifetime returns e^{x−L}/x for the first mode of a kind in a network: about the
// number of generations that it lasts (see cutSteps). Without such a mode it is NaN,
// as that mode's asymptote is.
func (s iterated) lifetime(kind theory.Kind) float64 {
	set, _, _ := s.modeOf(kind)
	x := 2 * s.eta * set.mode.SingularValue * float64(s.steps)
	return math.Exp(x) * theory.MeanDeepStart(hidden, s.scale) / set.mode.Asymptote() / x
}

// leastKept returns what share of its strength the first mode of a kind keeps
// through all generations from the least of its starts in all seeds. A mode that
// keeps nearly all of it loses in proportion to 1/a(0), which is what leastStart
// is for.
func (s iterated) leastKept(kind theory.Kind) float64 {
	set, multiplicity, stronger := s.modeOf(kind)
	if multiplicity == 0 {
		return math.NaN()
	}
	start := leastStart(hidden, stronger, multiplicity, s.scale, s.seeds)
	strength := set.mode.Asymptote()
	for range s.generations {
		strength = set.learn(strength, start, s.eta, s.steps)
	}
	return strength / set.mode.Asymptote()
}

// shallowKept returns the share of its labels that a generation leaves the
// shallow network of its fastest mode: 1 − (1−ηδ)^T for the largest δ.
func (s iterated) shallowKept() float64 {
	slowest := 1.0
	for _, m := range theory.Modes(s.task.Point, dataset.Whole) {
		slowest = math.Min(slowest, math.Pow(1-s.eta*m.InputEigenvalue, float64(s.steps)))
	}
	return 1 - slowest
}

// predictPurge returns the share of starts, of so many seeds beyond the study's
// own, from which theory has the last generation end purged. It trains nothing.
func (s iterated) predictPurge(starts int) (float64, error) {
	job := s.job(s.seeds + starts)
	predicted := make([]lineage, starts)
	for i := range predicted {
		l, err := s.predict(job, s.seeds+i)
		if err != nil {
			return 0, err
		}
		l.measured = l.predicted
		predicted[i] = l
	}
	return shareOf(predicted, (*lineage).isPurged), nil
}
