package program

import "fmt"

// The losses. Each returns one number for each element of its first operand, or
// for each row where it says so; the caller averages ([Builder.Mean]) or weights
// them.

// SquareLoss is ½(y − target)².
func (b *Builder) SquareLoss(y, target Value) Value {
	return b.Scale(b.Square(b.Subtract(y, target)), 0.5)
}

// AbsoluteLoss is |y − target|, the L1 loss.
func (b *Builder) AbsoluteLoss(y, target Value) Value {
	return b.Absolute(b.Subtract(y, target))
}

// HuberLoss is ½e² where |e| ≤ width and width·(|e| − ½·width) elsewhere, with
// e = y − target. Source: P. J. Huber, Robust estimation of a location parameter,
// 1964.
func (b *Builder) HuberLoss(y, target Value, width float64) Value {
	if !(width > 0) {
		return b.fail("HuberLoss", fmt.Errorf("the width is %v, but must be above 0", width))
	}
	size := b.Absolute(b.Subtract(y, target))
	inner := b.Minimum(size, b.Like(b.Scalar(width), size))
	return b.Multiply(inner, b.Subtract(size, b.Scale(inner, 0.5)))
}

// LogitLoss is the binary cross-entropy of a probability 1/(1 + e^−logit) with a
// target from 0 to 1: softplus(logit) − logit·target.
func (b *Builder) LogitLoss(logit, target Value) Value {
	return b.Subtract(b.Softplus(logit), b.Multiply(logit, target))
}

// CrossEntropy is −Σ target·ln softmax(logits) along the last axis, one number a
// row. Targets are probabilities, such as those of [Builder.OneHot].
func (b *Builder) CrossEntropy(logits, target Value) Value {
	y := b.Multiply(target, b.LogSoftmax(logits))
	return b.Scale(b.Sum(y, len(b.Shape(y))-1), -1)
}
