package model

import (
	"math"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/results"
	"modspec/engine/theory"
)

// An outcome is what all copies of one point share when their runs are written
// down: which of a module's modes goes to which column, where every quantity
// ends, and what theory can predict. It is not changed once it is made.
type outcome struct {
	point   dataset.Point
	arch    network.Architecture // at the point
	modules []moduleOutcome
	eta     float64
	steps   []int // that are recorded
	timed   bool  // whether times to half mean anything: more is recorded than both ends
	kind    string
	ends    goals // where learning ends; NaN where that is unknown
	halves  goals // what must be reached for t½, as goals are compared
	// rest is the loss that learning cannot change; Total is left out.
	rest linear.Losses
}

// moduleOutcome is one module of a network as it is at the point.
type moduleOutcome struct {
	view    theory.View
	hidden  int // hidden layers
	modes   []theory.Mode
	columns []int        // of each mode, 0 to 3, or −1 where it has none
	units   [][4]float64 // the quadrants of each mode at strength 1
	starts  *starter
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
		point: c.Task.Point, arch: arch, eta: c.LearningRate, steps: steps,
		ends: nowhere(), halves: nowhere(),
	}
	o.timed = len(o.steps) > 2
	overlaps := arch.Overlaps()
	o.kind = predictable(arch, c)
	for _, m := range arch.Modules {
		o.modules = append(o.modules, newModuleOutcome(o.point, m, overlaps, o.kind))
	}
	if !overlaps {
		o.setEnds()
		o.setRest()
	}
	return o, nil
}

// predictable says what theory can predict of a copy. What it knows is gradient
// descent on the whole dataset; a copy that starts from weights of its own is no
// exception, for theory starts from them too.
func predictable(arch network.Architecture, c *linear.Copy) string {
	if c.Rule != (network.Rule{}) || c.Task.TrainCount() < c.Task.Point.Examples() || c.Task.Teacher != nil || arch.Overlaps() {
		return results.PredictionNone
	}
	kind := results.PredictionDiscrete
	if c.Task.Batch != 0 && c.Task.Batch < c.Task.TrainCount() {
		kind = results.PredictionAsymptote
	}
	for _, m := range arch.Modules {
		if len(m.Hidden) > 1 {
			kind = results.PredictionAsymptote // there is no parameter-free start
		}
	}
	return kind
}

func newModuleOutcome(p dataset.Point, m network.Module, overlaps bool, kind string) moduleOutcome {
	out := moduleOutcome{view: m.View(), hidden: len(m.Hidden), modes: theory.Modes(p, m.View())}
	for _, mode := range out.modes {
		column := int(mode.Kind - theory.Asked)
		if overlaps {
			column = -1
		}
		out.columns = append(out.columns, column)
		var unit goals
		unit.setQuadrants(theory.Quadrants([]theory.Mode{mode}, []float64{1}))
		out.units = append(out.units, [4]float64(unit[4:]))
	}
	if kind == results.PredictionDiscrete {
		out.starts = newStarter(p, m.View(), out.modes)
	}
	return out
}

// setEnds fills in where modes and quadrants end, λ/δ and what follows from it,
// and what counts as half: half a mode's strength, and a quarter of a quadrant's
// squared norm, which is half its norm.
func (o *outcome) setEnds() {
	var q dataset.Quadrants
	for i := range o.modules {
		m := &o.modules[i]
		for j, mode := range m.modes {
			o.ends[m.columns[j]] = mode.Asymptote()
		}
		q = q.Add(theory.FinalQuadrants(o.point, m.view))
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

// setRest fills in the loss that learning cannot change.
func (o *outcome) setRest() {
	var views []theory.View
	for i := range o.modules {
		views = append(views, o.modules[i].view)
	}
	o.rest.Omega, o.rest.Gamma = theory.Unlearned(o.point, views)
}
