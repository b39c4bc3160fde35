package programs

import (
	"math"
	"slices"

	"modspec/engine/program"
	"modspec/engine/train/cpu/asm"
)

// A chain computes elementwise nodes of one size, a chunk at a time.
type chain[F asm.Float] struct {
	size     int
	operands []chainOperand
	steps    []step[F]
	product  *product[F] // of which some rows are computed at a time; nil for none
	rows     int         // how many
}

// A chainOperand is a tensor that a chain reads or writes, or one that it keeps for a
// chunk.
type chainOperand struct {
	place  place
	form   form
	every  int
	buffer int  // that holds the chunk; −1 where the tensor itself is read
	taken  bool // rows of the product
}

// A step is one function of a chunk.
type step[F asm.Float] struct {
	function   asm.Function
	d, x, y, z int // operands
	a, b       F
	// Where they are not negative, a and b are times the only element of an operand.
	aFrom, bFrom int
	// other is a function of scalars that package asm lacks.
	other func(x, y float64) float64
}

var functions = map[program.Op]asm.Function{
	program.Add: asm.Add, program.Subtract: asm.Subtract, program.Multiply: asm.Multiply, program.Divide: asm.Divide,
	program.Maximum: asm.Maximum, program.Less: asm.Less, program.Select: asm.Select, program.Relu: asm.Relu,
	program.Exp: asm.Exp, program.Log: asm.Log, program.Sqrt: asm.Sqrt, program.Tanh: asm.Tanh,
	program.Sigmoid: asm.Sigmoid, program.Softplus: asm.Softplus,
}

// others are computed in float64, one element at a time.
var others = map[program.Op]func(x, y float64) float64{
	program.Erf:   func(x, _ float64) float64 { return math.Erf(x) },
	program.Sin:   func(x, _ float64) float64 { return math.Sin(x) },
	program.Cos:   func(x, _ float64) float64 { return math.Cos(x) },
	program.Atan2: math.Atan2,
}

// A chainBuilder makes a chain.
type chainBuilder[F asm.Float] struct {
	*compiler[F]
	chain *chain[F]
	known map[operand]int // operands by what they are
	scale map[int]int     // sums by the scaled operand that they take along
	last  map[int]int     // the last node of the chain that reads a node
	free  []int           // buffers
	count int             // buffers in all
}

// chain returns the instruction of a unit of elementwise nodes.
func (c *compiler[F]) chain(u *unit) instruction[F] {
	size := c.nodes[u.nodes[0]].Size()
	if size == 0 {
		return nil
	}
	b := &chainBuilder[F]{compiler: c, chain: &chain[F]{size: size}, known: map[operand]int{}, last: map[int]int{}, scale: map[int]int{}}
	if u.rows != nil {
		b.takeRows(u.rows)
	}
	scaled := map[int]bool{}
	for _, i := range u.nodes {
		_, operands := c.function(i)
		if at, ok := b.fused(u, i); ok {
			b.scale[i], scaled[at] = at, true
			_, more := c.function(at)
			operands = append(operands, more...)
		}
		for _, o := range operands {
			b.last[o.node] = i
		}
	}
	type late struct{ to, from int }
	var copies []late
	for _, i := range u.nodes {
		if scaled[i] {
			continue
		}
		s := b.step(i)
		stored := slices.Contains(u.results, i)
		s.d = -1
		switch {
		case stored && !b.stillRead(c.places[i], i):
			s.d = b.add(chainOperand{place: c.places[i], buffer: -1})
		case stored:
			// The old value of the variable is read by a later step.
			s.d = b.add(chainOperand{buffer: b.take()})
			b.last[i] = math.MaxInt
			copies = append(copies, late{b.add(chainOperand{place: c.places[i], buffer: -1}), s.d})
		default:
			s.d = b.add(chainOperand{buffer: b.take()})
		}
		b.known[operand{node: i}] = s.d
		b.chain.steps = append(b.chain.steps, s)
		b.release(u, i)
	}
	for _, l := range copies {
		b.chain.steps = append(b.chain.steps, step[F]{function: asm.Copy, d: l.to, x: l.from, y: l.from, z: l.from, aFrom: -1, bFrom: -1})
	}
	c.plan.buffers = max(c.plan.buffers, b.count)
	c.plan.operands = max(c.plan.operands, len(b.chain.operands))
	return b.chain
}

