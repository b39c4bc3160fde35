//go:build gpu

package programs

import (
	"math/bits"

	"modspec/engine/cuda"
	"modspec/engine/program"
)

// Threads of a block, and elements of a block of the kernels that go element by element.
const (
	chainThreads  = 128
	reduceThreads = 256
)

// A tensorAt is where a tensor of a group lies: its first run's first element, and the
// elements from one run to the next.
type tensorAt struct {
	at     uint64
	stride int
}

// A bound launch has its pieces in device memory.
type bound struct {
	name                    string // of the kernel
	list                    uint64
	pieces                  int
	blocks, threads, shared int
}

// A table is what the device reads of the launches of a program.
type table struct {
	base  uint64
	bytes []byte
}

// put appends a list, and returns its address.
func put[T any](t *table, list []T) uint64 {
	at := t.base + uint64(len(t.bytes))
	t.bytes = append(t.bytes, cuda.AsBytes(list)...)
	return at
}

// bind writes the launches of a plan for some runs, as they lie at an address.
func (p *plan) bind(m *memory, base uint64) (*table, []bound) {
	t := &table{base: base}
	var list []bound
	for i := range p.launches {
		l := &p.launches[i]
		b := bound{name: l.name(p.options), threads: reduceThreads}
		switch {
		case l.kernel == chainKernel:
			bindChains(p, m, t, l, &b)
		case len(l.pieces) > 0:
			bindProducts(p, m, t, l, &b)
		case l.kernel == "program_sum":
			bindAll(t, l, &b, func(v int) (programSum, int) { return bindSum(p, m, v, b.blocks) })
		case l.kernel == "program_rows":
			bindAll(t, l, &b, func(v int) (programRows, int) { return bindRows(p, m, v, b.blocks) })
		case l.kernel == "program_gather":
			bindAll(t, l, &b, func(v int) (programGather, int) { return bindGather(p, m, v, b.blocks) })
		default:
			bindAll(t, l, &b, func(v int) (programDraw, int) { return bindDraw(p, m, v, b.blocks) })
		}
		list = append(list, b)
	}
	return t, list
}

// bindAll writes one entry a root; entry returns it with its number of blocks.
func bindAll[T any](t *table, l *launch, b *bound, entry func(v int) (T, int)) {
	var list []T
	for _, v := range l.roots {
		e, blocks := entry(v)
		list = append(list, e)
		b.blocks += blocks
	}
	b.list, b.pieces = put(t, list), len(list)
}

// code writes the instructions and the operands of a piece.
func (x *piece) bind(m *memory, t *table) (count int64, code, operands uint64) {
	var instructions []programInstruction
	for i, n := range x.code {
		instructions = append(instructions, programInstruction{word: x.word(i), operand: int64(n.operand), store: int64(n.store), a: n.a, b: n.b})
	}
	var list []programOperand
	for _, o := range x.operands {
		at := m.tensor(o.root)
		d := programOperand{at: at.at, stride: int64(at.stride), offset: int64(o.offset), axes: int64(len(o.axes)),
			bounded: int64(o.bounded), low: int64(o.low), high: int64(o.high)}
		if o.flat {
			d.axes = -1
		}
		for k, a := range o.axes {
			d.length[k], d.step[k] = int64(a.length), int64(a.step)
			d.multiplier[k], d.shift[k] = reciprocal(a.length)
		}
		list = append(list, d)
	}
	return int64(len(instructions)), put(t, instructions), put(t, list)
}

// reciprocal returns the multiplier and shift with which n / length is
// n·multiplier >> shift for 0 ≤ n < 2³¹. With l = ⌈log₂ length⌉ the multiplier is
// ⌊2^(31+l)/length⌋ + 1, at most 2³²; it is off by e/length with 0 < e ≤ length ≤ 2^l, so
// the product is too large by n·e/length < 2^(31+l)/length, less than one unit of the
// quotient's fraction. Source: T. Granlund, P. L. Montgomery, Division by invariant
// integers using multiplication, 1994, theorem 4.2.
func reciprocal(length int) (multiplier, shift int64) {
	l := bits.Len(uint(length - 1))
	return int64(1)<<(31+l)/int64(length) + 1, int64(31 + l)
}

