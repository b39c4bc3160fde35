package program

import (
	"fmt"
	"slices"
)

// Fill is a scalar in every element of a shape.
func (b *Builder) Fill(scalar Value, shape ...int) Value {
	if !b.valid("Fill", scalar) {
		return None
	}
	if err := checkShape(shape); err != nil {
		return b.fail("Fill", err)
	}
	if have := b.Shape(scalar); len(have) != 0 {
		return b.fail("Fill", fmt.Errorf("the operand has the shape %v, but must be a scalar", have))
	}
	if len(shape) == 0 {
		return scalar
	}
	return b.Reshape(b.Broadcast(scalar, 0, Size(shape)), shape...)
}

// Like is a scalar in every element of the shape of x.
func (b *Builder) Like(scalar, x Value) Value { return b.Fill(scalar, b.Shape(x)...) }

// Zeros is a tensor of zeros.
func (b *Builder) Zeros(shape ...int) Value { return b.Fill(b.Scalar(0), shape...) }

// Flat has the elements of x as a vector.
func (b *Builder) Flat(x Value) Value { return b.Reshape(x, Size(b.Shape(x))) }

// Total is the sum of all elements, a scalar.
func (b *Builder) Total(x Value) Value {
	if len(b.Shape(x)) == 0 {
		return x
	}
	return b.Sum(b.Flat(x), 0)
}

// Mean is the mean of all elements, a scalar. x is not empty.
func (b *Builder) Mean(x Value) Value {
	if !b.valid("Mean", x) {
		return None
	}
	size := Size(b.Shape(x))
	if size == 0 {
		return b.fail("Mean", fmt.Errorf("the operand %v has no elements, but must have 1 or more", b.Shape(x)))
	}
	return b.Scale(b.Total(x), 1/float64(size))
}

// Minimum is the smaller of x and y, NaN if one of them is NaN.
func (b *Builder) Minimum(x, y Value) Value {
	return b.Scale(b.Maximum(b.Scale(x, -1), b.Scale(y, -1)), -1)
}

// Absolute is |x|. Its gradient at 0 is 0.
func (b *Builder) Absolute(x Value) Value { return b.Add(b.Relu(x), b.Relu(b.Scale(x, -1))) }

// Square is x².
func (b *Builder) Square(x Value) Value { return b.Multiply(x, x) }

// OneHot has a new last axis of length count, on which element i is 1 where x is
// i and 0 elsewhere. Where x is no whole number of 0 to count − 1, all are 0.
func (b *Builder) OneHot(x Value, count int) Value {
	if !b.valid("OneHot", x) {
		return None
	}
	if count < 0 || count > maxRows {
		return b.fail("OneHot", fmt.Errorf("the new axis has length %d, but must have 0 to %d", count, maxRows))
	}
	shape := b.Shape(x)
	size := Size(shape)
	each := b.Broadcast(b.Flat(x), 1, count)
	numbers := b.numbers(count + 1)
	from := func(first int) Value { // first, first + 1, … in each row
		return b.Broadcast(b.Constant(numbers[first:first+count], count), 0, size)
	}
	all := from(0)
	apart := b.Maximum(b.Less(all, each), b.Less(each, all))
	// NaN is not apart from i, but not below i + 1 either.
	chosen := b.Select(apart, b.Zeros(size, count), b.Less(each, from(1)))
	return b.Reshape(chosen, append(slices.Clone(shape), count)...)
}

// numbers are 0 to count − 1, the same slice at each call: constants are compared by
// their address, and equal ones are to be one node.
func (b *Builder) numbers(count int) []float64 {
	if _, ok := b.counts[count]; !ok {
		numbers := make([]float64, count)
		for i := range numbers {
			numbers[i] = float64(i)
		}
		b.counts[count] = numbers
	}
	return b.counts[count]
}

// Linear is x·weightsᵀ + biases, with x of batch × inputs, weights of outputs ×
// inputs, and biases of outputs. Without biases pass [None].
func (b *Builder) Linear(x, weights, biases Value) Value {
	y := b.MatMul(x, weights, false, true)
	if biases == None || !b.valid("Linear", y, biases) {
		return y
	}
	return b.Add(y, b.Broadcast(biases, 0, b.Shape(y)[0]))
}