// takeRows has the chain compute rows of a product before it reads them.
func (b *chainBuilder[F]) takeRows(u *unit) {
	p := b.product(u, place{}, b.operandsOf(&b.nodes[u.nodes[0]]))
	b.chain.product = p
	b.chain.rows = min(max(takenElements/p.n/takenRows, 1)*takenRows, p.m)
	b.plan.taken = max(b.plan.taken, b.chain.rows*p.n+pad)
	b.known[operand{node: u.nodes[len(u.nodes)-1]}] = b.add(chainOperand{buffer: -1, taken: true})
}

// fused returns the operand of a sum or difference that is a·x for one number a, if
// nothing else needs it: the two are one multiply-add.
func (b *chainBuilder[F]) fused(u *unit, i int) (int, bool) {
	op := b.nodes[i].Op
	if op != program.Add && op != program.Subtract {
		return 0, false
	}
	_, operands := b.function(i)
	if operands[0].node == operands[1].node || operands[0].form == scalar || operands[1].form == scalar {
		return 0, false
	}
	for k := 1; k >= 0; k-- {
		at := operands[k].node
		if op == program.Subtract && k == 0 || operands[k].form != whole || !slices.Contains(u.nodes, at) || slices.Contains(u.results, at) || len(b.users[at]) > 1 {
			continue
		}
		if _, _, _, ok := b.scaling(at); ok {
			return at, true
		}
	}
	return 0, false
}

// scaling takes a node apart that is a·x for one number a, which is a constant or the
// element of an operand.
func (b *chainBuilder[F]) scaling(i int) (x operand, a float64, from *operand, ok bool) {
	n := &b.nodes[i]
	if n.Op == program.Affine && n.B == 0 {
		return b.trace(n.In[0]), n.A, nil, true
	}
	if n.Op != program.Multiply {
		return operand{}, 0, nil, false
	}
	x, y := b.trace(n.In[0]), b.trace(n.In[1])
	if y.form != scalar {
		x, y = y, x
	}
	return x, 1, &y, y.form == scalar
}

// stillRead reports whether a node of the chain after node i reads the place that i
// is to be stored in.
func (b *chainBuilder[F]) stillRead(p place, i int) bool {
	for node, last := range b.last {
		if last > i && node != i && b.stored(node) && b.places[node] == p {
			return true
		}
	}
	return false
}

func (b *chainBuilder[F]) add(o chainOperand) int {
	b.chain.operands = append(b.chain.operands, o)
	return len(b.chain.operands) - 1
}

func (b *chainBuilder[F]) take() int {
	if n := len(b.free); n > 0 {
		at := b.free[n-1]
		b.free = b.free[:n-1]
		return at
	}
	b.count++
	return b.count - 1
}

// release frees the buffers of nodes of the chain that node i is the last to read.
func (b *chainBuilder[F]) release(u *unit, i int) {
	for _, node := range u.nodes {
		if node > i {
			break
		}
		if _, computed := b.known[operand{node: node}]; !computed {
			continue // part of a sum
		}
		last, read := b.last[node]
		o := b.chain.operands[b.known[operand{node: node}]]
		if o.buffer >= 0 && (read && last == i || !read && node == i) {
			b.free = append(b.free, o.buffer)
		}
	}
}

// read returns the number of an operand.
func (b *chainBuilder[F]) read(o operand) int {
	if at, ok := b.known[o]; ok {
		return at
	}
	buffer := -1
	if o.form != whole {
		buffer = b.count // of its own, since it is filled before the first step
		b.count++
	}
	b.known[o] = b.add(chainOperand{place: b.places[o.node], form: o.form, every: o.every, buffer: buffer})
	return b.known[o]
}

// single returns the number of an operand of one element, of which only that is read.
func (b *chainBuilder[F]) single(o operand) int {
	o.form = whole
	key := operand{node: o.node, form: scalar, every: -1}
	if at, ok := b.known[key]; ok {
		return at
	}
	b.known[key] = b.add(chainOperand{place: b.places[o.node], form: scalar, buffer: -1})
	return b.known[key]
}

