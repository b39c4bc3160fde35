package reference

import (
	"fmt"

	"modspec/engine/program"
)

// around splits a shape at an axis: the product of the lengths before it, its
// length, and the product of those after it.
func around(shape []int, axis int) (before, length, after int) {
	return program.Size(shape[:axis]), shape[axis], program.Size(shape[axis+1:])
}

// transpose walks over the result in order and adds up the strides of x.
func transpose(out []float64, n *program.Node, x tensor) {
	stride := make([]int, len(x.shape)) // of each axis of the result, in x
	for i, axis := range n.Order {
		stride[i] = program.Size(x.shape[axis+1:])
	}
	place := make([]int, len(stride))
	from := 0
	for i := range out {
		out[i] = x.data[from]
		for axis := len(place) - 1; axis >= 0; axis-- {
			place[axis]++
			from += stride[axis]
			if place[axis] < n.Shape[axis] {
				break
			}
			from -= stride[axis] * place[axis]
			place[axis] = 0
		}
	}
}

// join copies blocks along an axis: parts beside each other (Concat), a part of x
// (Slice), or x between zeros (Pad).
func join(out []float64, n *program.Node, in []tensor) {
	before, length, after := around(n.Shape, n.Axis)
	at := 0
	for _, x := range in {
		from, count := 0, x.shape[n.Axis]
		switch n.Op {
		case program.Slice:
			from, count = n.Low, length
		case program.Pad:
			at = n.Low
		}
		for i := range before {
			copy(out[(i*length+at)*after:(i*length+at+count)*after], x.data[(i*x.shape[n.Axis]+from)*after:])
		}
		at += count
	}
}

func broadcast(out []float64, n *program.Node, x tensor) {
	before, length, after := around(n.Shape, n.Axis)
	for i := range before {
		for k := range length {
			copy(out[(i*length+k)*after:(i*length+k+1)*after], x.data[i*after:])
		}
	}
}

func gather(out []float64, table, indices tensor) error {
	rows, width := table.shape[0], program.Size(table.shape[1:])
	for i, v := range indices.data {
		row := int(v)
		switch {
		case float64(row) != v || row < -1 || row >= rows:
			return fmt.Errorf("the index %v is no row of a table of %d", v, rows)
		case row >= 0:
			copy(out[i*width:], table.part(row*width, (row+1)*width))
		}
	}
	return nil
}
