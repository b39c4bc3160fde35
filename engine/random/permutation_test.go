package random

import (
	"math"
	"slices"
	"testing"
)

func TestPermutationIsAPermutation(t *testing.T) {
	s := Stream{Seed: 5, Point: 6}
	for _, n := range []int{-1, 0, 1, 2, 3, 10, 257, 20000} {
		order := s.Permutation(n, 0)
		if len(order) != max(n, 0) {
			t.Errorf("Permutation(%d) has length %d", n, len(order))
		}
		sorted := slices.Sorted(slices.Values(order))
		for i, v := range sorted {
			if i != v {
				t.Fatalf("Permutation(%d) holds %d in place of %d", n, v, i)
			}
		}
		if again := s.Permutation(n, 0); !slices.Equal(order, again) {
			t.Errorf("Permutation(%d) gave two orders", n)
		}
	}
	if slices.Equal(s.Permutation(100, 0), s.Permutation(100, 1)) {
		t.Error("two layers gave one order")
	}
}

// A golden order, for the same reason as goldenNormals, and likewise confirmed
// from the definitions of Philox and algorithm P alone.
func TestGoldenPermutation(t *testing.T) {
	want := []int{0, 7, 1, 2, 3, 5, 6, 8, 9, 4}
	if got := (Stream{Seed: 1, Point: 2}).Permutation(10, 3); !slices.Equal(got, want) {
		t.Errorf("Permutation = %v, want %v", got, want)
	}
}

// The first counter word of a permutation has bit 31 set, that of a normal or
// a word never. Both are read off the words themselves.
func TestPermutationsAndWordsNeverMeet(t *testing.T) {
	s := Stream{Seed: 3, Point: 4}
	next := s.permutationWords(9)
	for i := range uint32(10) {
		even, odd := s.block(1<<31|i/2, 9)
		want := [2]uint64{even, odd}[i%2]
		if got := next(); got != want {
			t.Errorf("word %d of the permutation is %#x, want %#x", i, got, want)
		}
	}
	if largest := uint32(math.MaxUint32) / 2; largest&permutationTag != 0 {
		t.Errorf("the last element's block %#x reaches the permutations", largest)
	}
}

// Over N layers the six orders of three are equally likely: Pearson's χ² has 5
// degrees of freedom, for which P(χ² > x) = erfc(√(x/2)) + √(2x/π) e^(−x/2)
// (1 + x/3) in closed form. A sound shuffle falls below α = 10⁻³ (χ² = 20.5)
// once in a thousand streams; the stream is fixed.
func TestPermutationsOfThreeAreUniform(t *testing.T) {
	const trials, alpha = 60_000, 1e-3
	counts := map[[3]int]int{}
	s := Stream{Seed: 17}
	for layer := range uint32(trials) {
		counts[[3]int(s.Permutation(3, layer))]++
	}
	if len(counts) != 6 {
		t.Fatalf("%d orders of three were seen, want 6", len(counts))
	}
	const expected = trials / 6.0
	x := 0.0
	for _, c := range counts {
		x += (float64(c) - expected) * (float64(c) - expected) / expected
	}
	p := math.Erfc(math.Sqrt(x/2)) + math.Sqrt(2*x/math.Pi)*math.Exp(-x/2)*(1+x/3)
	t.Logf("χ² = %.2f, p = %.3f", x, p)
	if !(p > alpha) {
		t.Errorf("χ² = %v, p = %v", x, p)
	}
}

// For bound = 3·2⁶² the words fall 2, 1 and 1 to the residues of the values
// modulo 3 in the biased method (the value ⌊word·3/4⌋ is hit twice where it is
// a multiple of 3), and one word in four must be rejected for them to be
// equal. With N draws a share has standard deviation √(2/9N); the bound is 4 of
// them, and the biased shares ½, ¼, ¼ are off by hundreds.
func TestBelowIsUnbiased(t *testing.T) {
	const bound, draws = 3 << 62, 100_000
	used := 0
	next := (Stream{Seed: 1}).permutationWords(0)
	counting := func() uint64 { used++; return next() }
	var counts [3]int
	for range draws {
		value := below(bound, counting)
		if value >= bound {
			t.Fatalf("below(%d) = %d", uint64(bound), value)
		}
		counts[value%3]++
	}
	deviation := math.Sqrt(2.0 / 9 / draws)
	for residue, c := range counts {
		if share := float64(c) / draws; math.Abs(share-1.0/3) > 4*deviation {
			t.Errorf("residue %d has the share %v, want 1/3 ± %v", residue, share, 4*deviation)
		}
	}
	// A draw needs a geometric number of words of mean 4/3 and variance 4/9.
	mean := float64(used) / draws
	if off := math.Abs(mean - 4.0/3); off > 4*math.Sqrt(4.0/9/draws) {
		t.Errorf("a draw takes %v words, want 4/3", mean)
	}
}

// The edge of rejection, on chosen words. For bound 3, 2⁶⁴ mod 3 = 1: only a
// low half of 0 is rejected, that is the word 0.
func TestBelowRejectsOnlyTheSurplus(t *testing.T) {
	chosen := []uint64{0, 0, 1}
	next := func() uint64 { w := chosen[0]; chosen = chosen[1:]; return w }
	if got := below(3, next); got != 0 || len(chosen) != 0 {
		t.Errorf("below(3) = %d with %d words left, want 0 with none", got, len(chosen))
	}
	for word, want := range map[uint64]uint64{
		1: 0, math.MaxUint64: 2, math.MaxUint64/3 + 1: 1,
	} {
		once := func() uint64 { return word }
		if got := below(3, once); got != want {
			t.Errorf("below(3) of %#x = %d, want %d", word, got, want)
		}
	}
	// A power of two divides 2⁶⁴, so nothing may be rejected.
	if got := below(1<<12, func() uint64 { return 0 }); got != 0 {
		t.Errorf("below(4096) of 0 = %d, want 0", got)
	}
}
