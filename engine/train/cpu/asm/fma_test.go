package asm

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// exact32 rounds a·b + c once, through big.Float at a precision that holds it
// exactly (exponents span less than 600 bits here).
func exact32(a, b, c float32) float32 {
	of := func(x float32) *big.Float { return new(big.Float).SetPrec(1200).SetFloat64(float64(x)) }
	p := of(a)
	p.Mul(p, of(b)).Add(p, of(c))
	v, _ := p.Float32()
	return v
}

func TestFMA32RoundsOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	number := func(exponents int) float32 {
		m := float64(r.IntN(1<<24)-1<<23) / (1 << 23)
		if r.IntN(2) == 0 { // few bits, so that sums meet the middle between two float32
			m = math.Round(m*256) / 256
		}
		return float32(math.Ldexp(m, r.IntN(exponents)-exponents/2))
	}
	check := func(a, b, c float32) {
		t.Helper()
		got, want := fma32(a, b, c), exact32(a, b, c)
		if math.Float32bits(got) != math.Float32bits(want) && !(got == 0 && want == 0) {
			t.Fatalf("fma32(%x, %x, %x) = %x, want %x", a, b, c, got, want)
		}
	}
	for range 300_000 {
		check(number(60), number(60), number(60))
		check(number(12), number(12), number(12))
		check(number(160), number(160), number(280))
	}
	// Exact middles, off by a term that 53 bits lose.
	check(1, 1, 0x1p-24)
	check(0x1.000002p0, 0x1p-24, 0x1p60)
	check(0x1p-75, 0x1.000002p-75, 0x1p-127)
	check(0x1p-63, 0x1p-63, 0x1p-2)
	check(0x1.fffffep-60, 0x1p30, 0x1.000001p0)
}
