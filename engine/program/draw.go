package program

import (
	"math/bits"

	"modspec/engine/random"
)

// maxDraw bounds the numbers of draws, and maxBatchDraw those of mini-batches: a
// permutation's layer has 20 bits for the epoch below them.
const (
	maxDraw      = 1<<16 - 1
	maxBatchDraw = 1<<12 - 1
)

// Sample fills dst with the numbers of a draw, n being Normal, Uniform, Whole or
// Batch, of a run whose stream [Draw.Stream] is given. In a program that computes
// initial values step is −1; otherwise it is the number of steps done.
//
// Element i of a draw with number d is, with the stream s itself at step −1 and
// s.At(step) otherwise:
//
//	Normal   s.Normal(d, i)
//	Uniform  random.Uniform(s.Uint64(random.FirstWordLayer + d, i))
//	Whole    the high 64 bits of s.Uint64(random.FirstWordLayer + d, i)·Count
//
// Batch takes its epoch's order from the stream itself, layer d·2²⁰ + epoch, so
// that of draw 0 is that of all mini-batches in this module.
func (n *Node) Sample(dst []float64, s random.Stream, step int) {
	if n.Op == Batch {
		n.batch(dst, s, max(step, 0))
		return
	}
	n.SamplePart(dst, s, step, 0)
}

// SamplePart is Sample for a part of the elements of Normal, Uniform or Whole: dst[i] is
// element first + i. first is even.
func (n *Node) SamplePart(dst []float64, s random.Stream, step, first int) {
	d := n.Draw.Number
	if step >= 0 {
		s = s.At(uint64(step))
	}
	word := func(i int) uint64 { return s.Uint64(random.FirstWordLayer+d, uint32(first+i)) }
	switch n.Op {
	case Normal:
		s.NormalsFrom(dst, d, uint32(first))
	case Uniform:
		for i := range dst {
			dst[i] = random.Uniform(word(i))
		}
	case Whole:
		for i := range dst {
			high, _ := bits.Mul64(word(i), uint64(n.Count))
			dst[i] = float64(high)
		}
	default:
		panic("program: " + n.Op.String() + " is no draw")
	}
}

func (n *Node) batch(dst []float64, s random.Stream, step int) {
	perEpoch := (n.Count + len(dst) - 1) / len(dst)
	order := s.Permutation(n.Count, n.Draw.Number<<20+uint32(step/perEpoch))
	order = order[step%perEpoch*len(dst):]
	for i := range dst {
		dst[i] = noExample
		if i < len(order) {
			dst[i] = float64(order[i])
		}
	}
}
