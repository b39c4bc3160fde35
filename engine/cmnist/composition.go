package cmnist

import (
	"fmt"

	"modspec/engine/mnist"
)

// MaxDigits is the largest number of digits in an image. Each more makes ten
// times as many non-compositional outputs; at four there are 10,000.
const MaxDigits = 4

// Composition is how images and labels are made: Digits digits side by side,
// an image of 28 × 28·Digits pixels. Its label has 10·Digits compositional values,
// one of ten for each digit and 1 where it is that one, then 10^Digits
// non-compositional ones, R for the number that the digits make and 0 for
// every other.
type Composition struct {
	Digits int
	R      float64 // the paper: 10
}

// Paper is the composition of the paper: three digits, r = 10.
func Paper() Composition { return Composition{Digits: 3, R: 10} }

// Check returns an error that names what is wrong and what is allowed.
func (c Composition) Check() error {
	if c.Digits < 2 || c.Digits > MaxDigits {
		return fmt.Errorf("an image is made of %d digits, but must be of 2 to %d", c.Digits, MaxDigits)
	}
	return checkPositive("r", c.R)
}

// The bounds of r and of the initial scale where they are not 0, which float32 holds
// with all its digits. Those of linear networks are the same.
const (
	minPositive = 1e-30
	maxPositive = 1e30
)

func checkPositive(name string, v float64) error {
	if v != 0 && !(v >= minPositive && v <= maxPositive) {
		return fmt.Errorf("%s is %v, but must be 0 or %g to %g", name, v, minPositive, maxPositive)
	}
	return nil
}

// Height returns the height of an image in pixels.
func (c Composition) Height() int { return mnist.Side }

// Width returns the width of an image in pixels.
func (c Composition) Width() int { return mnist.Side * c.Digits }

// Compositional returns the number of compositional outputs.
func (c Composition) Compositional() int { return mnist.Classes * c.Digits }

// Numbers returns the number of non-compositional outputs, one for each number.
func (c Composition) Numbers() int {
	n := 1
	for range c.Digits {
		n *= mnist.Classes
	}
	return n
}

// Outputs returns the number of outputs of a block, or of both: first the
// compositional ones, then the non-compositional.
func (c Composition) Outputs(b Block) int {
	lo, hi := c.Range(b)
	return hi - lo
}

// Range returns the outputs [lo, hi) of a block.
func (c Composition) Range(b Block) (lo, hi int) {
	switch b {
	case CompositionalBlock:
		return 0, c.Compositional()
	case NonCompositionalBlock:
		return c.Compositional(), c.Compositional() + c.Numbers()
	}
	return 0, c.Compositional() + c.Numbers()
}

// Block is a part of the outputs.
type Block string

// The blocks.
const (
	BothBlocks            Block = "both"
	CompositionalBlock    Block = "compositional"
	NonCompositionalBlock Block = "non-compositional"
)

// Blocks are all blocks, in the order that they are named to a user.
var Blocks = []Block{BothBlocks, CompositionalBlock, NonCompositionalBlock}
