package programs

import (
	"fmt"
	"slices"

	"modspec/engine/program"
	"modspec/engine/train/cpu/asm"
)

// compile makes the plan of a program. With forVariables, result v of the program is
// the next value of variable v, and the plan ends with it there.
func compile[F asm.Float](p *program.Program, forVariables bool) (*plan[F], error) {
	c := &compiler[F]{graph: newGraph(p), plan: &plan[F]{}, places: make([]place, len(p.Nodes)), assigned: make([]bool, len(p.Nodes))}
	c.storeSources()
	if forVariables {
		c.overwrite()
	}
	c.schedule()
	c.allocate(forVariables)
	for _, u := range c.order {
		if err := c.instruct(u); err != nil {
			return nil, err
		}
	}
	for _, o := range p.Outputs {
		c.plan.outputs = append(c.plan.outputs, c.places[c.root[o.Value]])
	}
	return c.plan, nil
}

// A compiler is a plan as it is made.
type compiler[F asm.Float] struct {
	*graph
	plan     *plan[F]
	places   []place // of stored nodes and of results
	assigned []bool  // whether a node has a place
	order    []*unit
}

// storeSources gives constants and variables their places.
func (c *compiler[F]) storeSources() {
	for i := range c.nodes {
		n := &c.nodes[i]
		switch {
		case !c.needed[i] || c.readAsBytes(i):
		case n.Op == program.Constant:
			data := tensor[F](n.Size())
			fill(data, n.Numbers(0, n.Size()))
			c.place(i, place{inConstant, len(c.plan.constants), n.Size()})
			c.plan.constants = append(c.plan.constants, data)
		case n.Op == program.Read:
			c.place(i, place{inVariable, n.Count, n.Size()})
		}
	}
}

// readAsBytes reports whether a node is a constant of bytes of which only rows are taken:
// its elements lie nowhere.
func (c *compiler[F]) readAsBytes(i int) bool {
	return c.nodes[i].Bytes != nil && !c.output[i] && !slices.ContainsFunc(c.users[i], func(user int) bool {
		u := &c.nodes[user]
		return u.Op != program.Gather || c.root[u.In[1]] == i
	})
}

func (c *compiler[F]) place(i int, p place) { c.places[i], c.assigned[i] = p, true }

// overwrite lets the results of chains that are next values of variables be computed
// in the variables' places, after everything else that reads the old value.
func (c *compiler[F]) overwrite() {
	copied := map[int]bool{} // variables whose old value is the next value of another
	for v, o := range c.p.Outputs {
		if n := &c.nodes[c.root[o.Value]]; n.Op == program.Read && n.Count != v {
			copied[n.Count] = true
		}
	}
	for v, o := range c.p.Outputs {
		i := c.root[o.Value]
		if c.assigned[i] || !c.elementwise(i) || copied[v] || c.units[c.unitOf[i]].product != nil {
			continue
		}
		writer := c.unitOf[i]
		var readers []int
		isRead, whole := false, false // whole: by a product of which the writer takes rows
		for read := range c.nodes {
			if n := &c.nodes[read]; !c.needed[read] || n.Op != program.Read || n.Count != v {
				continue
			}
			isRead = true
			for _, user := range c.users[read] {
				if at := c.unitOf[user]; at != writer && !slices.Contains(readers, at) {
					readers = append(readers, at)
				}
				rows := c.units[writer].rows
				whole = whole || rows != nil && slices.Contains(rows.nodes, user)
			}
		}
		seen := make([]bool, len(c.units))
		if whole || slices.ContainsFunc(readers, func(r int) bool { return c.waits(r, writer, seen) }) {
			continue
		}
		c.units[writer].after = append(c.units[writer].after, readers...)
		c.place(i, place{inVariable, v, c.nodes[i].Size()})
		if from := c.onlyFor(i); !isRead && from >= 0 {
			c.place(from, c.places[i])
		}
	}
}

// onlyFor returns a result that is there only for element i of it to become element i of
// a chain's result, −1 for none.
func (c *compiler[F]) onlyFor(i int) int {
	_, operands := c.function(i)
	for _, o := range operands {
		from := o.node
		if o.form == whole && !c.assigned[from] && !c.output[from] && c.unitOf[from] != c.unitOf[i] &&
			c.nodes[from].Size() == c.nodes[i].Size() && slices.Equal(c.users[from], []int{i}) {
			return from
		}
	}
	return -1
}

// before returns the units that a unit waits for.
func (c *compiler[F]) before(u *unit) []int {
	list := slices.Clone(u.after)
	for _, in := range u.deps {
		if at := c.unitOf[in]; at >= 0 {
			list = append(list, at)
		}
	}
	return list
}

// waits reports whether unit a waits for unit b, directly or not. Units that were
// visited do not.
func (c *compiler[F]) waits(a, b int, seen []bool) bool {
	if a == b {
		return true
	}
	if seen[a] {
		return false
	}
	seen[a] = true
	return slices.ContainsFunc(c.before(c.units[a]), func(other int) bool { return c.waits(other, b, seen) })
}

// schedule orders the units: of those that wait for nothing more, the one whose last
// operand comes first in the program. So a parameter is updated right after its
// gradient is there, if nothing else needs it.
func (c *compiler[F]) schedule() {
	key := make([]int, len(c.units))
	waiting := make([]int, len(c.units))
	next := make([][]int, len(c.units))
	for at, u := range c.units {
		key[at] = -1
		for _, in := range u.deps {
			if !c.stored(in) {
				key[at] = max(key[at], in)
			}
		}
		if key[at] < 0 {
			key[at] = u.nodes[0]
		}
		before := c.before(u)
		slices.Sort(before)
		for _, other := range slices.Compact(before) {
			waiting[at]++
			next[other] = append(next[other], at)
		}
	}
	done := make([]bool, len(c.units))
	for range c.units {
		best := -1
		for at := range c.units {
			if !done[at] && waiting[at] == 0 && (best < 0 || key[at] < key[best]) {
				best = at
			}
		}
		done[best] = true
		c.order = append(c.order, c.units[best])
		for _, other := range next[best] {
			waiting[other]--
		}
	}
}

