//go:build gpu

package large

import (
	"modspec/engine/cuda"
)

// mapOperations compute every module's map from the weights of a step of some parity,
// what follows from it at once, and which copies have diverged:
//
//	prefix_l = W_l·prefix_{l−1}, prefix_1 = W_1
//	E = Σ_yx − M·diag(δ), where a diagonal is all, and M·diag(δ) for γ
func (p *program) mapOperations(parity int) []operation {
	var list []operation
	for i := range p.task.modules {
		lm, m := &p.task.modules[i], &p.layout.modules[i]
		squares := p.layout.squares.abi()
		squares.at += uint64(8 * m.sums[0])
		if m.layers() == 1 {
			d := p.base()
			d.a, d.squares = m.first[parity].abi(), squares
			list = append(list, p.apply(d, lm.hi-lm.lo, lm.coords))
			continue
		}
		for l := 1; l < m.layers(); l++ {
			d := p.base()
			w := m.above[l-1]
			d.a, d.b = w.abi(), m.product(l-1, parity).abi()
			if l < m.layers()-1 {
				d.d = m.prefix[l].abi()
				list = append(list, p.multiply(d, w.rows, lm.coords, w.cols))
				continue
			}
			d.raw, d.squares = m.prefix[l].abi(), squares
			if p.task.diagonal {
				d.scale, d.keep = -1, 1
				d.colScale, d.c, d.d, d.response = m.d.abi(), m.yx.abi(), m.back[l].abi(), m.response.abi()
			}
			list = append(list, p.multiplyIn(mapTile(lm, p.layout.size), d, w.rows, lm.coords, w.cols))
		}
	}
	return append(list, p.decide())
}

// updateOperations make a step from the weights and maps of a step of some parity,
// with so many examples. All terms come from the weights before the step: those of the
// rules go to matrices of their own, W_1 goes to the other of its two places, and a
// layer above it is changed only when it has been read for the last time.
func (p *program) updateOperations(parity, size int) []operation {
	var list []operation
	if !p.task.diagonal {
		list = p.residues(parity, size)
	}
	for i := range p.task.modules {
		lm, m := &p.task.modules[i], &p.layout.modules[i]
		if m.layers() == 1 {
			list = append(list, p.shallowUpdate(lm, m, parity, size))
			continue
		}
		if !p.task.diagonal { // E = (Y − Ŷ)·Cᵀ/size
			d := p.base()
			d.scale = 1 / float64(size)
			d.a, d.b, d.bAcross = p.layout.rest.slice(lm.lo, lm.hi), p.examples(m).abi(), 1
			d.d = m.back[m.layers()-1].abi()
			list = append(list, p.multiply(d, lm.hi-lm.lo, lm.coords, size))
		}
		if p.task.gamma {
			list = append(list, p.contrastive(lm, m, parity, size)...)
		}
		if p.task.beta != 0 {
			list = append(list, p.hebbian(m, parity, size)...)
		}
		list = append(list, p.descend(lm, m, parity)...)
	}
	return list
}

// descend makes ΔW_l = η·back_l·prefix_{l−1}ᵀ with the rules' terms, from the last layer
// down: back_{l−1} = W_lᵀ·back_l is taken from a layer before it changes.
func (p *program) descend(lm *module, m *moduleLayout, parity int) []operation {
	x := p.layout
	var list []operation
	for l := m.layers() - 1; l > 0; l-- {
		w := m.above[l-1]
		d := p.base()
		d.a, d.aAcross, d.b = w.abi(), 1, m.back[l].abi()
		if l > 1 {
			d.d = m.back[l-1].abi()
		} else {
			d.keep, d.rate = 1, x.eta.abi()
			d.c, d.d = m.first[parity].abi(), m.first[1-parity].abi()
			if p.task.beta != 0 {
				d.term, d.termRate = m.terms[0].abi(), x.beta.abi()
			}
		}
		list = append(list, p.multiply(d, w.cols, lm.coords, w.rows))

		d = p.base()
		d.a, d.b, d.bAcross = m.back[l].abi(), m.product(l-1, parity).abi(), 1
		d.keep, d.rate, d.c, d.d = 1, x.eta.abi(), w.abi(), w.abi()
		switch {
		case l == m.layers()-1 && p.task.gamma:
			d.term, d.termRate = m.last.abi(), x.etaGamma.abi()
		case l < m.layers()-1 && p.task.beta != 0:
			d.term, d.termRate = m.terms[l].abi(), x.beta.abi()
		}
		list = append(list, p.multiply(d, w.rows, w.cols, lm.coords))
	}
	return list
}

// shallowUpdate is the whole step of a module without hidden layer, ΔW = η·E.
func (p *program) shallowUpdate(lm *module, m *moduleLayout, parity, size int) operation {
	x, rows := p.layout, lm.hi-lm.lo
	d := p.base()
	d.keep, d.rate, d.c, d.d = 1, x.eta.abi(), m.first[parity].abi(), m.first[1-parity].abi()
	if p.task.diagonal {
		d.scale, d.a, d.colScale = -1, m.first[parity].abi(), m.d.abi()
		d.term, d.termRate = m.yx.abi(), x.eta.abi()
		return p.apply(d, rows, lm.coords)
	}
	d.scale = 1 / float64(size)
	d.a, d.b, d.bAcross = x.rest.slice(lm.lo, lm.hi), p.examples(m).abi(), 1
	return p.multiply(d, rows, lm.coords, size)
}

