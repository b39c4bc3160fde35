package random

import "testing"

// The known answers are the three "philox4x32 10" lines of the file
// tests/kat_vectors of Random123 1.14: all zeros, all ones, and the digits of
// π in base 16.
func TestPhiloxKnownAnswers(t *testing.T) {
	known := []struct {
		counter [4]uint32
		key     [2]uint32
		want    [4]uint32
	}{
		{
			[4]uint32{0, 0, 0, 0},
			[2]uint32{0, 0},
			[4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
		},
		{
			[4]uint32{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
			[2]uint32{0xffffffff, 0xffffffff},
			[4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
		},
		{
			[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
			[2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
		},
	}
	for _, k := range known {
		if got := Philox(k.counter, k.key); got != k.want {
			t.Errorf("Philox(%#x, %#x) = %#x, want %#x", k.counter, k.key, got, k.want)
		}
	}
}

// Philox is a bijection for each key because every round can be undone. The
// inverse is written from the round's formula alone, so it also checks that no
// word of the state is lost on the way.
func TestPhiloxCanBeUndone(t *testing.T) {
	for i := range uint32(1000) {
		counter := [4]uint32{i * 0x9E3779B1, i * i, ^i, i << 16}
		key := [2]uint32{i * 0x85EBCA6B, ^i * 0xC2B2AE35}
		if got := undoPhilox(Philox(counter, key), key); got != counter {
			t.Fatalf("key %#x: %#x comes back as %#x", key, counter, got)
		}
	}
}

func undoPhilox(c [4]uint32, key [2]uint32) [4]uint32 {
	inverse0 := inverseModulo32(philoxMultiplier0)
	inverse1 := inverseModulo32(philoxMultiplier1)
	for round := philoxRounds - 1; round >= 0; round-- {
		k0 := key[0] + uint32(round)*philoxWeyl0
		k1 := key[1] + uint32(round)*philoxWeyl1
		c0 := c[3] * inverse0
		c2 := c[1] * inverse1
		high0 := uint32(uint64(c0) * philoxMultiplier0 >> 32)
		high1 := uint32(uint64(c2) * philoxMultiplier1 >> 32)
		c = [4]uint32{c0, c[0] ^ high1 ^ k0, c2, c[2] ^ high0 ^ k1}
	}
	return c
}

// inverseModulo32 returns the inverse of an odd number modulo 2³² by Newton's
// iteration, which doubles the number of right bits: 3, 6, 12, 24, 48.
func inverseModulo32(odd uint32) uint32 {
	x := odd
	for range 4 {
		x *= 2 - odd*x
	}
	return x
}
