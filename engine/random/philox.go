package random

// The constants of Philox4x32, from Salmon et al. (2011), section 3.3: two odd
// multipliers chosen for avalanche, and the Weyl increments of the key, which
// are the golden ratio and √3 − 1 as 32-bit fractions.
const (
	philoxMultiplier0 = 0xD2511F53
	philoxMultiplier1 = 0xCD9E8D57
	philoxWeyl0       = 0x9E3779B9
	philoxWeyl1       = 0xBB67AE85
	philoxRounds      = 10
)

// Philox is Philox4x32-10: it maps a counter of 128 bits, under a key of 64
// bits, to four words that are statistically independent from one counter or
// key to the next. For a fixed key it is a bijection of the counters.
//
// One round maps (c0, c1, c2, c3), with 64-bit products
// p0 = 0xD2511F53·c0 and p1 = 0xCD9E8D57·c2, to
//
//	(hi(p1) ⊕ c1 ⊕ k0,  lo(p1),  hi(p0) ⊕ c3 ⊕ k1,  lo(p0))
//
// and between rounds k0 += 0x9E3779B9, k1 += 0xBB67AE85 modulo 2³². There are
// ten rounds. Word 0 of an array is the one that Random123 writes first.
//
// Source: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random
// numbers: as easy as 1, 2, 3", SC 2011, and its library Random123.
func Philox(counter [4]uint32, key [2]uint32) [4]uint32 {
	c0, c1, c2, c3 := philox(counter[0], counter[1], counter[2], counter[3], key[0], key[1])
	return [4]uint32{c0, c1, c2, c3}
}

// philox is Philox on words by themselves, which Go passes in registers; arrays
// go through memory, and filling a layer is slower for it.
func philox(c0, c1, c2, c3, k0, k1 uint32) (uint32, uint32, uint32, uint32) {
	for range philoxRounds {
		p0 := uint64(philoxMultiplier0) * uint64(c0)
		p1 := uint64(philoxMultiplier1) * uint64(c2)
		c0, c1, c2, c3 = uint32(p1>>32)^c1^k0, uint32(p1), uint32(p0>>32)^c3^k1, uint32(p0)
		// The increment after the last round is never used; leaving it in
		// keeps the loop free of a branch.
		k0 += philoxWeyl0
		k1 += philoxWeyl1
	}
	return c0, c1, c2, c3
}