func bindChains(p *plan, m *memory, t *table, l *launch, b *bound) {
	b.threads = chainThreads
	var list []programChain
	for _, x := range l.pieces {
		size := p.nodes[x.nodes[0]].Size()
		c := programChain{first: int64(b.blocks), size: int64(size)}
		c.count, c.code, c.operands = x.bind(m, t)
		list = append(list, c)
		b.blocks += (size + chainThreads*p.options.Precision.pack() - 1) / (chainThreads * p.options.Precision.pack())
		b.shared = max(b.shared, x.slots*chainThreads*16)
	}
	b.list, b.pieces = put(t, list), len(list)
}

func bindProducts(p *plan, m *memory, t *table, l *launch, b *bound) {
	var list []programProduct
	for _, x := range l.pieces {
		s, tile := p.product(x.product), p.tile(x.product)
		b.threads = tile.threads()
		e := programProduct{
			first: int64(b.blocks), batch: int64(s.batch), rows: int64(s.rows), cols: int64(s.cols), depth: int64(s.depth),
			size: int64(p.nodes[x.product].Size()), rowStep: int64(s.rowStep), colStep: s.colStep.bind(),
			rowDigits: s.rowDigits.bind(), colDigits: s.colDigits.bind(), depthDigits: s.depthDigits.bind(),
			left: s.left.bind(m, p), right: s.right.bind(m, p),
		}
		e.count, e.code, e.operands = x.bind(m, t)
		list = append(list, e)
		b.blocks += s.batch * tile.blocks(s.rows, s.cols)
		b.shared = max(b.shared, tile.shared(p.options)*p.options.Precision.bytes()+x.slots*tile.threads()*16)
	}
	b.list, b.pieces = put(t, list), len(list)
}

func (d digits) bind() programDigits {
	out := programDigits{height: int64(d.height), width: int64(d.width)}
	out.heightMultiplier, out.heightShift = reciprocal(d.height)
	out.widthMultiplier, out.widthShift = reciprocal(d.width)
	return out
}

func (s steps) bind() programSteps { return programSteps{int64(s.outer), int64(s.y), int64(s.x)} }

