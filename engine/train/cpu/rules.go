package cpu

import "modspec/engine/train/cpu/asm"

// ruleTerms is what a rule adds to gradient descent in one module, from sums
// over the step's examples that are not normalised:
//
//	γ:      (YYᵀ − ŶŶᵀ) W_L           on the last layer
//	β > 0:  H_l (H_{l−1}ᵀ − H_lᵀ W_l)    on each hidden layer, H_0 = C
//	β < 0:  diag(1/(1 − ‖w_i‖²)) H_l H_{l−1}ᵀ
//
// It is nil for plain gradient descent.
type ruleTerms[F asm.Float] struct {
	g        *algebra[F]
	contrast matrix[F]   // YYᵀ − ŶŶᵀ over the module's outputs
	moment   matrix[F]   // mΣ_y, when diagonal
	response matrix[F]   // −M·diag(δ), when diagonal
	last     matrix[F]   // γ term
	zeros    matrix[F]   // as large as the map
	hidden   []matrix[F] // H_l, for the largest batch
	below    []matrix[F] // H_{l−1}ᵀ − H_lᵀW_l
	terms    []matrix[F] // β terms
	norm     []F
}

func newRuleTerms[F asm.Float](g *algebra[F], t *task, m *taskModule, mod *generalModule[F]) *ruleTerms[F] {
	if !t.gamma && t.beta == 0 {
		return nil
	}
	r := &ruleTerms[F]{g: g, norm: g.fill(0)}
	outputs := m.hi - m.lo
	if t.gamma {
		last := mod.layers[len(mod.layers)-1]
		r.contrast, r.last = g.new(outputs, outputs), g.new(last.rows, last.cols)
		if t.diagonal {
			r.moment, r.response, r.zeros = g.new(outputs, outputs), g.new(outputs, m.coords), g.new(outputs, m.coords)
		}
	}
	if t.beta != 0 {
		for _, layer := range mod.layers[:len(mod.layers)-1] {
			r.hidden = append(r.hidden, g.new(layer.rows, t.batch))
			r.below = append(r.below, g.new(t.batch, layer.cols))
			r.terms = append(r.terms, g.new(layer.rows, layer.cols))
		}
	}
	return r
}

// prepare fills in mΣ_y of module i from the copies' labels.
func (r *ruleTerms[F]) prepare(lanes []*lane, i int) {
	if r == nil {
		return
	}
	clear(r.moment.data)
	for l, lane := range lanes {
		if lane == nil {
			continue
		}
		t := lane.task
		m := &t.modules[i]
		for a := m.lo; a < m.hi; a++ {
			for b := m.lo; b < m.hi; b++ {
				sum := 0.0
				x, y := t.labels.RawRowView(a), t.labels.RawRowView(b)
				for e := range x {
					sum += x[e] * y[e]
				}
				r.moment.data[r.moment.at(a-m.lo, b-m.lo, r.g.lanes)+l] = F(sum)
			}
		}
	}
}

// compute fills in the terms of module i from the weights as they are.
func (r *ruleTerms[F]) compute(n *generalNet[F], i int, m *generalModule[F]) {
	if r == nil {
		return
	}
	g := r.g
	if r.last.data != nil {
		if n.batch == nil {
			mapping := m.mapping()
			g.k.Residual(r.response.data, nil, mapping.data, r.zeros.data, m.d.data, r.norm, mapping.rows, g.vectors(mapping), 0)
			g.product(r.contrast, r.moment, n.examples, r.response, mapping.transposed())
		} else {
			y, answer := n.batch.labels.slice(m.lo, m.hi, g.lanes), n.batch.answers.slice(m.lo, m.hi, g.lanes)
			g.product(r.contrast, matrix[F]{}, nil, y, y.transposed())
			g.product(r.contrast, r.contrast, n.minus, answer, answer.transposed())
		}
		g.product(r.last, matrix[F]{}, nil, r.contrast, m.layers[len(m.layers)-1])
	}
	if r.terms == nil {
		return
	}
	x := n.batch.inputs[i]
	across := n.batch.across[i]
	for l, term := range r.terms {
		w := m.layers[l]
		h := g.shape(r.hidden[l].data, w.rows, n.batch.size)
		g.product(h, matrix[F]{}, nil, w, x)
		if n.task.beta > 0 {
			below := g.shape(r.below[l].data, n.batch.size, w.cols)
			g.product(below, across, n.minus, h.transposed(), w)
			g.product(term, matrix[F]{}, nil, h, below)
		} else {
			g.product(term, matrix[F]{}, nil, h, across)
			r.lengthen(term, w)
		}
		x = h
		if l+1 < len(r.terms) {
			across = g.shape(r.below[l+1].data, n.batch.size, w.rows)
			g.copy(across, h.transposed())
		}
	}
}

// lengthen divides the rows of a term by 1 − ‖w_i‖².
func (r *ruleTerms[F]) lengthen(term, w matrix[F]) {
	g := r.g
	n := w.row * g.lanes
	for i := 0; i < w.rows; i++ {
		row := w.data[i*n:][:n]
		clear(r.norm)
		if g.lanes > 1 {
			g.k.SumSquares(r.norm, row)
		} else {
			// In order, for the same bits whatever the width of a vector.
			sum := F(0)
			for _, v := range row {
				sum += F(v * v)
			}
			for l := range r.norm {
				r.norm[l] = sum
			}
		}
		for l, v := range r.norm {
			r.norm[l] = 1 / (1 - v)
		}
		row = term.data[i*n:][:n]
		g.k.Combine(row, g.zeros(n), r.norm, row)
	}
}

// add changes the module's layers by the terms that compute has filled in.
func (r *ruleTerms[F]) add(n *generalNet[F], m *generalModule[F]) {
	if r == nil {
		return
	}
	if r.last.data != nil {
		r.g.addScaled(m.layers[len(m.layers)-1], n.etaGamma, r.last)
	}
	for l, term := range r.terms {
		r.g.addScaled(m.layers[l], n.beta, term)
	}
}
