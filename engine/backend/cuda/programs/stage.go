package programs

import (
	"slices"

	"modspec/engine/program"
)

// A stage is one or more launches that depend on later-numbered stages alone: stages are
// counted from the end of the program, and every root is computed as late as it may be.
// So what nothing waits for is computed together: all updates of an optimizer, all
// gradients of weights.

// A chain is a set of elementwise roots of one stage that are computed by one piece,
// perhaps on the result of a product.
type chain struct {
	product int // −1: none
	nodes   []int
}

// stages finds the stage of every root that is needed, and the chain that it is in.
type stages struct {
	plan     *plan
	late     []int
	needed   []bool
	material []bool // whether the result goes to memory
	parent   []int  // roots of one chain form a tree
	product  []int  // of the chain that a root heads; −1: none
	// fusable are the elementwise roots that use a root element by element.
	fusable [][]int
}

func isElementwise(op program.Op) bool {
	return program.Operations[op].Elementwise && op != program.Stop
}

func isProduct(op program.Op) bool {
	switch op {
	case program.MatMul, program.Conv2D, program.Conv2DInput, program.Conv2DWeights:
		return true
	}
	return false
}

// isSource reports whether a root lies in memory from the beginning.
func isSource(op program.Op) bool {
	switch op {
	case program.Constant, program.Read, program.Setting, program.Steps:
		return true
	}
	return false
}

func newStages(p *plan) *stages {
	n := len(p.nodes)
	s := &stages{plan: p, late: make([]int, n), needed: make([]bool, n), material: make([]bool, n),
		parent: make([]int, n), product: make([]int, n), fusable: make([][]int, n)}
	for i := range n {
		s.parent[i], s.product[i] = i, -1
	}
	for _, o := range p.program.Outputs {
		s.require(p.resolve(o.Value).root, 0, true)
	}
	for v := n - 1; v >= 0; v-- {
		if s.needed[v] {
			s.place(v)
			s.propagate(v)
		}
	}
	return s
}

func (s *stages) head(v int) int {
	for s.parent[v] != v {
		v = s.parent[v]
	}
	return v
}

// require has a root computed at a stage or an earlier one, in memory or not.
func (s *stages) require(root, stage int, material bool) {
	n := &s.plan.nodes[root]
	if isSource(n.Op) || n.Size() == 0 {
		return
	}
	s.needed[root] = true
	s.late[root] = max(s.late[root], stage)
	s.material[root] = s.material[root] || material
}

// place decides the stage of a root all of whose users have theirs, and joins it with
// the chains of users that may take it from a register. A chain has one product at most,
// so that where two meet, this root goes one stage earlier.
func (s *stages) place(v int) {
	op := s.plan.nodes[v].Op
	if isProduct(op) {
		s.product[v] = v
	}
	var heads []int
	products := map[int]bool{}
	for _, user := range s.fusable[v] {
		if s.late[user] != s.late[v] {
			s.material[v] = true
			continue
		}
		if h := s.head(user); !slices.Contains(heads, h) {
			heads = append(heads, h)
			if s.product[h] >= 0 {
				products[s.product[h]] = true
			}
		}
	}
	if isProduct(op) && (len(heads) > 1 || len(products) > 0) || len(products) > 1 {
		s.late[v]++
		s.material[v] = true
		return
	}
	for _, h := range heads {
		if s.product[h] >= 0 {
			s.product[v] = s.product[h]
		}
		s.parent[h] = v
	}
}

// propagate requires what a root is computed from.
func (s *stages) propagate(v int) {
	p, n, stage := s.plan, &s.plan.nodes[v], s.late[v]
	switch {
	case isElementwise(n.Op):
		for _, in := range n.In {
			if _, ok := p.immediate(in); ok {
				continue
			}
			r := p.resolve(in)
			switch op := p.nodes[r.root].Op; {
			case r.part:
				s.require(r.root, stage+1, true)
			case isElementwise(op), isProduct(op):
				s.require(r.root, stage, false)
				s.fusable[r.root] = append(s.fusable[r.root], v)
			case isView(op):
				for _, source := range p.sources(r.root) {
					s.require(source, stage+1, true)
				}
			default:
				s.require(r.root, stage+1, true)
			}
		}
	case isView(n.Op):
		for _, source := range p.sources(v) {
			s.require(source, stage+1, true)
		}
	default:
		for _, root := range p.reads(v) {
			s.require(root, stage+1, true)
		}
	}
}

// chains returns the chains of each stage, the latest stage first, and the roots that are
// computed by kernels of their own.
func (s *stages) chains() (chains []map[int]*chain, others [][]int) {
	last := -1
	for v, needed := range s.needed {
		if needed {
			last = max(last, s.late[v])
		}
	}
	chains, others = make([]map[int]*chain, last+1), make([][]int, last+1)
	for v, needed := range s.needed {
		if !needed {
			continue
		}
		at := s.late[v]
		switch op := s.plan.nodes[v].Op; {
		case isProduct(op), isElementwise(op), isView(op):
			if chains[at] == nil {
				chains[at] = map[int]*chain{}
			}
			h := s.head(v)
			c := chains[at][h]
			if c == nil {
				c = &chain{product: -1}
				chains[at][h] = c
			}
			if isProduct(op) {
				c.product = v
			} else {
				c.nodes = append(c.nodes, v)
			}
		default:
			others[at] = append(others[at], v)
		}
	}
	return chains, others
}
