package train

import (
	"math"
	"math/bits"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/network"
	"modspec/engine/theory"
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
	task    *Linear
	arch    network.Architecture
	targets *mat.Dense // labels, n_out × P
	truth   *mat.Dense // Y itself, n_out × P: modes belong to the dataset, not to a teacher
	trained []bool     // by example
	modes   [][]direction
	signs   [][]float64 // Ω, a row for each bit
	// Room that every observation uses again.
	whole, answers *mat.Dense
	answer, gamma  []*mat.Dense // of each module alone; gamma: see apply
}

// direction holds what is needed to project a module's map on one kind of mode.
type direction struct {
	bits  []int   // the rows of Ω that belong to it, for kinds that are single bits
	rest  bool    // the kind that is no single bit: everything but bits
	count float64 // multiplicity
	norm  float64 // ‖X·w‖·‖Y·w‖ for a unit-length Walsh function w; without r² for the rest
}

// NewObserver prepares an observer. The task must have passed Check and the
// architecture must be the one at the task's point. It returns an error if Y is
// too large to form.
func NewObserver(task *Linear, arch network.Architecture) (*Observer, error) {
	o := &Observer{task: task, arch: arch}
	var err error
	if o.truth, err = task.Point.Y(); err != nil {
		return nil, err
	}
	if o.targets, err = task.Targets(); err != nil {
		return nil, err
	}
	o.trained = make([]bool, task.Point.Examples())
	for e := range o.trained {
		o.trained[e] = task.Examples == nil
	}
	for _, e := range task.Examples {
		o.trained[e] = true
	}
	p := task.Point
	for bit := range p.Bits {
		row := make([]float64, p.Examples())
		for e := range row {
			row[e] = p.Omega(bit, e)
		}
		o.signs = append(o.signs, row)
	}
	o.whole = mat.NewDense(p.Outputs(), p.Inputs(), nil)
	o.answers = mat.NewDense(p.Outputs(), p.Examples(), nil)
	for _, module := range arch.Modules {
		o.modes = append(o.modes, directions(p, module.View()))
		lo, hi := p.OutputRange(module.Writes)
		o.answer = append(o.answer, mat.NewDense(hi-lo, p.Examples(), nil))
		o.gamma = append(o.gamma, mat.NewDense(hi-lo, p.Examples(), nil))
	}
	return o, nil
}

func directions(p dataset.Point, v theory.View) []direction {
	var list []direction
	for _, m := range theory.Modes(p, v) {
		d := direction{rest: m.Kind == theory.Other, count: float64(m.Multiplicity)}
		d.norm = m.SingularValue * float64(p.Examples()) // λ = ‖Xw‖‖Yw‖/P
		if d.rest {
			d.norm = math.Sqrt(float64(p.KX) * float64(p.KY))
		}
		for _, kind := range []theory.Kind{theory.Asked, theory.LeftOut, theory.NotGiven} {
			if d.rest || kind == m.Kind {
				for _, set := range theory.Sets(p, v, kind) {
					d.bits = append(d.bits, bits.TrailingZeros(set))
				}
			}
		}
		list = append(list, d)
	}
	return list
}

// Observe measures the network whose modules have the given maps (module m's is
// its outputs × inputs) after a step.
func (o *Observer) Observe(step int, maps []*mat.Dense) Observation {
	p := o.task.Point
	whole, answers := o.whole, o.answers
	whole.Zero()
	answers.Zero()
	obs := Observation{Step: step}
	for m, module := range o.arch.Modules {
		part := module.Part(whole, p)
		part.Add(part, maps[m])
		answer := o.answer[m]
		o.apply(answer, o.gamma[m], maps[m], module.Reads)
		lo, hi := p.OutputRange(module.Writes)
		rows := answers.Slice(lo, hi, 0, p.Examples()).(*mat.Dense)
		rows.Add(rows, answer)
		truth := o.truth.Slice(lo, hi, 0, p.Examples()).(*mat.Dense)
		obs.Modes = append(obs.Modes, o.strengths(m, answer, truth)...)
	}
	obs.Train, obs.Test = o.losses(answers)
	obs.Quadrants = p.Quadrants(whole)
	obs.Systematicity = obs.Quadrants.Systematicity()
	return obs
}

