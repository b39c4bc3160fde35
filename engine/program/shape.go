package program

import (
	"fmt"
	"slices"
)

// maxSize bounds the elements of a tensor, so that a place in it fits in 32 bits
// on every device.
const maxSize = 1<<31 - 1

// maxRows bounds the rows of a table: float32 has every whole number up to it.
const maxRows = 1 << 24

// checkShape returns an error if no tensor can have a shape.
func checkShape(shape []int) error {
	size := 1
	for _, n := range shape {
		if n < 0 {
			return fmt.Errorf("an axis of %v has length %d, but must have 0 or more", shape, n)
		}
		if n > 0 && size > maxSize/n {
			return fmt.Errorf("the shape %v has more than %d elements", shape, maxSize)
		}
		size *= max(n, 1)
	}
	return nil
}

func shapeElementwise(_ *Node, in [][]int) ([]int, error) {
	for _, s := range in[1:] {
		if !slices.Equal(s, in[0]) {
			hint := ""
			if len(s) == 0 || len(in[0]) == 0 {
				hint = "; give the scalar the other's shape with Like"
			}
			return nil, fmt.Errorf("the operands have the shapes %v and %v, but must have equal ones%s", in[0], s, hint)
		}
	}
	return in[0], nil
}

// checkAxis returns an error if a shape lacks an axis.
func checkAxis(axis int, shape []int) error {
	if len(shape) == 0 {
		return fmt.Errorf("the operand is a scalar, but must have an axis")
	}
	if axis < 0 || axis >= len(shape) {
		return fmt.Errorf("the axis is %d, but the operand %v has the axes 0 to %d", axis, shape, len(shape)-1)
	}
	return nil
}

func shapeTranspose(n *Node, in [][]int) ([]int, error) {
	seen := make([]bool, len(in[0]))
	out := make([]int, 0, len(in[0]))
	for _, axis := range n.Order {
		if axis < 0 || axis >= len(seen) || seen[axis] {
			return nil, fmt.Errorf("the order of axes is %v, but must name each of 0 to %d once", n.Order, len(seen)-1)
		}
		seen[axis] = true
		out = append(out, in[0][axis])
	}
	if len(out) != len(seen) {
		return nil, fmt.Errorf("the order of axes is %v, but the operand %v has %d axes", n.Order, in[0], len(seen))
	}
	return out, nil
}

func shapeSlice(n *Node, in [][]int) ([]int, error) {
	if err := checkAxis(n.Axis, in[0]); err != nil {
		return nil, err
	}
	if n.Low < 0 || n.High < n.Low || n.High > in[0][n.Axis] {
		return nil, fmt.Errorf("the part is %d to %d, but axis %d of %v has the elements 0 to %d", n.Low, n.High, n.Axis, in[0], in[0][n.Axis])
	}
	out := slices.Clone(in[0])
	out[n.Axis] = n.High - n.Low
	return out, nil
}

func shapePad(n *Node, in [][]int) ([]int, error) {
	if err := checkAxis(n.Axis, in[0]); err != nil {
		return nil, err
	}
	if n.Low < 0 || n.High < 0 {
		return nil, fmt.Errorf("there are %d and %d elements to add, but must be 0 or more", n.Low, n.High)
	}
	out := slices.Clone(in[0])
	out[n.Axis] += n.Low + n.High
	return out, nil
}

func shapeConcat(n *Node, in [][]int) ([]int, error) {
	if err := checkAxis(n.Axis, in[0]); err != nil {
		return nil, err
	}
	out := slices.Clone(in[0])
	out[n.Axis] = 0
	for _, s := range in {
		same := len(s) == len(out)
		for axis := range out {
			same = same && (axis == n.Axis || s[axis] == out[axis])
		}
		if !same {
			return nil, fmt.Errorf("the operands have the shapes %v and %v, but may differ only in axis %d", in[0], s, n.Axis)
		}
		out[n.Axis] += s[n.Axis]
	}
	return out, nil
}

func shapeSum(n *Node, in [][]int) ([]int, error) {
	if err := checkAxis(n.Axis, in[0]); err != nil {
		return nil, err
	}
	return slices.Delete(slices.Clone(in[0]), n.Axis, n.Axis+1), nil
}

func shapeLastAxis(_ *Node, in [][]int) ([]int, error) {
	return in[0], checkAxis(len(in[0])-1, in[0])
}

func shapeTopK(n *Node, in [][]int) ([]int, error) {
	last := len(in[0]) - 1
	if err := checkAxis(last, in[0]); err != nil {
		return nil, err
	}
	if n.Count < 0 || n.Count > in[0][last] {
		return nil, fmt.Errorf("the number of elements is %d, but must be 0 to %d, the length of the last axis", n.Count, in[0][last])
	}
	return in[0], nil
}

