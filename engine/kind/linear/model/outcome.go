package model

import (
	"math"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/prediction"
	"modspec/engine/network"
)

// An outcome is what the summaries of all copies of one point share: which of a
// module's modes goes to which column, where every quantity ends, and what theory can
// predict. It is not changed once it is made.
type outcome struct {
	arch      network.Architecture // at the point
	predictor *prediction.Predictor
	kind      string // of prediction
	eta       float64
	steps     []int // that are recorded
	timed     bool  // whether times to half mean anything: more is recorded than both ends
	ends      goals // where learning ends; NaN where that is unknown
	halves    goals // what must be reached for t½, as goals are compared
}

// goals are one number for each thing that has a time to half: the four kinds of
// mode, then the quadrants in the order of dataset.Quadrants. A quadrant's is
// its squared norm.
type goals [8]float64

func nowhere() goals {
	var g goals
	for i := range g {
		g[i] = math.NaN()
	}
	return g
}

func (g *goals) setQuadrants(q dataset.Quadrants) {
	g[4], g[5], g[6], g[7] = q.OmegaOmega, q.GammaOmega, q.OmegaGamma, q.GammaGamma
}

// newOutcome prepares for the copies that share a task, a network and how long
// they are trained. The copy must have passed linear.Job.Check. steps are those that the
// job records: one list for all its outcomes.
func newOutcome(job *linear.Job, c *linear.Copy, steps []int) (*outcome, error) {
	arch, err := job.Architecture.At(c.Task.Point)
	if err != nil {
		return nil, err
	}
	o := &outcome{
		arch: arch, predictor: prediction.New(c.Task.Point, arch), eta: c.LearningRate, steps: steps,
		ends: nowhere(), halves: nowhere(),
	}
	o.kind, _ = o.predictor.Kind(c, false)
	o.timed = len(o.steps) > 2
	if !arch.Overlaps() {
		o.setEnds()
	}
	return o, nil
}

// setEnds fills in where modes and quadrants end, λ/δ and what follows from it,
// and what counts as half: half a mode's strength, and a quarter of a quadrant's
// squared norm, which is half its norm.
func (o *outcome) setEnds() {
	strengths, q := o.predictor.End()
	for k, mode := range o.predictor.Modes {
		o.ends[mode.Column] = strengths[k]
	}
	o.ends.setQuadrants(q)
	if !o.timed {
		return
	}
	for i, end := range o.ends {
		share := 0.5
		if i >= 4 {
			share = 0.25
		}
		// A quadrant that ends at 0 has no half: it may be there from the start.
		if end > 0 {
			o.halves[i] = share * end
		}
	}
}
