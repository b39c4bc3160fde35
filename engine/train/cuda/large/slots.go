//go:build gpu

package large

// slotOperations are what copies first … first+n−1 go through in double, in plain
// inputs: where they start, how they are read, and what is observed of them.
func (p *program) slotOperations(first, n int) slotGroup {
	g := slotGroup{first: first, copies: n}
	for i := range p.task.modules {
		lm, m := &p.task.modules[i], &p.layout.modules[i]
		g.start = append(g.start, p.startOperations(lm, m, &g)...)
		g.read = append(g.read, p.readOperations(lm, m, &g)...)
		for l := 1; l < m.layers(); l++ {
			d := p.slotBase(&g)
			below := m.plain[0]
			if l > 1 {
				below = m.maps[l-1]
			}
			w := m.plain[l]
			d.a, d.b, d.d = w.abi(), below.abi(), m.maps[l].abi()
			g.observe = append(g.observe, p.multiply64(d, w.rows, lm.inputs, w.cols))
		}
	}
	point := p.task.linear.Point
	p.observations = append(p.observations, observationABI{
		first: int64(first), copies: int64(n), bits: int64(point.Bits),
		outputs: int64(point.Outputs()), inputs: int64(point.Inputs()), omegaIn: int64(point.NX()), omegaOut: int64(point.NY()),
		modules: int64(len(p.task.modules)), fields: int64(p.task.fields()), parts: int64(p.task.parts()),
		views: p.views, outlooks: p.outlooks, taskOf: p.layout.taskOf.at, ended: p.layout.ended.at, out: p.layout.out.at,
	})
	g.observe = append(g.observe, operation{kernel: "large_observe_f64", blocks: n * p.task.parts() / observeWarps,
		threads: 32 * observeWarps, list: observationList, index: len(p.observations) - 1})
	return g
}

// slotBase is what all operations on a group share. They are made for copies that have
// ended too, whose weights are still to be read.
func (p *program) slotBase(g *slotGroup) productABI {
	return productABI{first: int64(g.first), copies: int64(g.copies), scale: 1, taskOf: p.layout.taskOf.at, clock: p.layout.clock.at}
}

// startOperations bring plain weights to where training starts: W_1·Q rounded, and
// W_1 − W_1QQᵀ, which never changes, in double.
func (p *program) startOperations(lm *module, m *moduleLayout, g *slotGroup) []operation {
	var list []operation
	for l, w := range m.plain {
		if l == 0 && lm.q != nil {
			d := p.slotBase(g)
			d.a, d.b, d.d = w.abi(), m.projection.abi(), m.reduced.abi()
			list = append(list, p.multiply64(d, w.rows, lm.coords, lm.inputs))
			d = p.slotBase(g)
			d.scale, d.keep = -1, 1
			d.a, d.b, d.bAcross = m.reduced.abi(), m.projection.abi(), 1
			d.c, d.d = w.abi(), m.still.abi()
			list = append(list, p.multiply64(d, w.rows, lm.inputs, lm.coords))
			w = m.reduced
		}
		to := m.weight(l, 0)
		d := p.slotBase(g)
		d.a, d.d = w.abi(), to.abi()
		list = append(list, p.elementwise("large_narrow"+p.suffix, d, to.rows, to.cols, p.layout.size))
	}
	return list
}

// readOperations bring a module's weights as they are into plain inputs, W_1 from the
// one of its two places that the copy's step says.
func (p *program) readOperations(lm *module, m *moduleLayout, g *slotGroup) []operation {
	var list []operation
	for l, w := range m.plain {
		d := p.slotBase(g)
		from, to := m.weight(l, 0), w
		if l == 0 {
			d.c, d.ended = m.first[1].abi(), p.layout.ended.at
			if lm.q != nil {
				to = m.reduced
			}
		}
		d.a, d.d = from.abi(), to.abi()
		list = append(list, p.elementwise("large_widen"+p.suffix, d, from.rows, from.cols, p.layout.size))
		if l == 0 && lm.q != nil {
			d = p.slotBase(g)
			d.keep = 1
			d.a, d.b, d.bAcross = m.reduced.abi(), m.projection.abi(), 1
			d.c, d.d = m.still.abi(), w.abi()
			list = append(list, p.multiply64(d, w.rows, lm.inputs, lm.coords))
		}
	}
	return list
}

// view is a module as an observation sees it.
func (p *program) view(i int) viewABI {
	lm, point := &p.task.modules[i], p.task.linear.Point
	seen := point.Restrict(lm.module.View())
	lo, _ := point.InputRange(lm.module.Reads)
	return viewABI{top: int64(lm.lo), rows: int64(lm.hi - lm.lo), edge: int64(lo), cols: int64(lm.inputs),
		omegaIn: int64(seen.NX()), omegaOut: int64(seen.NY()), mapping: p.layout.modules[i].mapping64().abi()}
}
