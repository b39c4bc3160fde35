package random

// FirstWordLayer is the first layer number kept for [Stream.Uint64] in uses of
// its own. Layers below it are for normals. See the package comment.
const FirstWordLayer = 1 << 31

// Stream is the randomness of one sweep point under one seed. It holds no
// state: equal streams give equal draws, and a Stream may be used from many
// goroutines at once.
type Stream struct {
	Seed  uint64 // which repeat of the experiment
	Point uint64 // which point of the sweep, or which network in it
}

// block returns the two words of the Philox block with first counter word
// index in a layer. The earlier of two Philox words is the lower half.
func (s Stream) block(index, layer uint32) (even, odd uint64) {
	w0, w1, w2, w3 := philox(
		index, layer, uint32(s.Point), uint32(s.Point>>32),
		uint32(s.Seed), uint32(s.Seed>>32),
	)
	return uint64(w1)<<32 | uint64(w0), uint64(w3)<<32 | uint64(w2)
}

// Uint64 returns the uniform 64-bit word of an element of a layer. It is words
// 0 and 1 of the Philox block {element/2, layer, Point} for an even element
// and words 2 and 3 for an odd one, the earlier word being the lower half.
func (s Stream) Uint64(layer, element uint32) uint64 {
	even, odd := s.block(element/2, layer)
	if element&1 == 0 {
		return even
	}
	return odd
}

// Normal returns the standard normal of an element of a layer, which is
// Normal(s.Uint64(layer, element)).
func (s Stream) Normal(layer, element uint32) float64 {
	return Normal(s.Uint64(layer, element))
}

// Normals sets dst[i] to s.Normal(layer, i) for every i, in about half the
// time of one by one. Elements are numbered by 32 bits, so len(dst) must not
// exceed 2³²; beyond that the values repeat. An empty dst is left as it is.
//
// It makes one block for two normals, and it works in pieces that stay in the
// nearest cache: first all words of a piece through the formula of the centre,
// noting which belong to a tail, and then those, so that the processor does
// not stumble over a branch that it cannot predict.
func (s Stream) Normals(dst []float64, layer uint32) { s.NormalsFrom(dst, layer, 0) }

// NormalsFrom is Normals for a part of the elements: it sets dst[i] to
// s.Normal(layer, first + i). first is even.
func (s Stream) NormalsFrom(dst []float64, layer, first uint32) {
	const piece = 256
	var tails [piece]uint8 // places in the piece, hence no more than 256 of them
	var q [piece]float64
	for start := 0; start < len(dst); start += piece {
		part := dst[start:min(start+piece, len(dst))]
		for i := 0; i < len(part); i += 2 {
			even, odd := s.block((first/2+uint32((start+i)/2))&^permutationTag, layer)
			q[i], q[i+1] = offset(even), offset(odd)
		}
		count := 0
		for i := range part {
			part[i] = centreQuantile(q[i])
			tails[count&(piece-1)] = uint8(i)
			if isTail(q[i]) {
				count++
			}
		}
		for _, i := range tails[:count] {
			part[i] = tailQuantile(q[i])
		}
	}
}

// stepLayer is the layer of the word from which At makes a stream. No other use
// has it.
const stepLayer = 1<<32 - 1

// At returns the stream of a step of a run that draws anew at each step. Its seed
// is word 0 of layer 2³²−1 of s, and its point is the step. Streams of different
// steps of one run differ in their points, so they share no bits; streams of
// different runs share a seed with probability 2⁻⁶⁴ for each pair.
func (s Stream) At(step uint64) Stream {
	return Stream{Seed: s.Uint64(stepLayer, 0), Point: step}
}
