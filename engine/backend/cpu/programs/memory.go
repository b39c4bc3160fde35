package programs

import (
	"unsafe"

	"modspec/engine/program"
	"modspec/engine/train/cpu/asm"
)

// Memory returns the most bytes that are alive at once while runs of a training are
// trained side by side, with the training's own constants. Nothing of that size becomes
// garbage before the training ends, and then it is given back.
func Memory(t *program.Training, o Options, runs int) (float64, error) {
	if err := o.check(); err != nil {
		return 0, err
	}
	if o.Precision == Float64 {
		return memory[float64](t, o, runs)
	}
	return memory[float32](t, o, runs)
}

const (
	// arrayBytes is a page of Go's heap, to which it rounds large arrays.
	arrayBytes = 8 << 10
	// nodeBytes are about a node with its part of a plan.
	nodeBytes = 1 << 10
)

func memory[F asm.Float](t *program.Training, o Options, runs int) (float64, error) {
	e, err := newExecutable[F](t, o)
	if err != nil {
		return 0, err
	}
	var zero F
	size := float64(unsafe.Sizeof(zero))
	var workspace, buffers, scratch, taken, inner, constants int
	for _, p := range []*plan[F]{e.start, e.step, e.observe} {
		workspace, buffers = max(workspace, p.workspace), max(buffers, p.buffers)
		scratch, taken, inner = max(scratch, p.scratch), max(taken, p.taken), max(inner, p.inner)
		for _, c := range p.constants {
			constants += len(c)
		}
	}
	variables, observed := 0, 0
	for i := range t.Variables {
		variables += program.Size(t.Variables[i].Shape) + pad
	}
	for _, p := range e.observe.outputs {
		observed += p.size
	}
	// The orders of epochs are kept.
	orders, nodes, bytes := 0, 0, map[*byte]int{}
	for _, p := range []*program.Program{t.Start, t.Step, t.Observe} {
		nodes += len(p.Nodes)
		for i := range p.Nodes {
			n := &p.Nodes[i]
			if n.Op == program.Batch {
				orders += n.Count
			}
			if n.Bytes != nil {
				bytes[&n.Bytes[0]] = len(n.Bytes)
			}
		}
	}
	run := size*float64(workspace+scratch+2*variables) + 8*float64(observed+orders)
	thread := size * float64(buffers*(2*chunk+pad)+taken+firstSize+inner*2*e.kernels.Lanes+pad)
	thread += arrayBytes * float64(buffers)
	run += arrayBytes * float64(3*len(t.Variables)+len(e.observe.outputs))
	workers := min(runs, o.Threads)
	own := 8*float64(variables) + (size+8)*float64(constants) + nodeBytes*float64(nodes)
	for _, n := range bytes {
		own += float64(n)
	}
	return float64(workers)*run + float64(max(workers, o.Threads))*thread + own, nil
}
