package programs

import (
	"slices"

	"modspec/engine/program"
)

// A form says how an operand of a chain follows the chain's index i.
type form uint8

const (
	whole  form = iota // element i
	scalar             // the only element
	cycle              // element i mod every
	spread             // element i / every
)

// An operand is a tensor as a chain reads it.
type operand struct {
	node  int // that holds the elements
	form  form
	every int
}

// A unit is nodes that one instruction computes.
type unit struct {
	nodes   []int // ascending
	results []int // nodes whose elements are stored
	deps    []int // nodes of other units that it reads
	after   []int // further units that must come before it
	product *epilogue
	// rows is, of a chain, the product of which it takes some rows after the other as they
	// are computed; nil for none.
	rows *unit
}

// all returns the nodes that the unit's instruction computes.
func (u *unit) all() []int {
	if u.rows == nil {
		return u.nodes
	}
	return append(slices.Clone(u.rows.nodes), u.nodes...)
}

// An epilogue is what a product does as it stores.
type epilogue struct {
	bias int // node with one element for each column; −1 for none
	relu bool
}

// A graph is a program with what is known of its nodes.
type graph struct {
	p      *program.Program
	nodes  []program.Node
	root   []int // the node that holds a node's elements
	output []bool
	needed []bool
	users  [][]int // needed nodes that read a root
	unitOf []int   // −1 for none
	units  []*unit
}

func newGraph(p *program.Program) *graph {
	g := &graph{p: p, nodes: p.Nodes, root: make([]int, len(p.Nodes)), output: make([]bool, len(p.Nodes)),
		needed: make([]bool, len(p.Nodes)), users: make([][]int, len(p.Nodes)), unitOf: make([]int, len(p.Nodes))}
	for i := range g.nodes {
		n := &g.nodes[i]
		g.root[i], g.unitOf[i] = i, -1
		if n.Op == program.Reshape || n.Op == program.Stop || n.Op == program.Broadcast && n.Shape[n.Axis] == 1 {
			g.root[i] = g.root[n.In[0]]
		}
	}
	for _, o := range p.Outputs {
		g.output[g.root[o.Value]] = true
		g.need(g.root[o.Value])
	}
	g.group()
	return g
}

// need marks what a node is computed from.
func (g *graph) need(i int) {
	if g.needed[i] {
		return
	}
	g.needed[i] = true
	for _, in := range g.reads(i) {
		g.need(in)
		if !slices.Contains(g.users[in], i) {
			g.users[in] = append(g.users[in], i)
		}
	}
}

// reads returns the nodes whose elements a node reads.
func (g *graph) reads(i int) []int {
	var list []int
	if g.elementwise(i) {
		_, operands := g.function(i)
		for _, o := range operands {
			list = append(list, o.node)
		}
		return list
	}
	for _, in := range g.nodes[i].In {
		list = append(list, g.root[in])
	}
	return list
}

func (g *graph) elementwise(i int) bool { return program.Operations[g.nodes[i].Op].Elementwise }

// function returns the operation of an elementwise node with its operands.
// Select(0 < x, y, 0) is the operation gate of x and y.
func (g *graph) function(i int) (gate bool, operands []operand) {
	n := &g.nodes[i]
	for _, in := range n.In {
		operands = append(operands, g.trace(in))
	}
	if n.Op != program.Select || !g.zero(operands[2]) {
		return false, operands
	}
	c := operands[0]
	if c.form != whole || g.nodes[c.node].Op != program.Less {
		return false, operands
	}
	_, compared := g.function(c.node)
	if !g.zero(compared[0]) {
		return false, operands
	}
	return true, []operand{compared[1], operands[1]}
}

// zero reports whether an operand is the constant 0.
func (g *graph) zero(o operand) bool {
	n := &g.nodes[o.node]
	return n.Op == program.Constant && len(n.Data) == 1 && n.Data[0] == 0
}

// trace follows an operand of an elementwise node through its broadcasts.
func (g *graph) trace(v program.Value) operand {
	o := operand{node: g.root[v]}
	for {
		n := &g.nodes[o.node]
		if n.Op != program.Broadcast {
			return o
		}
		before, length, after := around(n.Shape, n.Axis)
		form, every := whole, 0
		switch {
		case before*after == 1:
			form = scalar
		case before == 1:
			form, every = cycle, after
		case after == 1:
			form, every = spread, length
		default:
			return o
		}
		// Put the broadcast behind what o does with its result.
		switch {
		case o.form == whole:
			o.form, o.every = form, every
		case o.form == scalar || form == scalar:
			o.form, o.every = scalar, 0
		case o.form == cycle && form == cycle:
			o.every = every
		case o.form == spread && form == spread:
			o.every *= every
		default:
			return o
		}
		o.node = g.root[n.In[0]]
	}
}

// around splits a shape at an axis: the product of the lengths before it, its
// length, and the product of those after it.
func around(shape []int, axis int) (before, length, after int) {
	return program.Size(shape[:axis]), shape[axis], program.Size(shape[axis+1:])
}

// stored reports whether a node's elements lie somewhere without an instruction.
func (g *graph) stored(i int) bool {
	return g.nodes[i].Op == program.Constant || g.nodes[i].Op == program.Read
}

