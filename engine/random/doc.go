// Package random gives randomness that is a function of (seed, point, layer,
// element) and of nothing else.
//
// There is no generator to advance: a [Stream] is two numbers, the seed and
// the sweep point, and every draw names the layer and the element that it is
// for. So a weight has the same value whichever order the weights are filled
// in, however a job is split into batches or shards, on one thread or many,
// and after a resume.
//
// Three pure functions stand on each other:
//
//	Philox  (counter, key) → four 32-bit words
//	Uint64  (stream, layer, element) → a 64-bit word, half of one block
//	Normal  64-bit word → a standard normal, in float64
//
// All of them use integer operations and the correctly rounded IEEE 754
// operations + − × ÷ √ in a fixed order, with no fused multiply-add, so the
// bits of a normal are the same on every processor. A kernel for another
// device that keeps these two rules gives the same bits too.
//
// # Which counters are whose
//
// A block's counter is {block, layer, point low, point high} and its key is
// {seed low, seed high}, all of 32 bits. Two draws can share bits only if all
// six words agree:
//
//   - Draws of different seeds, points or layers differ in the key or in the
//     last three counter words, for the mapping is one to one.
//   - Normal and Uint64 use block = element/2, which is below 2³¹, so bit 31
//     of the first counter word is clear.
//   - Permutation sets that bit. No normal and no word of any layer can reach
//     it, whatever layer number the permutation has.
//   - Normal and Uint64 of one layer and element are the same 64 bits, by
//     design: the first is the transform of the second, which lets another
//     device be checked word by word. So that no caller uses both by accident,
//     layers below [FirstWordLayer] are for normals (weights, in the order the
//     paper draws them: W1 is layer 0, W2 layer 1, and so on), and layers from
//     [FirstWordLayer] on are for words put to any other use; the last of them
//     is for [Stream.At].
package random
