package cpu

import "modspec/engine/train/cpu/asm"

// generalNet is a net of any modules, depths, rules and batches, on lanes or for
// a single copy. Its step is that of package reference with the moments of the
// inputs taken apart: with C the examples in a module's coordinates (of m
// examples), Y their labels and Ŷ = Σ M·C over the modules that write a row,
//
//	E    = (Y − Ŷ)·Cᵀ/m,  or Σ_yx − M·diag(δ) when a diagonal is all
//	ΔW_l = η (W_L ⋯ W_{l+1})ᵀ E (W_{l−1} ⋯ W_1)ᵀ
//
// plus the terms of network.Rule in rules.go. All increments are computed
// from the weights before the step.
type generalNet[F asm.Float] struct {
	g       *algebra[F]
	task    *task // any copy's: what they share is enough
	modules []generalModule[F]
	batch   *batch[F] // nil when diagonal

	eta, etaGamma, beta, examples, minus []F // a number a lane
}

// generalModule is one module. prefix[l] = W_l ⋯ W_1, so prefix[0] is W_1 itself
// and the last is the map; back[l] is E carried back to layer l's output.
type generalModule[F asm.Float] struct {
	lo, hi                      int
	layers, prefix, back, delta []matrix[F]
	yx, d                       matrix[F] // when diagonal
	rule                        *ruleTerms[F]
	norm                        []F
}

func newGeneralNet[F asm.Float](g *algebra[F], t *task) *generalNet[F] {
	n := &generalNet[F]{g: g, task: t, minus: g.fill(-1)}
	for _, s := range []*[]F{&n.eta, &n.etaGamma, &n.beta, &n.examples} {
		*s = g.fill(0)
	}
	if !t.diagonal {
		n.batch = newBatch(g, t)
	}
	for i := range t.modules {
		m := &t.modules[i]
		mod := generalModule[F]{lo: m.lo, hi: m.hi, norm: g.fill(0)}
		below := m.coords
		for _, rows := range append(append([]int{}, m.module.Hidden...), m.hi-m.lo) {
			mod.layers = append(mod.layers, g.new(rows, below))
			mod.delta = append(mod.delta, g.new(rows, below))
			mod.back = append(mod.back, g.new(rows, m.coords))
			prefix := mod.layers[0]
			if len(mod.layers) > 1 {
				prefix = g.new(rows, m.coords)
			}
			mod.prefix = append(mod.prefix, prefix)
			below = rows
		}
		mod.delta[0] = mod.back[0]
		if t.diagonal {
			mod.yx, mod.d = g.new(m.hi-m.lo, m.coords), g.new(1, m.coords)
		}
		mod.rule = newRuleTerms(g, t, m, &mod)
		n.modules = append(n.modules, mod)
	}
	return n
}

func (m *generalModule[F]) mapping() matrix[F]  { return m.prefix[len(m.prefix)-1] }
func (m *generalModule[F]) residual() matrix[F] { return m.back[len(m.back)-1] }

func (n *generalNet[F]) layer(m, l int) matrix[F] { return n.modules[m].layers[l] }

func (n *generalNet[F]) prepare(lanes []*lane) {
	n.g.rate(n.eta, lanes, func(l *lane) float64 { return l.copy.LearningRate })
	n.g.rate(n.etaGamma, lanes, func(l *lane) float64 { return l.copy.LearningRate * l.copy.Rule.Gamma })
	n.g.rate(n.beta, lanes, func(l *lane) float64 { return l.copy.Rule.Beta })
	n.g.rate(n.examples, lanes, func(l *lane) float64 { return float64(l.task.trained) })
	if n.batch != nil {
		n.batch.prepare(lanes)
		return
	}
	for i := range n.modules {
		mod := &n.modules[i]
		clear(mod.yx.data)
		clear(mod.d.data)
		for l, lane := range lanes {
			if lane == nil {
				continue
			}
			put(mod.yx, n.g.lanes, l, lane.task.modules[i].yx)
			for j, d := range lane.task.modules[i].d {
				mod.d.data[j*n.g.lanes+l] = F(d)
			}
		}
		mod.rule.prepare(lanes, i)
	}
}

func (n *generalNet[F]) forward(norm []F) {
	for i := range n.modules {
		m := &n.modules[i]
		for l := 1; l < len(m.layers); l++ {
			n.g.product(m.prefix[l], matrix[F]{}, nil, m.layers[l], m.prefix[l-1])
		}
		n.g.k.SumSquares(norm, m.mapping().data)
	}
}

func (n *generalNet[F]) update() {
	if n.batch != nil {
		n.batch.next(n)
	}
	for i := range n.modules {
		m := &n.modules[i]
		if n.batch != nil {
			n.batch.residual(m.residual(), i, m.lo, m.hi)
		} else {
			e := m.residual()
			n.g.k.Residual(e.data, nil, m.mapping().data, m.yx.data, m.d.data, m.norm, e.rows, n.g.vectors(e), 0)
		}
		for l := len(m.layers) - 1; l > 0; l-- {
			n.g.product(m.delta[l], matrix[F]{}, nil, m.back[l], m.prefix[l-1].transposed())
			n.g.product(m.back[l-1], matrix[F]{}, nil, m.layers[l].transposed(), m.back[l])
		}
		m.rule.compute(n, i, m)
	}
	for i := range n.modules {
		m := &n.modules[i]
		for l, layer := range m.layers {
			n.g.addScaled(layer, n.eta, m.delta[l])
		}
		m.rule.add(n, m)
	}
}