// examples are C, a step's examples in a module's coordinates, and labelled Y.
func (p *program) examples(m *moduleLayout) array {
	if p.task.batch < p.task.trained {
		return m.inputs
	}
	return m.x
}

func (p *program) labelled() array {
	if p.task.batch < p.task.trained {
		return p.layout.y
	}
	return p.layout.labels
}

// residues bring a step's examples together and compute Ŷ = Σ M·C and Y − Ŷ. An output
// block that several modules write is written by the first and added to by the others.
func (p *program) residues(parity, size int) []operation {
	x, t := p.layout, p.task
	var list []operation
	if t.batch < t.trained {
		list = append(list, p.gather(x.labels, x.y, size))
		for i := range x.modules {
			list = append(list, p.gather(x.modules[i].x, x.modules[i].inputs, size))
		}
	}
	bits := t.linear.Point.NY()
	written := [2]bool{} // Ω_y, Γ_y
	for i := range t.modules {
		lm, m := &t.modules[i], &x.modules[i]
		edges := []int{lm.lo, lm.hi}
		if both := lm.lo < bits && bits < lm.hi; both && written[0] != written[1] {
			edges = []int{lm.lo, bits, lm.hi}
		}
		for e, lo := range edges[:len(edges)-1] {
			hi := edges[e+1]
			d := p.base()
			d.a, d.b = m.mapping(parity).slice(lo-lm.lo, hi-lm.lo), p.examples(m).abi()
			d.d = x.answers.slice(lo, hi)
			block := 0
			if lo >= bits {
				block = 1
			}
			if written[block] {
				d.keep, d.c = 1, d.d
			}
			list = append(list, p.multiply(d, hi-lo, size, lm.coords))
		}
		written[0] = written[0] || lm.lo < bits
		written[1] = written[1] || lm.hi > bits
	}
	d := p.base()
	d.scale, d.keep = -1, 1
	d.a, d.c, d.d = x.answers.abi(), p.labelled().abi(), x.rest.abi()
	return append(list, p.apply(d, t.linear.Point.Outputs(), size))
}

// contrastive computes (YYᵀ − ŶŶᵀ)·W_L, where a diagonal is all with ŶŶᵀ = m·M·diag(δ)·Mᵀ.
func (p *program) contrastive(lm *module, m *moduleLayout, parity, size int) []operation {
	x, rows := p.layout, lm.hi-lm.lo
	var list []operation
	if p.task.diagonal {
		d := p.base()
		d.scale, d.keep = -float64(p.task.trained), 1
		d.a, d.b, d.bAcross = m.response.abi(), m.mapping(parity).abi(), 1
		d.c, d.d = m.yy.abi(), m.contrast.abi()
		list = append(list, p.multiply(d, rows, rows, lm.coords))
	} else {
		y, answers := p.labelled().slice(lm.lo, lm.hi), x.answers.slice(lm.lo, lm.hi)
		d := p.base()
		d.a, d.b, d.bAcross, d.d = y, y, 1, m.contrast.abi()
		list = append(list, p.multiply(d, rows, rows, size))
		d.scale, d.keep = -1, 1
		d.a, d.b, d.c = answers, answers, m.contrast.abi()
		list = append(list, p.multiply(d, rows, rows, size))
	}
	w := m.above[len(m.above)-1]
	d := p.base()
	d.a, d.b, d.d = m.contrast.abi(), w.abi(), m.last.abi()
	return append(list, p.multiply(d, rows, w.cols, rows))
}

// hebbian computes the β terms of the hidden layers: H_l·(H_{l−1} − W_lᵀ·H_l)ᵀ for β > 0,
// diag(1/(1 − ‖w_i‖²))·H_l·H_{l−1}ᵀ for β < 0, with H_l = W_l·H_{l−1} and H_0 = C.
func (p *program) hebbian(m *moduleLayout, parity, size int) []operation {
	var list []operation
	inputs := p.examples(m)
	for l, hidden := range m.hidden {
		w := m.weight(l, parity)
		d := p.base()
		d.a, d.b, d.d = w.abi(), inputs.abi(), hidden.abi()
		list = append(list, p.multiply(d, w.rows, size, w.cols))

		term := p.base()
		term.a, term.bAcross, term.d = hidden.abi(), 1, m.terms[l].abi()
		d = p.base()
		d.a = w.abi()
		if p.task.beta > 0 {
			d.aAcross, d.b = 1, hidden.abi()
			d.scale, d.keep, d.c, d.d = -1, 1, inputs.abi(), m.below[l].abi()
			list = append(list, p.multiply(d, w.cols, size, w.rows))
			term.b = m.below[l].abi()
		} else {
			d.d = m.lengths[l].abi()
			list = append(list, p.lengths(d, w.rows, w.cols))
			term.b, term.rowScale = inputs.abi(), m.lengths[l].abi()
		}
		list = append(list, p.multiply(term, w.rows, w.cols, size))
		inputs = hidden
	}
	return list
}

// lengths is an operation D_i = 1/(1 − Σ_j A_ij²), eight rows a block.
func (p *program) lengths(d productABI, rows, cols int) operation {
	o := p.elementwise("large_lengths"+p.suffix, d, rows, cols, p.layout.size)
	o.blocks = cuda.CeilDiv(rows, elementThreads/32) * p.copies
	return o
}
