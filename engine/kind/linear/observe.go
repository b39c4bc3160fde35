package linear

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/network"
)

// Losses are ½ · mean over a set of examples of the squared error ‖y − ŷ‖²,
// whole and by output block; Total = Omega + Gamma.
type Losses struct {
	Total float64
	Omega float64 // over Ω_y's rows
	Gamma float64 // over Γ_y's rows
}

// An Observation is what is recorded of a copy at one step.
type Observation struct {
	Step      int
	Train     Losses
	Test      Losses // NaN when every example is trained on
	Quadrants dataset.Quadrants
	// Modes are the strengths uᵀMv of the modes of each module's own map, module
	// by module, each in the order of theory.Modes: the mean over the mode's
	// directions.
	Modes         []float64
	Systematicity float64 // NaN where the network has no Ω_y output
}

// Finite reports whether the losses and quadrants can be represented; past that
// a copy counts as diverged.
func (o *Observation) Finite() bool {
	q := o.Quadrants
	sum := o.Train.Total + q.OmegaOmega + q.GammaOmega + q.OmegaGamma + q.GammaGamma
	return !math.IsNaN(sum) && !math.IsInf(sum, 0)
}

// An Observer measures the maps of one network. It is prepared once for a task
// and architecture and then used at every recorded step; it is not safe for
// use by several goroutines at once.
type Observer struct {
	task       *Task
	arch       network.Architecture
	targets    *mat.Dense // labels, n_out × P
	trained    []bool     // by example
	projectors []*projector
	// Room that every observation uses again.
	whole, answers *mat.Dense
}

// NewObserver prepares an observer. The task must have passed Check and the
// architecture must be the one at the task's point. It returns an error if the
// map or its answers are too large to form.
func NewObserver(task *Task, arch network.Architecture) (*Observer, error) {
	p := task.Point
	if err := p.CheckMap(); err != nil {
		return nil, err
	}
	o := &Observer{task: task, arch: arch}
	var err error
	if o.targets, err = task.Targets(); err != nil {
		return nil, err
	}
	o.trained = make([]bool, p.Examples())
	for e := range o.trained {
		o.trained[e] = task.Examples == nil
	}
	for _, e := range task.Examples {
		o.trained[e] = true
	}
	o.whole = mat.NewDense(p.Outputs(), p.Inputs(), nil)
	o.answers = mat.NewDense(p.Outputs(), p.Examples(), nil)
	signs := make([][]float64, p.Bits)
	for bit := range signs {
		signs[bit] = make([]float64, p.Examples())
		for e := range signs[bit] {
			signs[bit][e] = p.Omega(bit, e)
		}
	}
	for _, module := range arch.Modules {
		o.projectors = append(o.projectors, newProjector(p, module.View(), signs))
	}
	return o, nil
}

// Observe measures the network whose modules have the given maps (module m's is
// its outputs × inputs) after a step.
func (o *Observer) Observe(step int, maps []*mat.Dense) Observation {
	p := &o.task.Point
	o.whole.Zero()
	o.answers.Zero()
	obs := Observation{Step: step}
	for m, module := range o.arch.Modules {
		part := module.Part(o.whole, *p)
		part.Add(part, maps[m])
		obs.Modes = append(obs.Modes, o.projectors[m].strengths(maps[m])...)
		lo, hi := p.OutputRange(module.Writes)
		answers := o.answers.Slice(lo, hi, 0, p.Examples()).(*mat.Dense)
		p.AddApplied(answers, maps[m], module.Reads)
	}
	obs.Train, obs.Test = o.losses(o.answers)
	obs.Quadrants = p.Quadrants(o.whole)
	obs.Systematicity = obs.Quadrants.Systematicity()
	return obs
}

// losses returns the training and test losses of the answers Ŷ, n_out × P. They
// are computed from the residuals, not from second moments, so that a small
// loss keeps its digits.
func (o *Observer) losses(answers *mat.Dense) (train, test Losses) {
	ny := o.task.Point.NY()
	counts := [2]float64{}
	for _, trained := range o.trained {
		counts[index(trained)]++
	}
	sums := [2][2]float64{} // by set of examples, then by output block
	rows, _ := answers.Dims()
	for i := 0; i < rows; i++ {
		want, got := o.targets.RawRowView(i), answers.RawRowView(i)
		for e, trained := range o.trained {
			r := want[e] - got[e]
			sums[index(trained)][index(i < ny)] += r * r
		}
	}
	of := func(set int) Losses {
		// 0/0 gives the NaN that stands for an empty set of examples.
		l := Losses{Omega: sums[set][1] / (2 * counts[set]), Gamma: sums[set][0] / (2 * counts[set])}
		l.Total = l.Omega + l.Gamma
		return l
	}
	return of(1), of(0)
}

func index(b bool) int {
	if b {
		return 1
	}
	return 0
}