func shapeGather(_ *Node, in [][]int) ([]int, error) {
	table, indices := in[0], in[1]
	if len(table) == 0 || table[0] < 1 || table[0] > maxRows {
		return nil, fmt.Errorf("the table has the shape %v, but must have 1 to %d rows", table, maxRows)
	}
	return slices.Concat(indices, table[1:]), nil
}

// matMulSizes returns the sizes of a product: batch matrices of m × k and k × n.
func matMulSizes(node *Node, x, y []int) (batch, m, k, n int) {
	last := len(x) - 1
	m, k = x[last-1], x[last]
	if node.TX {
		m, k = k, m
	}
	n = y[last]
	if node.TY {
		n = y[last-1]
	}
	return Size(x[:last-1]), m, k, n
}

func shapeMatMul(n *Node, in [][]int) ([]int, error) {
	x, y := in[0], in[1]
	if len(x) < 2 || len(x) != len(y) || !slices.Equal(x[:len(x)-2], y[:len(y)-2]) {
		return nil, fmt.Errorf("the operands have the shapes %v and %v, but must be matrices with equal leading axes", x, y)
	}
	_, rows, inner, columns := matMulSizes(n, x, y)
	other := y[len(y)-2]
	if n.TY {
		other = y[len(y)-1]
	}
	if inner != other {
		return nil, fmt.Errorf("the operands have the shapes %v%s and %v%s, of which the inner axes have lengths %d and %d, but must be equal",
			x, transposed(n.TX), y, transposed(n.TY), inner, other)
	}
	return append(slices.Clone(x[:len(x)-2]), rows, columns), nil
}

func transposed(t bool) string {
	if t {
		return " transposed"
	}
	return ""
}

func matMulProducts(n *Node, in [][]int) int64 {
	batch, m, k, c := matMulSizes(n, in[0], in[1])
	return int64(batch) * int64(m) * int64(k) * int64(c)
}

// fourAxes returns an error unless both operands have four axes.
func fourAxes(in [][]int) error {
	if len(in[0]) != 4 || len(in[1]) != 4 {
		return fmt.Errorf("the operands have the shapes %v and %v, but must have four axes", in[0], in[1])
	}
	return nil
}

// The shapes of a convolution: images x, windows w, results y.
//
//	x: batch × channels × height × width
//	w: filters × channels × windowHeight × windowWidth
//	y: batch × filters × (height − windowHeight + 1) × (width − windowWidth + 1)
func shapeConv2D(_ *Node, in [][]int) ([]int, error) {
	if err := fourAxes(in); err != nil {
		return nil, err
	}
	x, w := in[0], in[1]
	switch {
	case x[1] != w[1]:
		return nil, fmt.Errorf("the images %v have %d channels, but the windows %v have %d", x, x[1], w, w[1])
	case w[2] < 1 || w[3] < 1 || w[2] > x[2] || w[3] > x[3]:
		return nil, fmt.Errorf("the windows %v are %d × %d, but must be 1 × 1 to the images' %d × %d", w, w[2], w[3], x[2], x[3])
	}
	return []int{x[0], w[0], x[2] - w[2] + 1, x[3] - w[3] + 1}, nil
}

func shapeConv2DInput(_ *Node, in [][]int) ([]int, error) {
	if err := fourAxes(in); err != nil {
		return nil, err
	}
	y, w := in[0], in[1]
	switch {
	case y[1] != w[0]:
		return nil, fmt.Errorf("the results %v have %d filters, but the windows %v have %d", y, y[1], w, w[0])
	case y[2] < 1 || y[3] < 1 || w[2] < 1 || w[3] < 1:
		return nil, fmt.Errorf("the results %v and the windows %v must be 1 × 1 or larger", y, w)
	}
	return []int{y[0], w[1], y[2] + w[2] - 1, y[3] + w[3] - 1}, nil
}

func shapeConv2DWeights(_ *Node, in [][]int) ([]int, error) {
	if err := fourAxes(in); err != nil {
		return nil, err
	}
	x, y := in[0], in[1]
	switch {
	case x[0] != y[0]:
		return nil, fmt.Errorf("there are %d images in %v, but %d results in %v", x[0], x, y[0], y)
	case y[2] < 1 || y[3] < 1 || y[2] > x[2] || y[3] > x[3]:
		return nil, fmt.Errorf("the results %v are %d × %d, but must be 1 × 1 to the images' %d × %d", y, y[2], y[3], x[2], x[3])
	}
	return []int{y[1], x[1], x[2] - y[2] + 1, x[3] - y[3] + 1}, nil
}

// convProducts is the number of multiply-adds of the three forms alike: results
// times window elements times channels. y is results, w windows.
func convProducts(y, w []int) int64 { return int64(Size(y)) * int64(Size(w[1:])) }

func conv2DProducts(n *Node, in [][]int) int64        { return convProducts(n.Shape, in[1]) }
func conv2DInputProducts(_ *Node, in [][]int) int64   { return convProducts(in[0], in[1]) }
func conv2DWeightsProducts(n *Node, in [][]int) int64 { return convProducts(in[1], n.Shape) }