// group makes the units.
func (g *graph) group() {
	for i := range g.nodes {
		if g.needed[i] && g.nodes[i].Op == program.MatMul {
			g.absorb(i)
		}
	}
	// The rank of a node is the number of units from it to the end of the program,
	// where elementwise nodes that feed one another count as one. Nodes of one rank
	// never wait for each other through other units, so they can be one chain, and
	// a node is computed as late as it can be, beside what uses it.
	rank := make([]int, len(g.nodes))
	leader := make([]int, len(g.nodes)) // of a set of nodes of one chain
	find := func(i int) int {
		for leader[i] != i {
			i = leader[i]
		}
		return i
	}
	for i := len(g.nodes) - 1; i >= 0; i-- {
		leader[i] = i
		if !g.needed[i] || g.stored(i) {
			continue
		}
		chains := g.chains(i)
		for _, u := range g.users[i] {
			if chains && g.chains(u) && g.feeds(i, u) {
				rank[i] = max(rank[i], rank[u])
			} else {
				rank[i] = max(rank[i], rank[u]+1)
			}
		}
		for _, u := range g.users[i] {
			if chains && g.chains(u) && g.feeds(i, u) && rank[i] == rank[u] {
				leader[find(i)] = find(u)
			}
		}
	}
	made := map[int]int{}
	for i := range g.nodes {
		if !g.needed[i] || g.stored(i) || g.unitOf[i] >= 0 {
			continue
		}
		at, known := made[find(i)]
		if !known || !g.chains(i) {
			at = len(g.units)
			g.units = append(g.units, &unit{})
			made[find(i)] = at
		}
		g.unitOf[i] = at
		g.units[at].nodes = append(g.units[at].nodes, i)
	}
	g.takeRows()
	for at, u := range g.units {
		for _, i := range u.nodes {
			if g.output[i] || slices.ContainsFunc(g.users[i], func(v int) bool { return g.unitOf[v] != at }) {
				u.results = append(u.results, i)
			}
		}
		for _, i := range u.all() {
			for _, in := range g.reads(i) {
				if (g.stored(in) || g.unitOf[in] != at) && !slices.Contains(u.deps, in) {
					u.deps = append(u.deps, in)
				}
			}
		}
	}
}

const (
	// leastTaken is the fewest elements of a product that a chain takes by rows: fewer
	// stay in a cache anyway.
	leastTaken = 1 << 18
	// leastRows is the fewest rows of such a product: threads share them.
	leastRows = 8 * takenRows
	// mostTerms is the longest sum of such a product: of longer ones memory is not what
	// takes the time, and few rows at a time would.
	mostTerms = 128
	// takenElements are about as many as are computed before the chain takes them, 512 KiB
	// of float32, and at most mostTaken: for a number of rows that is a multiple of
	// takenRows, so that rows end where a vector does.
	takenElements, mostTaken = 1 << 17, 1 << 20
	takenRows                = maxLanes
)

// takeRows joins a large product whose result one chain alone reads, element by element,
// to the chain, if the chain has none yet: so a gradient goes into a parameter's update
// from the cache, and takes no memory.
func (g *graph) takeRows() {
	joined := map[*unit]bool{}
	for _, u := range g.units {
		if u.product == nil {
			continue
		}
		n, last := &g.nodes[u.nodes[0]], u.nodes[len(u.nodes)-1]
		shape := n.Shape
		if len(shape) != 2 || program.Size(g.nodes[n.In[0]].Shape) > mostTerms*shape[0] {
			continue
		}
		if g.output[last] || len(g.users[last]) != 1 || program.Size(shape) < leastTaken || shape[0] < leastRows || takenRows*shape[1] > mostTaken {
			continue
		}
		to := g.units[g.unitOf[g.users[last][0]]]
		if to.product != nil || to.rows != nil || !g.elementwise(to.nodes[0]) || !g.feeds(last, g.users[last][0]) {
			continue
		}
		to.rows, joined[u] = u, true
	}
	if len(joined) == 0 {
		return
	}
	g.units = slices.DeleteFunc(g.units, func(u *unit) bool { return joined[u] })
	for at, u := range g.units {
		for _, i := range u.all() {
			g.unitOf[i] = at
		}
	}
}

// chains reports whether a node is part of a chain.
func (g *graph) chains(i int) bool { return g.elementwise(i) && g.unitOf[i] < 0 }

// feeds reports whether an elementwise node u reads element i for its element i.
func (g *graph) feeds(i, u int) bool {
	if !g.elementwise(u) || g.nodes[u].Size() != g.nodes[i].Size() {
		return false
	}
	_, operands := g.function(u)
	// It may read the same tensor in another form too; then it waits for all of it.
	for _, o := range operands {
		if o.node == i && o.form != whole {
			return false
		}
	}
	return true
}

// absorb makes the unit of a product, with the addition of biases and the Relu that
// may follow it.
func (g *graph) absorb(i int) {
	u := &unit{nodes: []int{i}, product: &epilogue{bias: -1}}
	g.unitOf[i] = len(g.units)
	g.units = append(g.units, u)
	only := func(i int, op program.Op) (int, bool) {
		if g.output[i] || len(g.users[i]) != 1 {
			return 0, false
		}
		user := g.users[i][0]
		return user, g.nodes[user].Op == op && g.unitOf[user] < 0
	}
	n := &g.nodes[i]
	columns := n.Shape[len(n.Shape)-1]
	last := i
	if add, ok := only(i, program.Add); ok {
		_, operands := g.function(add)
		for k, o := range operands {
			other := operands[1-k]
			isRow := g.nodes[other.node].Size() == columns &&
				(other.form == cycle && other.every == columns || other.form == scalar || other.form == whole)
			if o.node == i && o.form == whole && other.node != i && isRow {
				u.product.bias, last = other.node, add
				u.nodes = append(u.nodes, add)
				g.unitOf[add] = g.unitOf[i]
				break
			}
		}
	}
	if relu, ok := only(last, program.Relu); ok {
		u.product.relu = true
		u.nodes = append(u.nodes, relu)
		g.unitOf[relu] = g.unitOf[i]
	}
}
