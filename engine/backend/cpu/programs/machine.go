package programs

import (
	"context"
	"unsafe"

	"modspec/engine/program"
	"modspec/engine/random"
	"modspec/engine/train/cpu/asm"
)

// pad is how many elements are allocated beyond the end of every tensor: kernels write
// whole vectors, up to two of the widest.
const pad = 32

// chunk is how many elements of a chain are computed at a time: 4 kB of float32, of
// which an optimizer's update has seven or so in the L1 cache at once.
const chunk = 1024

// storage says where a tensor lies.
type storage uint8

const (
	inWorkspace storage = iota
	inVariable
	inConstant
)

// A place is where the elements of a tensor lie.
type place struct {
	storage storage
	at      int // first element of the workspace, or number of the variable or constant
	size    int
}

// A plan is a compiled program.
type plan[F asm.Float] struct {
	instructions []instruction[F]
	workspace    int // elements
	constants    [][]F
	outputs      []place
	// moves copy results to the variables that they are for, at the end.
	moves []move
	// buffers, operands, scratch and taken are what a machine must have of each.
	buffers, operands, scratch, taken int
	inner                             int // the longest sum of a product
}

type move struct{ to, from place }

// An instruction computes one or more tensors. It is shared by the workers.
type instruction[F asm.Float] interface {
	run(m *machine[F]) error
}

// A machine is the memory of a worker.
type machine[F asm.Float] struct {
	k         *asm.Kernels[F]
	functions [asm.NumFunctions]func(d, x, y, z *F, a, b F, n uintptr)
	workspace []F
	variables [][]F
	constants [][]F // of the plan that is running
	streams   []random.Stream
	settings  []float64
	step      int
	done      <-chan struct{} // closed when the training is to end; nil for never

	team    *team
	threads []local[F] // the worker's own first
	bases   [][]F      // of a chain's operands
	zeros   []F
	scratch []F
	sample  [chunk]float64
	orders  map[*program.Node]order
}

// local is the memory of one thread.
type local[F asm.Float] struct {
	buffers  [][]F // of chains, two chunks each
	pointers []*F  // of a chain's operands
	packing  packing[F]
	taken    []F // rows of a product that a chain takes
}

// newMachine returns the memory of a worker whose instructions have some threads. It
// must be closed.
func newMachine[F asm.Float](k *asm.Kernels[F], threads int, variables []program.VariableInfo, plans ...*plan[F]) *machine[F] {
	m := &machine[F]{k: k, zeros: asm.Aligned[F](2 * pad), team: newTeam(threads), orders: map[*program.Node]order{}}
	for f := range m.functions {
		m.functions[f] = k.Function(asm.Function(f))
	}
	var workspace, buffers, operands, scratch, taken int
	for _, p := range plans {
		taken = max(taken, p.taken)
		workspace, buffers = max(workspace, p.workspace), max(buffers, p.buffers)
		operands, scratch = max(operands, p.operands), max(scratch, p.scratch)
	}
	m.workspace = asm.Aligned[F](workspace)
	m.threads = make([]local[F], 1+len(m.team.helpers))
	for t := range m.threads {
		for range buffers {
			m.threads[t].buffers = append(m.threads[t].buffers, asm.Aligned[F](2*chunk+pad))
		}
		m.threads[t].pointers = make([]*F, operands)
		m.threads[t].taken = asm.Aligned[F](taken)
	}
	m.bases, m.scratch = make([][]F, operands), asm.Aligned[F](scratch)
	for i := range variables {
		m.variables = append(m.variables, tensor[F](program.Size(variables[i].Shape)))
	}
	return m
}

func (m *machine[F]) close() { m.team.close() }

// tensor returns memory for a tensor.
func tensor[F asm.Float](size int) []F { return asm.Aligned[F](size + pad) }

// at returns the elements of a tensor and its pad.
func (m *machine[F]) at(p place) []F {
	switch p.storage {
	case inVariable:
		return m.variables[p.at]
	case inConstant:
		return m.constants[p.at]
	}
	return m.workspace[p.at:][:p.size+pad]
}

// elements are count elements from a pointer on.
func elements[F asm.Float](p *F, count int) []F { return unsafe.Slice(p, count) }

// room returns n elements of scratch memory, which the next call reuses.
func (m *machine[F]) room(n int) []F {
	if len(m.scratch) < n {
		m.scratch = asm.Aligned[F](n)
	}
	return m.scratch[:n]
}

// execute runs a plan. Before each instruction it checks whether the training is to
// end, as a step of a large network takes long.
func (m *machine[F]) execute(p *plan[F]) error {
	m.constants = p.constants
	for _, i := range p.instructions {
		select {
		case <-m.done:
			return context.Canceled
		default:
		}
		if err := i.run(m); err != nil {
			return err
		}
	}
	for _, v := range p.moves {
		copy(m.at(v.to)[:v.to.size], m.at(v.from))
	}
	return nil
}