// step returns the step of a node, without its result.
func (b *chainBuilder[F]) step(i int) step[F] {
	n := &b.nodes[i]
	gate, operands := b.function(i)
	s := step[F]{aFrom: -1, bFrom: -1}
	unary := func(f asm.Function, x operand) step[F] {
		s.function, s.x = f, b.read(x)
		s.y, s.z = s.x, s.x
		return s
	}
	x := operands[0]
	var y operand
	if len(operands) > 1 {
		y = operands[1]
	}
	if at, ok := b.scale[i]; ok {
		scaled, a, from, _ := b.scaling(at)
		if y.node == at {
			y = x
		}
		if n.Op == program.Subtract {
			a = -a
		}
		if s.a = F(a); from != nil {
			s.aFrom = b.single(*from)
		}
		s.function, s.x, s.y = asm.MultiplyTo, b.read(scaled), b.read(y)
		s.z = s.x
		return s
	}
	if scaled, a, from, ok := b.scaling(i); ok {
		if s.a = F(a); from != nil {
			s.aFrom = b.single(*from)
		}
		return unary(asm.Scale, scaled)
	}
	switch {
	case gate:
		s.function, s.x, s.y = asm.Gate, b.read(x), b.read(y)
		s.z = s.x
		return s
	case n.Op == program.Affine:
		s.a, s.b = F(n.A), F(n.B)
		return unary(asm.Affine, x)
	case n.Op == program.Divide && y.form == scalar:
		s.a, s.aFrom = 1, b.single(y)
		return unary(asm.DivideBy, x)
	case n.Op == program.Add && (y.form == scalar || x.form == scalar):
		if y.form != scalar {
			x, y = y, x
		}
		s.a, s.b, s.bFrom = 1, 1, b.single(y)
		return unary(asm.Affine, x)
	case n.Op == program.Subtract && y.form == scalar:
		s.a, s.b, s.bFrom = 1, -1, b.single(y)
		return unary(asm.Affine, x)
	case n.Op == program.Subtract && x.form == scalar:
		s.a, s.b, s.bFrom = -1, 1, b.single(x)
		return unary(asm.Affine, y)
	}
	if f, ok := functions[n.Op]; ok {
		s.function = f
	} else {
		s.other = others[n.Op]
	}
	at := [3]int{}
	for k, o := range operands {
		at[k] = b.read(o)
	}
	for k := len(operands); k < 3; k++ {
		at[k] = at[0]
	}
	s.x, s.y, s.z = at[0], at[1], at[2]
	return s
}

// leastSteps is the fewest steps of chunks that threads share: about 2 µs of them.
const leastSteps = 16

func (c *chain[F]) run(m *machine[F]) error {
	for i := range c.operands {
		m.bases[i] = nil
		if o := &c.operands[i]; o.place.size > 0 { // otherwise only a buffer
			m.bases[i] = m.at(o.place)
		}
	}
	if c.product != nil {
		c.runRows(m)
		return nil
	}
	chunks := (c.size + chunk - 1) / chunk
	threads := min(len(m.threads), chunks)
	if chunks*len(c.steps) < leastSteps || threads < 2 {
		c.part(m, &m.threads[0], 0, c.size, 0)
		return nil
	}
	m.team.share(threads, func(t, piece int) {
		c.part(m, &m.threads[t], chunks*piece/threads*chunk, min(c.size, chunks*(piece+1)/threads*chunk), 0)
	})
	return nil
}