// apply is dataset.Point.Apply into matrices that are there already: to becomes
// m·X_b for the blocks b that m reads, and gamma the part of it that comes from
// Γ_x, without its factor r.
func (o *Observer) apply(to, gamma, m *mat.Dense, reads dataset.Blocks) {
	p := &o.task.Point
	to.Zero()
	gamma.Zero()
	rows, _ := m.Dims()
	for i := 0; i < rows; i++ {
		from, sums, part := m.RawRowView(i), to.RawRowView(i), gamma.RawRowView(i)
		if reads.Has(dataset.Omega) {
			for j, bit := range p.InputBits {
				for e, sign := range o.signs[bit] {
					sums[e] += from[j] * sign
				}
			}
			from = from[len(p.InputBits):]
		}
		for ; len(from) > 0; from = from[len(part):] {
			for e, v := range from[:len(part)] {
				part[e] += v
			}
		}
		for e, v := range part {
			sums[e] += p.R * v
		}
	}
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

// strengths projects the map of module m on its modes. For a unit-length Walsh
// function w, u = Yw/‖Yw‖ and v = Xw/‖Xw‖, so uᵀMv = (Yw)ᵀ(MX)w / (‖Yw‖‖Xw‖).
func (o *Observer) strengths(m int, answer, truth *mat.Dense) []float64 {
	out := make([]float64, len(o.modes[m]))
	for k, mode := range o.modes[m] {
		sum := 0.0
		if mode.rest {
			sum = o.rest(mode.bits, o.gammaRows(m))
		} else {
			for _, bit := range mode.bits {
				sum += o.project(bit, answer, truth)
			}
		}
		out[k] = sum / (mode.count * mode.norm)
	}
	return out
}

// project returns (Yw)ᵀ(MX)w for the unit-length Walsh function w of one bit.
func (o *Observer) project(bit int, answer, truth *mat.Dense) float64 {
	rows, examples := answer.Dims()
	sum := 0.0
	for i := 0; i < rows; i++ {
		a, y := answer.RawRowView(i), truth.RawRowView(i)
		pa, py := 0.0, 0.0
		for e, w := range o.signs[bit] {
			pa += w * a[e]
			py += w * y[e]
		}
		sum += pa * py
	}
	return sum / float64(examples)
}

// gammaRows returns what the module's Γ_x gives to Γ_y, (k_y·P) × P, without r.
func (o *Observer) gammaRows(m int) *mat.Dense {
	rows, examples := o.gamma[m].Dims()
	first := rows - o.task.Point.KY*examples
	return o.gamma[m].Slice(first, rows, 0, examples).(*mat.Dense)
}

// rest returns Σ wᵀGw over the unit-length Walsh functions w that are none of the
// bits, where G, P × P, is the sum of the blocks of a map from a copy of I in Γ_x
// to one in Γ_y: tr G less what the bits have of it. These functions have no part
// in Ω, so G is all that their strengths need. Taken from YᵀMX instead they
// would be what two sums of size P leave of r², which for a small r is nothing
// but rounding.
func (o *Observer) rest(bits []int, gamma *mat.Dense) float64 {
	rows, examples := gamma.Dims()
	sum := 0.0
	for i := 0; i < rows; i++ {
		at, row := i%examples, gamma.RawRowView(i)
		sum += row[at]
		for _, bit := range bits {
			signs, projection := o.signs[bit], 0.0
			for e, w := range signs {
				projection += w * row[e]
			}
			sum -= signs[at] * projection / float64(examples)
		}
	}
	return sum
}
