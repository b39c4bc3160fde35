package programs

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"modspec/engine/program"
)

// A plan is a program as a list of launches. It depends on the program alone, not on the
// number of runs.
type plan struct {
	program *program.Program
	nodes   []program.Node
	options Options

	launches []launch
	stages   *stages
	home     map[int]int // variables in whose memory the result of a root is, by root
	// first and last are the launches that write a root's buffer first and use it last.
	first, last map[int]int
	buffers     map[int]buffer
	values      int // elements of a run in all buffers
}

// A launch is pieces that one kernel computes side by side.
type launch struct {
	kernel string
	pieces []*piece // of chains and products
	roots  []int    // computed by other kernels
}

// A buffer is where a root's result lies among those of its run.
type buffer struct {
	at     int // elements of all buffers before it, of one run
	stride int // elements from one run to the next
}

// newPlan plans a program. Its results become variables where commit says so: output i is
// the new value of variable i.
func newPlan(p *program.Program, o Options, commit bool) (*plan, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	out := &plan{program: p, nodes: p.Nodes, options: o, home: map[int]int{}}
	out.stages = newStages(out)
	if err := out.schedule(); err != nil {
		return nil, err
	}
	out.use()
	if commit {
		out.commit()
		out.use()
	}
	out.place(0)
	return out, nil
}

// schedule makes the launches, from the earliest stage on. Of one stage all that one
// kernel computes is one launch; a chain's later pieces come in launches after it.
func (p *plan) schedule() error {
	chains, others := p.stages.chains()
	for stage := len(chains) - 1; stage >= 0; stage-- {
		byKernel := map[string]*launch{}
		of := func(kernel string) *launch {
			if byKernel[kernel] == nil {
				byKernel[kernel] = &launch{kernel: kernel}
			}
			return byKernel[kernel]
		}
		for _, v := range others[stage] {
			l := of(p.kernel(v))
			l.roots = append(l.roots, v)
		}
		var later []launch
		for _, head := range slices.Sorted(maps.Keys(chains[stage])) {
			c := chains[stage][head]
			pieces, err := p.pieces(c)
			if err != nil {
				return err
			}
			for k, piece := range pieces {
				var l *launch
				switch {
				case k == 0 && c.product >= 0:
					l = of(p.kernel(c.product))
				case k == 0:
					l = of(chainKernel)
				default:
					if len(later) < k {
						later = append(later, launch{kernel: chainKernel})
					}
					l = &later[k-1]
				}
				l.pieces = append(l.pieces, piece)
			}
			p.keepBetween(pieces)
		}
		for _, kernel := range slices.Sorted(maps.Keys(byKernel)) {
			p.launches = append(p.launches, *byKernel[kernel])
		}
		p.launches = append(p.launches, later...)
	}
	return nil
}

// keepBetween has results of a piece that a later one of the same chain reads go to
// memory.
func (p *plan) keepBetween(pieces []*piece) {
	if len(pieces) == 1 {
		return
	}
	for _, piece := range pieces {
		for _, o := range piece.operands {
			if p.stages.needed[o.root] {
				p.stages.material[o.root] = true
			}
		}
	}
}

// chainKernel is the kernel of chains, without its precision.
const chainKernel = "program_chain"

// kernel returns the kernel of a root that is no chain.
func (p *plan) kernel(v int) string {
	n := &p.nodes[v]
	switch n.Op {
	case program.MatMul:
		return "program_product_" + p.tile(v).name()
	case program.Conv2D, program.Conv2DInput, program.Conv2DWeights:
		return "program_convolve_" + p.tile(v).name()
	case program.Sum:
		return "program_sum"
	case program.Softmax, program.LogSoftmax, program.TopK:
		return "program_rows"
	case program.Gather:
		return "program_gather"
	case program.Normal, program.Uniform, program.Whole:
		return "program_draw"
	case program.Batch:
		return "program_batch"
	}
	panic("programs: no kernel computes " + n.Op.String())
}

