package backendtest

import (
	"fmt"
	"math"
	"math/rand/v2"

	"modspec/engine/kind/linear"
)

// An expectation is what a copy should record and end with, and how far rounding
// may carry a backend away from it.
//
// A step adds terms up in nested sums that are at most length long altogether, so each
// new weight is off by at most length·u times the sum of its terms' absolute values.
// How such errors evolve depends on the dynamics: near the saddle they grow with the
// modes, at the end they decay. So the training is repeated several times with every
// weight disturbed after every step, at random and by up to noise times those absolute
// values, and the largest deviation in each group of results is scaled from noise to
// length·u. (This is Monte Carlo arithmetic. Roundings are less random than the
// disturbance, but typically √length times smaller than the bound that it stands for,
// and the bound counts twice, once for either computation.)
//
// Group by group the deviation is relative to the group's largest number.
type expectation struct {
	oracle       *oracle
	final        weights
	observations []linear.Observation
	groups       []group
}

// group is a set of results that share one scale.
type group struct {
	name   string
	values []float64
	scale  float64 // what roundings are relative to
	bound  float64 // largest deviation from values
}

const (
	// disturbedRuns is how many disturbed trainings stand for all roundings. A group
	// has many numbers over many steps, so a dozen runs find its worst within a
	// small factor, and the bound is larger by more than that; see expectation.
	disturbedRuns = 12
	// noise is small enough to leave the disturbance linear and large enough that the
	// roundings of the disturbed runs themselves are negligible.
	noise = 0x1p-26
)

// expect trains copy i of a job with plain loops.
func expect(job *linear.Job, i int, tol Tolerance) (*expectation, error) {
	o, start, err := newOracle(job, i)
	if err != nil {
		return nil, err
	}
	x := &expectation{oracle: o}
	record := job.Schedule.Steps(job.Steps)
	plain := func(_ int, _, after weights) weights { return after }
	x.final, x.observations = o.train(start, job.Steps, record, plain)
	x.groups = o.groups(x.final, x.observations)

	length := o.length()
	worst := make([]float64, len(x.groups))
	for run := range uint64(disturbedRuns) {
		rng := rand.New(rand.NewPCG(run, uint64(i)))
		disturb := func(step int, before, after weights) weights {
			return disturbed(rng, noise, after, o.step(before, o.batch(step), true))
		}
		// The initial weights are rounded once, when a backend takes them over.
		first := disturbed(rng, noise/length, start, start.each(matrix.abs))
		final, observations := o.train(first, job.Steps, record, disturb)
		for g, other := range o.groups(final, observations) {
			worst[g] = math.Max(worst[g], deviation(x.groups[g].values, other.values))
		}
	}
	for g := range x.groups {
		// Measuring adds the roundings of its own sums, relative to the scale.
		amplified := length*worst[g]/noise + 2*length*x.groups[g].scale
		x.groups[g].bound = 2 * tol.Roundoff * amplified
		if math.IsNaN(amplified) || math.IsInf(amplified, 0) {
			return nil, fmt.Errorf("the suite's own training of copy %d diverges", i)
		}
	}
	return x, nil
}

// disturbed returns w with each element moved by up to amount times its size.
func disturbed(rng *rand.Rand, amount float64, w, sizes weights) weights {
	out := w.each(matrix.clone)
	for m := range out {
		for l := range out[m] {
			for i, row := range out[m][l] {
				for j := range row {
					row[j] += amount * (2*rng.Float64() - 1) * sizes[m][l][i][j]
				}
			}
		}
	}
	return out
}

// length bounds the roundings on the way into one weight, in whatever form the
// backend puts a step (by examples, by correlations, in reduced coordinates): the
// sums over inputs, outputs, examples and hidden units, twice, because a map
// enters both the error and what the error is multiplied with, and some
// conversions, products and quotients for each layer and mode.
func (o *oracle) length() float64 {
	sums, few := o.inputs+o.outputs+len(o.x), 0
	for _, m := range o.modules {
		few += 2 + len(m.hidden) + len(m.modes)
		for _, h := range m.hidden {
			sums += h
		}
	}
	return float64(2*sums + 8*few)
}

// train makes the steps of a run and observes the recorded ones; disturb may
// change the weights after each step.
func (o *oracle) train(w weights, steps int, record []int, disturb func(step int, before, after weights) weights) (weights, []linear.Observation) {
	var observations []linear.Observation
	for step := 0; ; step++ {
		if len(record) > 0 && record[0] == step {
			observations = append(observations, o.observe(step, w))
			record = record[1:]
		}
		if step == steps {
			return w, observations
		}
		w = disturb(step, w, o.step(w, o.batch(step), false))
	}
}
