package backendtest

import (
	"math"
	"slices"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/theory"
)

// An oracle trains one copy of a job with plain loops: X and Y written out, one example
// after the other. It uses no correlations, no reduced input and no batching of copies.
type oracle struct {
	copy    *linear.Copy
	point   dataset.Point
	modules []module
	inputs  int
	outputs int
	x, y    matrix // a row for each example: its inputs, and its labels
	xSize   matrix // |x|
	ySize   matrix // |T||x| for the labels of a teacher T, else |y|
	trained []int
	tested  []int
}

// module is where a module stands in x and y, and its modes.
type module struct {
	inLo, inHi, outLo, outHi int
	hidden                   []int
	modes                    []mode
}

// mode holds the singular vectors of the directions of one mode.
type mode struct {
	theory.Mode
	u, v [][]float64
}

// newOracle returns the oracle of a copy and the weights that it starts from.
func newOracle(job *linear.Job, i int) (*oracle, weights, error) {
	arch, start, err := job.Start(i)
	if err != nil {
		return nil, nil, err
	}
	c := &job.Copies[i]
	o := &oracle{copy: c, point: c.Task.Point, trained: c.Task.Examples}
	o.x = block(o.point, o.point.InputBits, o.point.KX)
	o.y = block(o.point, o.point.OutputBits, o.point.KY)
	o.inputs, o.outputs = len(o.x[0]), len(o.y[0])
	o.xSize, o.ySize = o.x.abs(), o.y.abs()
	if c.Task.Teacher != nil {
		teacher := fromDense(c.Task.Teacher)
		for e := range o.x {
			o.y[e], o.ySize[e] = teacher.apply(o.x[e]), teacher.abs().apply(o.xSize[e])
		}
	}
	for e := range 1 << o.point.Bits {
		switch {
		case c.Task.Examples == nil:
			o.trained = append(o.trained, e)
		case !slices.Contains(c.Task.Examples, e):
			o.tested = append(o.tested, e)
		}
	}
	for _, m := range arch.Modules {
		o.modules = append(o.modules, newModule(o.point, m))
	}
	return o, fromWeights(start), nil
}

// block writes out [Ω_b; Γ], rows b of Ω above k copies of r·I, an example a row.
// Example p is the binary pattern of P−1−p, row 0 of Ω the slowest digit, digit 1
// standing for +1.
func block(p dataset.Point, rows []int, k int) matrix {
	examples := 1 << p.Bits
	m := newMatrix(examples, len(rows)+k*examples)
	for e := range examples {
		for i, row := range rows {
			m[e][i] = -1
			if (examples-1-e)>>(p.Bits-1-row)%2 == 1 {
				m[e][i] = 1
			}
		}
		for c := range k {
			m[e][len(rows)+c*examples+e] = p.R
		}
	}
	return m
}

func newModule(p dataset.Point, m network.Module) module {
	inputs, outputs := len(p.InputBits)+p.KX<<p.Bits, len(p.OutputBits)+p.KY<<p.Bits
	out := module{inHi: inputs, outHi: outputs, hidden: m.Hidden}
	if m.Reads == dataset.Omega {
		out.inHi = len(p.InputBits)
	}
	if m.Reads == dataset.Gamma {
		out.inLo = len(p.InputBits)
	}
	if m.Writes == dataset.Omega {
		out.outHi = len(p.OutputBits)
	}
	if m.Writes == dataset.Gamma {
		out.outLo = len(p.OutputBits)
	}
	for _, t := range theory.Modes(p, m.View()) {
		d := mode{Mode: t}
		for _, set := range theory.Sets(p, m.View(), t.Kind) {
			u, v := theory.Vectors(p, m.View(), set)
			d.u, d.v = append(d.u, u), append(d.v, v)
		}
		out.modes = append(out.modes, d)
	}
	return out
}

// batch returns the examples of a step: all training examples, or the next ones
// of the epoch's order.
func (o *oracle) batch(step int) []int {
	n, size := len(o.trained), o.copy.Task.Batch
	if size == 0 || size == n {
		return o.trained
	}
	perEpoch := (n + size - 1) / size
	order := o.copy.Stream.Permutation(n, uint32(step/perEpoch))
	var batch []int
	for i := step % perEpoch * size; i < n && len(batch) < size; i++ {
		batch = append(batch, o.trained[order[i]])
	}
	return batch
}

// answers returns the activities of every module, its input first, and the
// network's answer ŷ to an input x.
func (o *oracle) answers(w weights, x []float64) (activities [][][]float64, answer []float64) {
	answer = make([]float64, o.outputs)
	for m, where := range o.modules {
		a := [][]float64{x[where.inLo:where.inHi]}
		for _, layer := range w[m] {
			a = append(a, layer.apply(a[len(a)-1]))
		}
		for i, v := range a[len(a)-1] {
			answer[where.outLo+i] += v
		}
		activities = append(activities, a)
	}
	return activities, answer
}

