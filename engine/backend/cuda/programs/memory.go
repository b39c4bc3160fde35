//go:build gpu

package programs

import (
	"modspec/engine/cuda"
	"modspec/engine/program"
)

// common is what all programs of a group share.
type common struct {
	runs      int
	bytes     int // of a number
	variables []tensorAt
	values    uint64 // buffers of the program that runs
	settings  tensorAt
	count     tensorAt // steps done, as a number
	steps     uint64   // int64, a run
	seeds     uint64   // uint64, seed and point of each stream, a run
	streams   int
	faults    uint64 // uint64, a run
	ended     uint64 // int64, a run: the step at which it diverged, −1 for none
}

// memory is where the tensors of a program lie.
type memory struct {
	*common
	plan      *plan
	constants map[int]uint64 // by root
	orders    map[int]uint64 // of batches, by root
}

// sizes are what a group's memory depends on, beside its programs and runs.
type sizes struct {
	variables         []int // elements
	watched           []int // variables that must be finite, and are not empty
	settings, streams int
}

// layOutCommon gives everything that programs share its place.
func layOutCommon(r *cuda.Layout, runs int, s sizes, o Options, plans []*plan) *common {
	bytes := o.Precision.bytes()
	c := &common{runs: runs, bytes: bytes, streams: s.streams}
	tensor := func(size int) tensorAt {
		t := tensorAt{stride: roundUp(size, o.Precision.pack())}
		t.at = r.Take(int64(runs) * int64(t.stride*bytes))
		return t
	}
	for _, size := range s.variables {
		c.variables = append(c.variables, tensor(size))
	}
	values := 0
	for _, p := range plans {
		values = max(values, p.values)
	}
	c.values = r.Take(int64(runs) * int64(values*bytes))
	c.settings = tensor(s.settings)
	c.count = tensorAt{r.Take(int64(runs) * int64(bytes)), 1} // side by side, as program_tick writes them
	c.steps, c.faults, c.ended = r.Take(8*int64(runs)), r.Take(8*int64(runs)), r.Take(8*int64(runs))
	c.seeds = r.Take(16 * int64(runs) * int64(s.streams))
	return c
}

// layOut gives what a program has of its own its place.
func (c *common) layOut(r *cuda.Layout, p *plan) *memory {
	m := &memory{common: c, plan: p, constants: map[int]uint64{}, orders: map[int]uint64{}}
	for v := range p.nodes {
		switch n := &p.nodes[v]; n.Op {
		case program.Constant:
			m.constants[v] = r.Take(int64(n.Size() * c.bytes))
		case program.Batch:
			m.orders[v] = r.Take(8 * int64(c.runs) * int64(n.Count+1))
		}
	}
	return m
}

// tensor returns where the result of a root lies.
func (m *memory) tensor(root int) tensorAt {
	p := m.plan
	size, variable := p.rootSize(root)
	if v, ok := p.home[root]; ok {
		variable = v
	}
	switch {
	case size == 0:
		return tensorAt{}
	case variable >= 0:
		return m.variables[variable]
	case root >= 0:
		switch n := &p.nodes[root]; n.Op {
		case program.Constant:
			return tensorAt{m.constants[root], 0}
		case program.Read:
			return m.variables[n.Count]
		case program.Setting:
			return tensorAt{m.settings.at + uint64(n.Count*m.bytes), m.settings.stride}
		case program.Steps:
			return m.count
		}
	}
	b, ok := p.buffers[root]
	if !ok {
		return tensorAt{}
	}
	return tensorAt{m.values + uint64(m.runs)*uint64(b.at*m.bytes), b.stride}
}
