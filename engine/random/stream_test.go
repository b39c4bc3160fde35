package random

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"testing"
)

// The golden values pin the transform, the word order and the counter layout:
// a change of any of them would silently change every experiment. Each was
// also computed from the definitions alone, with the inverse error function in
// 60 digits, and lies within one unit in the last place of the true value.
var goldenNormals = []struct {
	stream  Stream
	layer   uint32
	element uint32
	bits    uint64
}{
	{Stream{0, 0}, 0, 0, 0x3ff2d769e93cb51f},                        // 1.1775912390542727
	{Stream{0, 0}, 0, 1, 0x3fd11fbd69d8e301},                        // 0.26756224953309987
	{Stream{1, 42}, 0, 4, 0x4003d53ad1190b8c},                       // 2.4791160903709564
	{Stream{1, 42}, 1, 4, 0xbfb66e8cab311074},                       // -0.08762435130580731
	{Stream{1, 0}, 0, 93161, 0xc011d991a380cbe0},                    // -4.462469629989727
	{Stream{2023, 0x0123456789abcdef}, 2, 1000, 0x3fdcda40faf4d1cd}, // 0.45082115657285443
	{
		Stream{math.MaxUint64, math.MaxUint64}, FirstWordLayer - 1, math.MaxUint32,
		0xbfe7047269b14b89, // -0.7192928375537672
	},
}

var goldenTransforms = []struct{ word, bits uint64 }{
	{0, 0xc0206b48528cea51},                  // -8.209536151601386, the smallest
	{1 << 12, 0xc0202734508d1f1c},            // -8.076571004130123
	{0x123456789a, 0xc01708e512cdf53c},       // -5.75868634588306
	{0xcccccccccccc000, 0xbffa515209676abf},  // -1.644853626951473, five per cent
	{0x132ca57a786c2000, 0xbff70b374817af4e}, // -1.4402382675279628, where tails end
	{0x1339c0ebedfa4000, 0xbff7056dc6686c98}, // -1.4388253927525394, and the centre begins
	{0xc000000000000000, 0x3fe5956b87528a4d}, // 0.6744897501960821, a quartile
	{0x8000000000000000, 0x3cb40d931ff62707}, // 2.7829164246717676e-16, next to 0
}

func TestGoldenNormals(t *testing.T) {
	for _, g := range goldenNormals {
		z := g.stream.Normal(g.layer, g.element)
		if got := math.Float64bits(z); got != g.bits {
			t.Errorf("%+v layer %d element %d: %#016x (%v), want %#016x",
				g.stream, g.layer, g.element, got, z, g.bits)
		}
	}
	for _, g := range goldenTransforms {
		if got := math.Float64bits(Normal(g.word)); got != g.bits {
			t.Errorf("Normal(%#x) = %#016x, want %#016x", g.word, got, g.bits)
		}
	}
}

// A handful of values cannot notice a change in the last bit of a few values
// in a thousand. This checksum of 2¹⁶ words spread over all binades of the tail
// and 2¹⁶ plain ones does. It has no oracle but the tests of accuracy; it only
// says that something moved.
func TestGoldenChecksum(t *testing.T) {
	const want = 0x24641bffa55559a2
	sum := fnv.New64a()
	var buffer [8]byte
	stream := Stream{Seed: 1}
	for i := range uint32(1 << 16) {
		word := stream.Uint64(FirstWordLayer, i)
		for _, w := range []uint64{word, word >> (i % 52)} {
			binary.LittleEndian.PutUint64(buffer[:], math.Float64bits(Normal(w)))
			sum.Write(buffer[:])
		}
	}
	if got := sum.Sum64(); got != want {
		t.Errorf("checksum %#x, want %#x: some normals have other bits than before", got, uint64(want))
	}
}

