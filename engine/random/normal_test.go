package random

import (
	"math"
	"math/big"
	"testing"
)

func TestUniformIsExact(t *testing.T) {
	known := []struct {
		word uint64
		want float64
	}{
		{0, 0x1p-53},
		{1<<12 - 1, 0x1p-53}, // the lower 12 bits do not count
		{1 << 12, 3 * 0x1p-53},
		{1<<63 - 1, 0.5 - 0x1p-53},
		{1 << 63, 0.5 + 0x1p-53},
		{math.MaxUint64, 1 - 0x1p-53},
	}
	for _, k := range known {
		if got := Uniform(k.word); got != k.want {
			t.Errorf("Uniform(%#x) = %x, want %x", k.word, got, k.want)
		}
	}
}

// checkWord holds the properties that every word must have, whatever its
// value.
func checkWord(t *testing.T, word uint64) {
	t.Helper()
	u, z := Uniform(word), Normal(word)
	if !(u > 0 && u < 1) {
		t.Errorf("Uniform(%#x) = %v is not inside (0, 1)", word, u)
	}
	if got := 1 - u; Uniform(^word) != got {
		t.Errorf("Uniform(^%#x) = %v, want %v", word, Uniform(^word), got)
	}
	// Φ(−8.2096) < 2⁻⁵³, so no normal lies beyond; NaN fails as well.
	if !(math.Abs(z) < 8.2096) {
		t.Errorf("Normal(%#x) = %v, not inside ±8.2096", word, z)
	}
	if got := Normal(^word); math.Float64bits(got) != math.Float64bits(-z) {
		t.Errorf("Normal(^%#x) = %x, want %x", word, got, -z)
	}
	if (u < 0.5) != (z < 0) {
		t.Errorf("Normal(%#x) = %v has the wrong sign for u = %v", word, z, u)
	}
}

// edgeWords are words at the ends, at the middle and on both sides of the
// places where the transform changes its formula.
func edgeWords() []uint64 {
	edges := []uint64{0, 1 << 63, math.MaxUint64}
	for _, u := range []float64{0.075, 0.925, math.Exp(-25), -math.Expm1(-25)} {
		edges = append(edges, uint64(u*0x1p52)<<12)
	}
	var all []uint64
	for _, e := range edges {
		for d := -3; d <= 3; d++ {
			all = append(all, e+uint64(d)<<12)
		}
	}
	return all
}

func TestNormalOfEdgeWords(t *testing.T) {
	for _, word := range edgeWords() {
		checkWord(t, word)
	}
}

func FuzzNormal(f *testing.F) {
	for _, word := range edgeWords() {
		f.Add(word)
	}
	f.Fuzz(checkWord)
}

// The oracle is Φ by its power series in 320 bits. From the residual
// ρ = Φ(z) − u the error of z follows as ρ/φ(z) (Newton), up to a relative
// z·ρ/φ(z) ~ 10⁻¹⁴ of itself. The bound is the 40u derived at tailQuantile,
// relative to z.
func TestNormalErrorBound(t *testing.T) {
	const bound = 40 * unitRoundoff
	worst, at := 0.0, 0.0
	check := func(word uint64) {
		z := Normal(word)
		residual := bigCentralArea(z)
		residual.Sub(residual, bigFloat(Uniform(word)))
		residual.Add(residual, bigFloat(0.5))
		r, _ := residual.Float64()
		density := math.Exp(-z*z/2) / math.Sqrt(2*math.Pi)
		relative := math.Abs(r / density / z)
		if relative > worst {
			worst, at = relative, z
		}
		if relative > bound {
			t.Errorf("Normal(%#x) = %v is off by %.3g u", word, z, relative/unitRoundoff)
		}
	}
	for _, word := range edgeWords() {
		check(word)
	}
	stream := Stream{Seed: 1}
	for i := range uint32(1000) {
		word := stream.Uint64(FirstWordLayer, i)
		check(word)
		check(word >> (i % 52)) // as many in every binade of the tail
		check(1<<63 + word>>(1+i%51))
	}
	t.Logf("largest error %.3g u at z = %v, bound %.3g u", worst/unitRoundoff, at, bound/unitRoundoff)
}

// A planted fault: with a coefficient changed by one part in 10¹³, the error
// bound must be broken, or the test above would prove little.
func TestNormalErrorBoundNoticesAFault(t *testing.T) {
	kept := centreAbove[3]
	defer func() { centreAbove[3] = kept }()
	centreAbove[3] *= 1 + 1e-13
	z := centreQuantile(0.25)
	residual := bigCentralArea(z)
	residual.Sub(residual, bigFloat(0.25))
	r, _ := residual.Quo(residual, big.NewFloat(math.Exp(-z*z/2)/math.Sqrt(2*math.Pi)*z)).Float64()
	if math.Abs(r) < 40*unitRoundoff {
		t.Errorf("the fault moves z by only %.3g u", r/unitRoundoff)
	}
}