// runRows computes some rows of the product after the other, each time with the elements of
// the chain that are theirs. Threads share them.
func (c *chain[F]) runRows(m *machine[F]) {
	p := c.product
	x, y, bias := m.at(p.x), m.at(p.y), p.from(m)
	blocks := (p.m + c.rows - 1) / c.rows
	threads := min(len(m.threads), blocks)
	do := func(t, piece int) {
		own := &m.threads[t]
		for block := blocks * piece / threads; block < blocks*(piece+1)/threads; block++ {
			from, to := block*c.rows, min(p.m, (block+1)*c.rows)
			m.multiplyRows(&own.packing, own.taken, bias, p.hasBias, p.low, to-from, p.k, p.n,
				matrix[F]{x[from*p.xRow:], p.xRow, p.xColumn}, matrix[F]{y, p.yRow, p.yColumn})
			c.part(m, own, from*p.n, to*p.n, from*p.n)
		}
	}
	if threads < 2 {
		do(0, 0)
		return
	}
	m.team.share(threads, do)
}

// part computes elements from to below end; from begins a vector, and is followed by no
// element that others compute before it ends one. The elements of the product that are
// there begin with number taken.
func (c *chain[F]) part(m *machine[F], own *local[F], from, end, taken int) {
	for i := range c.operands {
		o := &c.operands[i]
		if o.buffer < 0 {
			continue
		}
		own.pointers[i] = &own.buffers[o.buffer][0]
		if o.place.size > 0 {
			c.prefill(own.buffers[o.buffer], m.bases[i], o)
		}
	}
	for off := from; off < end; off += chunk {
		count := min(chunk, end-off)
		n := uintptr((count + m.k.Lanes - 1) / m.k.Lanes)
		for i := range c.operands {
			if o := &c.operands[i]; o.taken {
				own.pointers[i] = &own.taken[off-taken]
			} else if o.form == whole && o.buffer < 0 {
				own.pointers[i] = &m.bases[i][off]
			} else if o.form >= cycle {
				own.pointers[i] = c.fill(m, own.buffers[o.buffer], m.bases[i], o, off, count)
			}
		}
		for i := range c.steps {
			s := &c.steps[i]
			a, b := s.a, s.b
			if s.aFrom >= 0 {
				a *= m.bases[s.aFrom][0]
			}
			if s.bFrom >= 0 {
				b *= m.bases[s.bFrom][0]
			}
			if s.other != nil {
				c.scalars(own, s, count)
				continue
			}
			m.functions[s.function](own.pointers[s.d], own.pointers[s.x], own.pointers[s.y], own.pointers[s.z], a, b, n)
		}
	}
}

// prefill puts what all chunks have in common into an operand's buffer.
func (c *chain[F]) prefill(buffer, from []F, o *chainOperand) {
	most := min(chunk, c.size)
	switch {
	case o.form == scalar:
		to := buffer[:most+pad/2]
		for i := range to {
			to[i] = from[0]
		}
	case o.form == cycle && o.every < chunk:
		// Repeated from the first element to the end of a chunk that begins anywhere.
		to := buffer[:min(chunk+o.every, max(c.size, o.every))]
		done := copy(to, from[:o.every])
		for done < len(to) {
			done += copy(to[done:], to[:done])
		}
	}
}

// fill returns the elements of a chunk of an operand that repeats.
func (c *chain[F]) fill(m *machine[F], buffer, from []F, o *chainOperand, off, count int) *F {
	if o.form == cycle {
		at := off % o.every
		switch {
		case o.every < chunk:
			return &buffer[at]
		case at+count <= o.every:
			return &from[at]
		}
		first := copy(buffer[:count], from[at:o.every])
		copy(buffer[first:count], from)
		return &buffer[0]
	}
	first := off / o.every
	if rows := (off+count+o.every-1)/o.every - first; rows*o.every <= 2*chunk {
		m.k.Spread(buffer, from[first:], rows, o.every)
		return &buffer[off%o.every]
	}
	// Few values, whose whole rows have no room in the buffer.
	for done := 0; done < count; first++ {
		same := min(count-done, o.every-(off+done)%o.every)
		m.k.Spread(buffer[done:], from[first:], 1, same)
		done += same
	}
	return &buffer[0]
}

// scalars computes a function that package asm lacks.
func (c *chain[F]) scalars(own *local[F], s *step[F], count int) {
	d, x, y := elements(own.pointers[s.d], count), elements(own.pointers[s.x], count), elements(own.pointers[s.y], count)
	for i, v := range x {
		d[i] = F(s.other(float64(v), float64(y[i])))
	}
}
