package reference

import (
	"context"
	"fmt"

	"modspec/engine/program"
)

// Evaluate returns the results of a program at a place, in the order of
// p.Outputs. They may share memory with the place's variables and with data of
// the program, and must not be changed. The error is for an index that is no row
// of its table.
func Evaluate(p *program.Program, at program.Place) ([][]float64, error) {
	return evaluate(context.Background(), p, at)
}

// evaluate is Evaluate until its context ends, whose cause is then the error. It looks
// before each node: a step of a large network takes long.
func evaluate(ctx context.Context, p *program.Program, at program.Place) ([][]float64, error) {
	values := make([][]float64, len(p.Nodes))
	// A value is freed after the last node that needs it, so that an observation of
	// many images takes the memory of few.
	last := make([]int, len(p.Nodes))
	formed := make([]bool, len(p.Nodes)) // whether a node reads more than rows
	for i := range p.Nodes {
		for k, v := range p.Nodes[i].In {
			last[v] = i
			formed[v] = formed[v] || k > 0 || p.Nodes[i].Op != program.Gather
		}
	}
	for _, o := range p.Outputs {
		last[o.Value], formed[o.Value] = len(p.Nodes), true
	}
	for i := range p.Nodes {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		n := &p.Nodes[i]
		if n.Bytes != nil && !formed[i] {
			continue
		}
		in := make([]tensor, len(n.In))
		for k, v := range n.In {
			in[k] = tensor{shape: p.Nodes[v].Shape, data: values[v]}
			if p.Nodes[v].Bytes != nil && !formed[v] {
				in[k].table = &p.Nodes[v]
			}
		}
		var err error
		if values[i], err = compute(n, in, at); err != nil {
			return nil, fmt.Errorf("%s, node %d of the program: %w", n.Op, i, err)
		}
		for _, v := range n.In {
			if last[v] == i {
				values[v] = nil
			}
		}
	}
	out := make([][]float64, len(p.Outputs))
	for i, o := range p.Outputs {
		out[i] = values[o.Value]
	}
	return out, nil
}

// A tensor is an operand: its shape and its elements in row-major order.
type tensor struct {
	shape []int
	data  []float64
	table *program.Node // a constant of bytes in place of data; nil for others
}

// part returns the elements low ≤ i < high.
func (t *tensor) part(low, high int) []float64 {
	if t.table != nil {
		return t.table.Numbers(low, high)
	}
	return t.data[low:high]
}

// compute returns the result of one node.
func compute(n *program.Node, in []tensor, at program.Place) ([]float64, error) {
	switch n.Op {
	case program.Constant:
		return n.Numbers(0, n.Size()), nil
	case program.Read:
		return at.Variables[n.Count], nil
	case program.Reshape, program.Stop:
		return in[0].data, nil
	}
	out := make([]float64, n.Size())
	switch n.Op {
	case program.Setting:
		out[0] = at.Run.Settings[n.Count]
	case program.Steps:
		out[0] = float64(max(at.Step, 0))
	case program.Normal, program.Uniform, program.Whole, program.Batch:
		n.Sample(out, at.Run.Streams[n.Draw.Stream], at.Step)
	case program.Transpose:
		transpose(out, n, in[0])
	case program.Slice, program.Pad, program.Concat:
		join(out, n, in)
	case program.Broadcast:
		broadcast(out, n, in[0])
	case program.Sum:
		sum(out, n, in[0])
	case program.Softmax, program.LogSoftmax, program.TopK:
		rows(out, n, in[0])
	case program.Gather:
		return out, gather(out, in[0], in[1])
	case program.MatMul:
		matMul(out, n, in[0], in[1])
	case program.Conv2D, program.Conv2DInput, program.Conv2DWeights:
		convolve(out, n, in[0], in[1])
	default:
		elementwise(out, n, in)
	}
	return out, nil
}