// stores adds to a piece the operands that it writes.
func (p *plan) stores(x *piece) {
	for i := range x.code {
		if n := &x.code[i]; n.store < 0 && n.node >= 0 && p.stages.material[n.node] {
			n.store = x.operand(flat(stretch{root: n.node}))
		}
	}
}

// use finds which launches write and read the results in memory.
func (p *plan) use() {
	p.first, p.last = map[int]int{}, map[int]int{}
	write := func(root, at int) {
		if _, ok := p.first[root]; !ok {
			p.first[root] = at
		}
		p.last[root] = max(p.last[root], at)
	}
	read := func(root, at int) { p.last[root] = max(p.last[root], at) }
	for at := range p.launches {
		l := &p.launches[at]
		for _, x := range l.pieces {
			p.stores(x)
			for i := range x.code {
				if n := &x.code[i]; n.store >= 0 {
					write(x.operands[n.store].root, at)
				}
				if n := &x.code[i]; n.code == codeLoad {
					read(x.operands[n.operand].root, at)
				}
			}
			if x.product >= 0 {
				for _, root := range p.reads(x.product) {
					read(root, at)
				}
			}
		}
		for _, v := range l.roots {
			write(v, at)
			for _, root := range p.reads(v) {
				read(root, at)
			}
		}
	}
	for _, o := range p.program.Outputs {
		read(p.resolve(o.Value).root, len(p.launches))
	}
}

// commit has results become variables: in place where nothing reads the old value any
// more, otherwise by copies at the end. A copy of a variable that is overwritten itself
// goes by way of another tensor.
func (p *plan) commit() {
	var early, late launch
	early.kernel, late.kernel = chainKernel, chainKernel
	read := p.readers()
	for v, o := range p.program.Outputs {
		r := p.resolve(o.Value)
		n := &p.nodes[r.root]
		switch {
		case p.nodes[o.Value].Size() == 0, n.Op == program.Read && n.Count == v && !r.part:
			continue
		case !r.part && !isSource(n.Op) && p.inPlace(r.root, v, read):
			p.home[r.root] = v
			continue
		}
		x := &piece{product: -1, operands: []operand{flat(r), {root: variableRoot(v), flat: true, bounded: -1}},
			code: []instruction{{code: codeLoad, over: -1, node: -1, store: 1, slot: -1}}, nodes: []int{int(o.Value)}}
		if n.Op == program.Read {
			between := temporaryRoot(v, len(p.program.Outputs))
			first := *x
			first.operands = []operand{x.operands[0], {root: between, flat: true, bounded: -1}}
			first.code = slices.Clone(x.code)
			early.pieces = append(early.pieces, &first)
			x.operands[0] = operand{root: between, flat: true, bounded: -1}
		}
		late.pieces = append(late.pieces, x)
	}
	for _, l := range []launch{early, late} {
		if len(l.pieces) > 0 {
			p.launches = append(p.launches, l)
		}
	}
}

// Roots below 0 are no nodes: the new value of variable v, and a tensor between two
// copies of it.
func variableRoot(v int) int         { return -1 - v }
func temporaryRoot(v, count int) int { return -1 - count - v }

// rootSize returns the elements of a root, and whether it is a variable's new value.
func (p *plan) rootSize(root int) (size, variable int) {
	switch count := len(p.program.Outputs); {
	case root >= 0:
		return p.nodes[root].Size(), -1
	case root >= -count:
		v := -1 - root
		return p.nodes[p.program.Outputs[v].Value].Size(), v
	default:
		return p.nodes[p.program.Outputs[-1-count-root].Value].Size(), -1
	}
}

// A reader is a place where a variable is read: by instruction `at` of a piece, element by
// element, or in another way.
type reader struct {
	launch int
	piece  *piece
	at     int
	flat   bool
}

