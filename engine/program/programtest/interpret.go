package programtest

import (
	"fmt"

	"modspec/engine/program"
)

// interpret evaluates a program at a place by the definitions of its operations.
// The variables come with the errors that earlier steps made in them.
func interpret(p *program.Program, at program.Place, variables [][]number, a arithmetic) [][]number {
	values := make([]operand, len(p.Nodes))
	for i := range p.Nodes {
		n := &p.Nodes[i]
		values[i] = operand{n.Shape, make([]number, n.Size())}
		data := values[i].data
		switch n.Op {
		case program.Constant:
			exact(data, n.Numbers(0, len(data)), a)
		case program.Read:
			copy(data, variables[n.Count])
		case program.Setting:
			exact(data, []float64{at.Run.Settings[n.Count]}, a)
		case program.Steps:
			data[0].v = float64(max(at.Step, 0))
		case program.Normal, program.Uniform, program.Whole, program.Batch:
			drawn := make([]float64, len(data))
			n.Sample(drawn, at.Run.Streams[n.Draw.Stream], at.Step)
			exact(data, drawn, a)
		default:
			define, ok := definitions[n.Op]
			if !ok {
				panic(fmt.Sprintf("programtest: the operation %s has no definition", n.Op))
			}
			in := make([]operand, len(n.In))
			for k, v := range n.In {
				in[k] = values[v]
			}
			index := make([]int, len(n.Shape))
			for k := range data {
				data[k] = define(a, n, in, index)
				for axis := len(index) - 1; axis >= 0; axis-- {
					if index[axis]++; index[axis] < n.Shape[axis] {
						break
					}
					index[axis] = 0
				}
			}
		}
	}
	out := make([][]number, len(p.Outputs))
	for i, o := range p.Outputs {
		out[i] = values[o.Value].data
	}
	return out
}

// exact enters numbers that a backend has after rounding them to its type.
func exact(to []number, from []float64, a arithmetic) {
	for i, v := range from {
		to[i] = a.constant(v)
	}
}

// numbers are values without errors.
func numbers(values [][]float64) [][]number {
	out := make([][]number, len(values))
	for i, v := range values {
		out[i] = make([]number, len(v))
		for k := range v {
			out[i][k].v = v[k]
		}
	}
	return out
}