// step returns the weights after one step on some examples, by the formulas of
// network.Rule. With sizes it returns instead the sum of the absolute values of
// all terms that are added up into each weight on the way, which is what
// roundings are relative to.
func (o *oracle) step(w weights, examples []int, sizes bool) weights {
	x, y, minus := o.x, o.y, -1.0
	rate, gamma, beta := o.copy.LearningRate, o.copy.Rule.Gamma, o.copy.Rule.Beta
	hebb := beta // the factor of the Hebbian term
	if sizes {
		w = w.each(matrix.abs)
		x, y, minus = o.xSize, o.ySize, 1
		gamma, hebb = math.Abs(gamma), math.Abs(beta)
	}
	next := w.each(matrix.clone)
	for _, e := range examples {
		activities, answer := o.answers(w, x[e])
		target := y[e]
		residual := make([]float64, len(target))
		for i := range residual {
			residual[i] = target[i] + minus*answer[i]
		}
		for m, where := range o.modules {
			layers, a := w[m], activities[m]
			last := len(layers) - 1
			back := residual[where.outLo:where.outHi]
			for l := last; l >= 0; l-- {
				next[m][l].addOuter(rate/float64(len(examples)), back, a[l])
				back = layers[l].applyTransposed(back)
			}
			if gamma != 0 {
				own, given := target[where.outLo:where.outHi], answer[where.outLo:where.outHi]
				next[m][last].addOuter(rate*gamma, own, layers[last].applyTransposed(own))
				next[m][last].addOuter(minus*rate*gamma, given, layers[last].applyTransposed(given))
			}
			for l := 0; beta != 0 && l < last; l++ {
				h := a[l+1]
				if beta > 0 {
					next[m][l].addOuter(hebb, h, a[l])
					next[m][l].addOuter(minus*hebb, h, layers[l].applyTransposed(h))
					continue
				}
				scaled := make([]float64, len(h))
				for i, row := range layers[l] {
					room := 1.0
					for _, v := range row {
						room -= v * v
					}
					if sizes {
						room = math.Abs(room)
					}
					scaled[i] = h[i] / room
				}
				next[m][l].addOuter(hebb, scaled, a[l])
			}
		}
	}
	return next
}

// mapping returns the network's map M and those of its modules.
func (o *oracle) mapping(w weights) (whole matrix, parts []matrix) {
	whole = newMatrix(o.outputs, o.inputs)
	for m, where := range o.modules {
		part := w[m][0]
		for _, layer := range w[m][1:] {
			part = layer.times(part)
		}
		for i, row := range part {
			for j, v := range row {
				whole[where.outLo+i][where.inLo+j] += v
			}
		}
		parts = append(parts, part)
	}
	return whole, parts
}

// observe returns what should be recorded.
func (o *oracle) observe(step int, w weights) linear.Observation {
	obs := linear.Observation{Step: step, Train: o.losses(w, o.trained), Test: o.losses(w, o.tested)}
	whole, parts := o.mapping(w)
	q := &obs.Quadrants
	for i, row := range whole {
		for j, v := range row {
			block := &q.GammaGamma
			switch omegaIn, omegaOut := j < len(o.point.InputBits), i < len(o.point.OutputBits); {
			case omegaIn && omegaOut:
				block = &q.OmegaOmega
			case omegaOut:
				block = &q.GammaOmega
			case omegaIn:
				block = &q.OmegaGamma
			}
			*block += v * v
		}
	}
	obs.Systematicity = q.OmegaOmega / (q.OmegaOmega + q.GammaOmega)
	for m, where := range o.modules {
		for _, mode := range where.modes {
			strength := 0.0
			for k := range mode.u {
				for j, v := range parts[m].applyTransposed(mode.u[k]) {
					strength += v * mode.v[k][j] / float64(len(mode.u))
				}
			}
			obs.Modes = append(obs.Modes, strength)
		}
	}
	return obs
}

// losses returns ½ · mean of the squared error; over no examples they are NaN.
func (o *oracle) losses(w weights, examples []int) linear.Losses {
	var l linear.Losses
	n := 2 * float64(len(examples))
	for _, e := range examples {
		_, answer := o.answers(w, o.x[e])
		for i, v := range answer {
			square := (o.y[e][i] - v) * (o.y[e][i] - v)
			if i < len(o.point.OutputBits) {
				l.Omega += square
			} else {
				l.Gamma += square
			}
		}
	}
	return linear.Losses{Total: (l.Omega + l.Gamma) / n, Omega: l.Omega / n, Gamma: l.Gamma / n}
}