// readers returns where each variable is read, before it is overwritten.
func (p *plan) readers() map[int][]reader {
	list := map[int][]reader{}
	add := func(root int, r reader) {
		if root >= 0 && p.nodes[root].Op == program.Read {
			v := p.nodes[root].Count
			list[v] = append(list[v], r)
		}
	}
	for at := range p.launches {
		l := &p.launches[at]
		for _, x := range l.pieces {
			for i := range x.code {
				if n := &x.code[i]; n.code == codeLoad {
					o := x.operands[n.operand]
					add(o.root, reader{at, x, i, o.flat && o.offset == 0})
				}
			}
			if x.product >= 0 {
				for _, root := range p.reads(x.product) {
					add(root, reader{launch: at})
				}
			}
		}
		for _, v := range l.roots {
			for _, root := range p.reads(v) {
				add(root, reader{launch: at})
			}
		}
	}
	for _, o := range p.program.Outputs {
		add(p.resolve(o.Value).root, reader{launch: len(p.launches)})
	}
	return list
}

// inPlace reports whether a root's result may be written over the old value of a variable:
// every reader of that comes before, or reads the very element in the same piece before
// it is written.
func (p *plan) inPlace(root, variable int, readers map[int][]reader) bool {
	if _, taken := p.home[root]; taken || p.nodes[root].Size() == 0 {
		return false
	}
	at := p.first[root]
	var piece *piece
	place := 0
	for _, x := range p.launches[at].pieces {
		for i := range x.code {
			if x.code[i].store >= 0 && x.code[i].node == root {
				piece, place = x, i
			}
		}
	}
	for _, r := range readers[variable] {
		if r.launch < at || r.piece != nil && r.piece == piece && r.flat && r.at <= place {
			continue
		}
		return false
	}
	return true
}

// place lays out the buffers: a buffer's memory is used again after the launch that uses
// it last. A stride is whole packs of 16 bytes, so that every run's elements begin at such
// an address. With a gap, which tests give, no memory is used again, and so many elements
// of a run lie after each buffer.
func (p *plan) place(gap int) {
	p.buffers, p.values = map[int]buffer{}, 0
	type taken struct{ at, end, last int }
	var live []taken
	for _, root := range p.stored() {
		size, _ := p.rootSize(root)
		b := buffer{stride: roundUp(size, p.options.Precision.pack())}
		live = slices.DeleteFunc(live, func(t taken) bool { return t.last < p.first[root] })
		slices.SortFunc(live, func(x, y taken) int { return x.at - y.at })
		for _, t := range live { // the first gap that is large enough
			if b.at+b.stride <= t.at {
				break
			}
			b.at = max(b.at, t.end)
		}
		last := p.last[root]
		if gap > 0 {
			last = math.MaxInt
		}
		live = append(live, taken{b.at, b.at + b.stride + gap, last})
		p.buffers[root] = b
		p.values = max(p.values, b.at+b.stride+gap)
	}
}

// stored returns the roots whose results are in buffers, in the order in which they are
// written.
func (p *plan) stored() []int {
	var list []int
	for root := range p.first {
		_, variable := p.rootSize(root)
		if _, home := p.home[root]; !home && variable < 0 {
			list = append(list, root)
		}
	}
	slices.SortFunc(list, func(x, y int) int {
		if p.first[x] != p.first[y] {
			return p.first[x] - p.first[y]
		}
		return x - y
	})
	return list
}

func roundUp(n, to int) int { return (n + to - 1) / to * to }

// String lists the launches, for tests.
func (p *plan) String() string {
	text := ""
	for _, l := range p.launches {
		text += l.kernel + "\n"
		for _, x := range l.pieces {
			text += fmt.Sprintf("  product %d, nodes %v, %d instructions, %d slots\n", x.product, x.nodes, len(x.code), x.slots)
		}
		for _, v := range l.roots {
			text += fmt.Sprintf("  %d %s %v\n", v, p.nodes[v].Op, p.nodes[v].Shape)
		}
	}
	return text
}
