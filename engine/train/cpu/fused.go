package cpu

import "modspec/engine/train/cpu/asm"

// fusedNet is a net whose modules learn independently: each has outputs of its own, so
// with full batches it does not depend on the others. With E = Σ_yx − M·diag(δ) a step
// is
//
//	hidden layer:  W1 ← W1 + W2ᵀ·ηE,  W2 ← W2 + ηE·W1ᵀ,  then M = W2·W1
//	none:          M ← M + ηE
type fusedNet[F asm.Float] struct {
	g       *algebra[F]
	modules []fusedModule[F]
	// Few copies are trained each by itself (thin.go); their weights in lanes are then
	// those before the last steps, as unsettled says.
	few       []thinCopy[F]
	unsettled bool
}

// fusedModule is one module. W2 is kept transposed, hidden × outputs, like W1
// hidden × coordinates: a hidden unit's weights are rows of both, every product
// has its columns side by side, and E is the only matrix that is needed in both
// orders. W1 has two places, between which it moves at each step, because W2's
// increment needs the old one.
type fusedModule[F asm.Float] struct {
	hidden          int // 0: no hidden layer, mapping is the weights
	w1, next, w2    matrix[F]
	mapping         matrix[F] // M, outputs × coordinates
	residual, other matrix[F] // ηE and its transpose
	drive           matrix[F] // ηΣ_yx
	decay           matrix[F] // ηδ, a row
	norm            []F       // room for a norm that is not asked for
}

// panelUnits is how many hidden units go through the three products of a step at a
// time. Their old and new weights then stay in the cache from the first product to the
// third.
const panelUnits = 64

// fuses reports whether a task's copies can be a fusedNet.
func (t *task) fuses() bool {
	for _, m := range t.modules {
		if len(m.module.Hidden) > 1 {
			return false
		}
	}
	return t.diagonal && !t.gamma
}

func newFusedNet[F asm.Float](g *algebra[F], t *task) *fusedNet[F] {
	n := &fusedNet[F]{g: g}
	for _, m := range t.modules {
		outputs := m.hi - m.lo
		f := fusedModule[F]{
			mapping: g.new(outputs, m.coords),
			drive:   g.new(outputs, m.coords), decay: g.new(1, m.coords),
			norm: aligned[F](g.k.Lanes),
		}
		if len(m.module.Hidden) == 1 {
			f.hidden = m.module.Hidden[0]
			f.w1, f.next, f.w2 = g.new(f.hidden, m.coords), g.new(f.hidden, m.coords), g.new(f.hidden, outputs)
			f.residual, f.other = g.new(outputs, m.coords), g.new(f.mapping.row, outputs)
		}
		n.modules = append(n.modules, f)
	}
	return n
}

func (n *fusedNet[F]) layer(m, l int) matrix[F] {
	if n.unsettled {
		n.settle()
	}
	f := &n.modules[m]
	switch {
	case f.hidden == 0:
		return f.mapping
	case l == 0:
		return f.w1
	default:
		return f.w2.transposed()
	}
}

func (n *fusedNet[F]) prepare(lanes []*lane) {
	for i := range n.modules {
		f := &n.modules[i]
		clear(f.drive.data)
		clear(f.decay.data)
		for l, lane := range lanes {
			if lane == nil {
				continue
			}
			m := &lane.task.modules[i]
			putScaled(f.drive, n.g.lanes, l, lane.copy.LearningRate, m.yx)
			for j, d := range m.d {
				f.decay.data[j*n.g.lanes+l] = F(lane.copy.LearningRate * d)
			}
		}
		if f.hidden > 0 {
			n.g.product(f.mapping, matrix[F]{}, nil, f.w2.transposed(), f.w1)
		}
	}
	n.few, n.unsettled = n.thinned(lanes), false
}

func (n *fusedNet[F]) forward(norm []F) {
	if n.few != nil && n.forwardThin(norm) {
		return
	}
	for i := range n.modules {
		f := &n.modules[i]
		if f.hidden == 0 {
			n.g.k.SumSquares(norm, f.mapping.data)
			continue
		}
		n.g.k.Residual(f.residual.data, f.other.data, f.mapping.data, f.drive.data, f.decay.data, norm, f.mapping.rows, f.mapping.row, f.other.row)
	}
}

func (n *fusedNet[F]) update() {
	for i := range n.modules {
		f := &n.modules[i]
		if f.hidden == 0 {
			n.g.k.Relax(f.mapping.data, f.drive.data, f.decay.data, f.norm, f.mapping.rows, f.mapping.row)
			continue
		}
		if n.few != nil {
			n.updateThin(i)
			n.unsettled = true
			continue
		}
		sum := matrix[F]{}
		for lo := 0; lo < f.hidden; lo += panelUnits {
			hi := min(lo+panelUnits, f.hidden)
			w1, next, w2 := f.w1.slice(lo, hi, n.g.lanes), f.next.slice(lo, hi, n.g.lanes), f.w2.slice(lo, hi, n.g.lanes)
			n.g.product(next, w1, nil, w2, f.residual)
			n.g.product(w2, w2, nil, w1, f.other)
			n.g.product(f.mapping, sum, nil, w2.transposed(), next)
			sum = f.mapping
		}
		f.w1, f.next = f.next, f.w1
	}
}
