package random

import "math/bits"

// permutationTag is the bit of the first counter word that only permutations
// set. Element numbers halved leave it clear.
const permutationTag = 1 << 31

// Permutation returns a uniformly random order of 0 … n−1, a function of the
// stream, n and layer alone, for the mini-batch order of an epoch, say. Layers
// count apart from those of Normal and Uint64: the two never share bits. For
// n ≤ 0 the order is empty.
//
// It is the Fisher–Yates shuffle from the last place down: place i is swapped
// with place j, j uniform on 0 … i. Words are taken two from each block, blocks
// in the order 2³¹, 2³¹+1, …; 2³¹ blocks last for n up to 2³² (an order of
// 32 GiB), beyond which words would repeat.
//
// Source: D. E. Knuth, The Art of Computer Programming, volume 2, section
// 3.4.2, algorithm P.
func (s Stream) Permutation(n int, layer uint32) []int {
	if n <= 0 {
		return []int{}
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	next := s.permutationWords(layer)
	for i := n - 1; i > 0; i-- {
		j := below(uint64(i)+1, next)
		order[i], order[j] = order[j], order[i]
	}
	return order
}

// permutationWords returns a function that gives the words of a permutation's
// blocks one after the other.
func (s Stream) permutationWords(layer uint32) func() uint64 {
	var index uint32
	var kept uint64
	var keeps bool
	return func() uint64 {
		if keeps {
			keeps = false
			return kept
		}
		even, odd := s.block(permutationTag|index, layer)
		index++
		kept, keeps = odd, true
		return even
	}
}

// below returns a number uniform on 0 … bound−1 from uniform words, for
// bound > 0, without bias.
//
// The high half of word·bound takes each value v for either ⌊2⁶⁴/bound⌋ words
// or one more. Rejecting the words whose low half is below 2⁶⁴ mod bound
// leaves exactly ⌊2⁶⁴/bound⌋ for each. Fewer than bound/2⁶⁴ of the words are
// rejected, so the division is hardly ever made.
//
// Source: D. Lemire, "Fast random integer generation in an interval", ACM
// Transactions on Modeling and Computer Simulation 29 (2019) 3:1.
func below(bound uint64, next func() uint64) uint64 {
	value, low := bits.Mul64(next(), bound)
	if low < bound {
		threshold := -bound % bound // 2⁶⁴ mod bound, and below bound
		for low < threshold {
			value, low = bits.Mul64(next(), bound)
		}
	}
	return value
}