// allocate gives the results of units places in the workspace, which are free again
// after their last use, and lists the moves to variables.
func (c *compiler[F]) allocate(forVariables bool) {
	last := make([]int, len(c.nodes)) // position of the unit that reads a node last
	for at, u := range c.order {
		for _, in := range u.deps {
			last[in] = at
		}
	}
	for _, o := range c.p.Outputs {
		last[c.root[o.Value]] = len(c.order)
	}
	free := &arena{}
	dying := make([][]int, len(c.order)+1)
	for at, u := range c.order {
		for _, i := range u.results {
			if c.assigned[i] {
				continue
			}
			size := c.nodes[i].Size()
			c.place(i, place{inWorkspace, free.take(size + pad), size})
			dying[last[i]] = append(dying[last[i]], i)
		}
		for _, i := range dying[at] {
			free.give(c.places[i].at, c.places[i].size+pad)
		}
	}
	if forVariables {
		// Old values first, into places of their own, since a move may overwrite them.
		var moves []move
		for v, o := range c.p.Outputs {
			i := c.root[o.Value]
			from, to := c.places[i], place{inVariable, v, c.nodes[i].Size()}
			if from == to {
				continue
			}
			if c.nodes[i].Op == program.Read {
				kept := place{inWorkspace, free.take(from.size + pad), from.size}
				c.plan.moves = append(c.plan.moves, move{kept, from})
				from = kept
			}
			moves = append(moves, move{to, from})
		}
		c.plan.moves = append(c.plan.moves, moves...)
	}
	c.plan.workspace = free.end
}

// An arena hands out parts of a workspace.
type arena struct {
	free []span // ascending, not adjacent
	end  int
}

type span struct{ from, to int }

// take returns the first place of size elements; places start on cache lines.
func (a *arena) take(size int) int {
	size = (size + 15) / 16 * 16
	best := -1
	for i, s := range a.free {
		if s.to-s.from >= size && (best < 0 || s.to-s.from < a.free[best].to-a.free[best].from) {
			best = i
		}
	}
	if best < 0 {
		a.end += size
		return a.end - size
	}
	from := a.free[best].from
	if a.free[best].from += size; a.free[best].from == a.free[best].to {
		a.free = slices.Delete(a.free, best, best+1)
	}
	return from
}

func (a *arena) give(from, size int) {
	s := span{from, from + (size+15)/16*16}
	at, _ := slices.BinarySearchFunc(a.free, s, func(x, y span) int { return x.from - y.from })
	a.free = slices.Insert(a.free, at, s)
	for i := len(a.free) - 1; i > 0; i-- {
		if a.free[i-1].to == a.free[i].from {
			a.free[i-1].to = a.free[i].to
			a.free = slices.Delete(a.free, i, i+1)
		}
	}
}

// instruct appends the instruction of a unit.
func (c *compiler[F]) instruct(u *unit) error {
	i := u.nodes[0]
	n := &c.nodes[i]
	in := c.operandsOf(n)
	var next instruction[F]
	switch {
	case u.product == nil && c.elementwise(i):
		next = c.chain(u)
	default:
		d := c.places[u.results[0]]
		switch n.Op {
		case program.Setting:
			next = &setting[F]{d, n.Count}
		case program.Steps:
			next = &setting[F]{d, -1}
		case program.Normal, program.Uniform, program.Whole, program.Batch:
			next = &draw[F]{d, n}
		case program.Transpose:
			next = newTranspose[F](d, in[0], n.Order, c.shape(n.In[0]))
		case program.Slice, program.Pad, program.Concat:
			next = c.join(d, n, in)
		case program.Broadcast:
			before, length, after := around(n.Shape, n.Axis)
			next = &repeat[F]{d, in[0], before, length, after}
		case program.Sum:
			before, length, after := around(c.shape(n.In[0]), n.Axis)
			next = &sum[F]{d, in[0], before, length, after}
		case program.Softmax, program.LogSoftmax, program.TopK:
			length := n.Shape[len(n.Shape)-1]
			c.plan.scratch = max(c.plan.scratch, 3*max(chunk, length)+4*pad)
			next = &rows[F]{n.Op, d, in[0], length, n.Count}
		case program.Gather:
			next = c.gather(n, d, in)
		case program.MatMul:
			next = c.product(u, d, in)
		case program.Conv2D, program.Conv2DInput, program.Conv2DWeights:
			next = c.convolution(n, d, in)
		default:
			return fmt.Errorf("the cpu backend has no operation %s", n.Op)
		}
		if d.size == 0 && n.Op != program.Gather { // which checks its indices
			return nil
		}
	}
	if next != nil {
		c.plan.instructions = append(c.plan.instructions, next)
	}
	return nil
}

// operandsOf returns where the operands of a node lie that lie anywhere.
func (c *compiler[F]) operandsOf(n *program.Node) (in []place) {
	for _, v := range n.In {
		if c.assigned[c.root[v]] {
			in = append(in, c.places[c.root[v]])
		}
	}
	return in
}

func (c *compiler[F]) shape(v program.Value) []int { return c.nodes[v].Shape }
