package store

import "testing"

// TestSumsCarry: sums of hashes are modulo 2²⁵⁶ and big-endian.
func TestSumsCarry(t *testing.T) {
	a, b := sum256{}, sum256{}
	var all, one [32]byte
	for i := range all {
		all[i] = 0xff
	}
	one[31] = 1
	a.add(all)
	a.add(one)
	if a != b { // 2²⁵⁶ − 1 + 1
		t.Errorf("the sum does not carry through: %v", a)
	}
	b.add(one)
	if got := b.append(nil); got[31] != 1 || len(got) != 32 {
		t.Errorf("the sum is written as %v", got)
	}
}