func (s *side) bind(m *memory, p *plan) programSide {
	at := m.tensor(s.in.root)
	return programSide{
		at: at.at + uint64(s.in.offset*p.options.Precision.bytes()), stride: int64(at.stride), batch: int64(s.batch),
		wide: flag(s.wide), bounded: flag(s.bounded), height: int64(s.height), width: int64(s.width),
		extent: s.extent.bind(), depth: s.depth.bind(),
	}
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// in returns where an operand of a root lies.
func (m *memory) in(p *plan, v, operand int) (uint64, int64) {
	r := p.resolve(p.nodes[v].In[operand])
	at := m.tensor(r.root)
	if p.nodes[r.root].Size() == 0 {
		return 0, 0
	}
	return at.at + uint64(r.offset*p.options.Precision.bytes()), int64(at.stride)
}

func (m *memory) out(v int) (uint64, int64) {
	at := m.tensor(v)
	return at.at, int64(at.stride)
}

func bindSum(p *plan, m *memory, v, first int) (programSum, int) {
	n := &p.nodes[v]
	x := p.nodes[n.In[0]].Shape
	s := programSum{first: int64(first), size: int64(n.Size()), length: int64(x[n.Axis]), after: int64(program.Size(x[n.Axis+1:]))}
	slices := sumSlices(int(s.length), int(s.size), s.after == 1)
	s.slices = int64(slices)
	s.from, s.fromStride = m.in(p, v, 0)
	s.to, s.toStride = m.out(v)
	width := reduceThreads / slices
	return s, (int(s.size) + width - 1) / width
}

func bindRows(p *plan, m *memory, v, first int) (programRows, int) {
	n := &p.nodes[v]
	length := n.Shape[len(n.Shape)-1]
	lanes := min(32, ceilPower(length))
	r := programRows{first: int64(first), rows: int64(n.Size() / length), length: int64(length), lanes: int64(lanes), most: int64(n.Count)}
	switch n.Op {
	case program.Softmax:
		r.kind = rowSoftmax
	case program.LogSoftmax:
		r.kind = rowLogSoftmax
	default:
		r.kind = rowTop
	}
	r.from, r.fromStride = m.in(p, v, 0)
	r.to, r.toStride = m.out(v)
	rows := reduceThreads / lanes
	return r, (int(r.rows) + rows - 1) / rows
}

func bindGather(p *plan, m *memory, v, first int) (programGather, int) {
	n := &p.nodes[v]
	table := p.nodes[n.In[0]].Shape
	g := programGather{first: int64(first), size: int64(n.Size()), width: int64(program.Size(table[1:])), rows: int64(table[0]), node: int64(v), faults: m.faults}
	g.table, g.tableStride = m.in(p, v, 0)
	g.indices, g.indicesStride = m.in(p, v, 1)
	g.to, g.toStride = m.out(v)
	return g, (int(g.size) + reduceThreads - 1) / reduceThreads
}

func bindDraw(p *plan, m *memory, v, first int) (programDraw, int) {
	n := &p.nodes[v]
	d := programDraw{first: int64(first), size: int64(n.Size()), number: int64(n.Draw.Number), below: int64(n.Count), stream: int64(n.Draw.Stream),
		streams: int64(m.streams), seeds: m.seeds, steps: m.steps}
	d.to, d.toStride = m.out(v)
	switch n.Op {
	case program.Normal:
		d.kind = drawNormal
	case program.Uniform:
		d.kind = drawUniform
	case program.Whole:
		d.kind = drawWhole
	default:
		d.kind, d.order = drawBatch, m.orders[v]
		return d, 1
	}
	return d, (n.Size() + 2*reduceThreads - 1) / (2 * reduceThreads)
}

// watchedBy is how many elements a block of program_watch looks at.
const watchedBy = 16 * reduceThreads

// bindWatch writes the pieces that watch variables.
func (c *common) bindWatch(s sizes, o Options, base uint64) (*table, bound) {
	t := &table{base: base}
	b := bound{name: watchKernel + o.suffix(), threads: reduceThreads}
	var list []programWatch
	for _, v := range s.watched {
		list = append(list, programWatch{int64(b.blocks), int64(s.variables[v]), c.variables[v].at, int64(c.variables[v].stride)})
		b.blocks += (s.variables[v] + watchedBy - 1) / watchedBy
	}
	b.list, b.pieces = put(t, list), len(list)
	return t, b
}

// suffix ends the names of kernels.
func (o Options) suffix() string {
	if o.Precision == Float64 {
		return "_f64"
	}
	return "_f32"
}

// name is the kernel with its precision.
func (l *launch) name(o Options) string {
	if o.TF32 && len(l.pieces) > 0 && l.kernel != chainKernel {
		return l.kernel + "_tf32"
	}
	return l.kernel + o.suffix()
}

// word is an instruction as the device reads it: ProgramInstruction of program_abi.cuh.
func (p *piece) word(i int) int64 {
	n := &p.code[i]
	word := int64(n.code)
	for k := range 3 {
		s := int64(sourceNone)
		if k < len(n.in) {
			switch v := n.in[k]; {
			case v.value < 0 && v.b:
				s = sourceB
			case v.value < 0:
				s = sourceA
			case v.value == i-1:
				s = sourceAccumulator
			default:
				s = int64(p.code[v.value].slot)
			}
		}
		word |= s << (8 * (k + 1))
	}
	to := int64(sourceNone)
	if n.slot >= 0 {
		to = int64(n.slot)
	}
	return word | to<<32
}

// threads of a block.
func (t tile) threads() int { return t.rows * t.cols / (t.m * t.n) }

// shared is the elements of shared memory before the slots: SHARED of program_product.cuh.
func (t tile) shared(o Options) int {
	pad := o.Precision.pack()
	if o.TF32 {
		pad = 8
	}
	return max(t.rows*t.cols, 2*8*(t.rows+t.cols+2*pad))
}

// sumSlices is how many threads share a sum of so many terms, of which there are so many,
// side by side in memory or not. It is a power of two.
func sumSlices(length, sums int, beside bool) int {
	if beside {
		return min(256, ceilPower(length))
	}
	return min(256/min(32, ceilPower(sums)), ceilPower(length))
}

// ceilPower is the least power of two that is not below n, 1 for n = 0.
func ceilPower(n int) int {
	power := 1
	for power < n {
		power *= 2
	}
	return power
}