// The counter layout is part of the contract, for other devices must follow
// it, so it is stated here a second time in terms of Philox alone.
func TestUint64IsHalfAPhiloxBlock(t *testing.T) {
	s := Stream{Seed: 0x0123456789abcdef, Point: 0xfedcba9876543210}
	for _, layer := range []uint32{0, 1, FirstWordLayer, math.MaxUint32} {
		for _, element := range []uint32{0, 1, 2, 3, 1000, math.MaxUint32 - 1, math.MaxUint32} {
			block := Philox(
				[4]uint32{element >> 1, layer, 0x76543210, 0xfedcba98},
				[2]uint32{0x89abcdef, 0x01234567},
			)
			half := 2 * (element & 1)
			want := uint64(block[half]) + uint64(block[half+1])<<32
			if got := s.Uint64(layer, element); got != want {
				t.Errorf("Uint64(%d, %d) = %#x, want %#x", layer, element, got, want)
			}
			if got := s.Normal(layer, element); got != Normal(want) {
				t.Errorf("Normal(%d, %d) = %v, want %v", layer, element, got, Normal(want))
			}
		}
	}
}

// Draws do not depend on the order, the length or the batch they are made in:
// Normals of short lengths, and of lengths around the piece of 256 it works in,
// equals Normal element by element, asked for backwards. Guard values around
// dst stay as they were.
func TestNormalsAreIndependentOfOrder(t *testing.T) {
	s := Stream{Seed: 7, Point: 11}
	const layer, guard = 3, -999
	for _, length := range []int{0, 1, 2, 3, 4, 5, 17, 255, 256, 257, 258, 511, 513, 1024, 10001} {
		buffer := make([]float64, length+2)
		buffer[0], buffer[length+1] = guard, guard
		s.Normals(buffer[1:length+1], layer)
		if buffer[0] != guard || buffer[length+1] != guard {
			t.Fatalf("length %d: a guard was overwritten", length)
		}
		for i := length - 1; i >= 0; i-- {
			want := s.Normal(layer, uint32(i))
			if got := buffer[1+i]; math.Float64bits(got) != math.Float64bits(want) {
				t.Errorf("length %d: dst[%d] = %v, want %v", length, i, got, want)
			}
		}
	}
	s.Normals(nil, layer)
	for _, first := range []uint32{0, 2, 254, 256, 1<<32 - 2} {
		part := make([]float64, 259)
		s.NormalsFrom(part, layer, first)
		for i, got := range part {
			if want := s.Normal(layer, first+uint32(i)); math.Float64bits(got) != math.Float64bits(want) {
				t.Errorf("from %d on: dst[%d] = %v, want %v", first, i, got, want)
			}
		}
	}
}

// Changing any one of seed, point, layer and element, in either half of the
// 64-bit ones, changes the word: among these 2·3·3·3·4 distinct 64-bit words a
// chance collision has a probability below 216²/2⁶⁵ < 10⁻¹⁴.
func TestEveryArgumentCounts(t *testing.T) {
	seen := map[uint64][4]uint64{}
	for _, seed := range []uint64{0, 1, 1 << 32} {
		for _, point := range []uint64{0, 1, 1 << 32} {
			for _, layer := range []uint32{0, 1, 1 << 31} {
				for _, element := range []uint32{0, 1, 2, 1 << 31} {
					name := [4]uint64{seed, point, uint64(layer), uint64(element)}
					word := Stream{Seed: seed, Point: point}.Uint64(layer, element)
					if other, ok := seen[word]; ok {
						t.Errorf("%v and %v share the word %#x", name, other, word)
					}
					seen[word] = name
				}
			}
		}
	}
}

// Streams of the steps of a run: a function of run and step, apart from each other
// and from the run's own.
func TestStreamsOfSteps(t *testing.T) {
	seen := map[uint64]string{}
	for _, s := range []Stream{{0, 0}, {0, 1}, {1, 0}, {math.MaxUint64, math.MaxUint64}} {
		for _, step := range []uint64{0, 1, 2, math.MaxUint32 + 1} {
			if got, want := s.At(step), (Stream{s.Uint64(math.MaxUint32, 0), step}); got != want {
				t.Errorf("%+v at step %d is %+v, want %+v", s, step, got, want)
			}
			word, name := s.At(step).Uint64(FirstWordLayer, 0), fmt.Sprintf("%+v at step %d", s, step)
			if other, twice := seen[word]; twice {
				t.Errorf("%s and %s draw the same word", name, other)
			}
			seen[word] = name
		}
		if other, twice := seen[s.Uint64(FirstWordLayer, 0)]; twice {
			t.Errorf("%+v and %s draw the same word", s, other)
		}
	}
}
