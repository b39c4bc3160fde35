package spec

import (
	"math"
	"math/bits"

	"modspec/engine/random"
	"modspec/engine/results"
	"modspec/engine/train"
)

// draw returns candidate i of a random sweep. Every axis has a word of its own,
//
//	random.Stream{Seed: SamplingSeed, Point: i}.Uint64(random.FirstWordLayer + p, 0)
//
// p being the number of its first parameter in the kind's schema. So draws depend on
// nothing but the sampling seed, i and the parameter's own line: raising run_cap
// or adding a parameter leaves them as they were.
func (f *File) draw(i int) train.Setting {
	s := f.defaults.Clone()
	stream := random.Stream{Seed: f.SamplingSeed, Point: uint64(i)}
	for _, a := range f.axes {
		word := stream.Uint64(random.FirstWordLayer+uint32(a.parameters[0]), 0)
		for _, p := range a.parameters {
			s.Set(p, f.choices[p].draw(word, f.column(p).whole()))
		}
	}
	return s
}

// draw maps a uniform 64-bit word to a value. For discrete choices of n values
// it is number ⌊word·n/2⁶⁴⌋, whose probability is 1/n to within 2⁻⁶⁴.
func (c *choice) draw(word uint64, whole bool) results.Value {
	switch {
	case c.discrete():
		i, _ := bits.Mul64(word, uint64(c.count()))
		return c.value(int(i))
	case c.distribution == logUniform:
		v := logInterpolate(c.min, c.max, random.Uniform(word))
		if whole {
			v = math.Round(v)
		}
		return results.Value{Number: v}
	}
	u := random.Uniform(word)
	// Two products and a sum, rounded one by one, cannot overflow for bounds of
	// either sign and have the same bits on every processor; see package random.
	return results.Value{Number: clamp(float64((1-u)*c.min)+float64(u*c.max), c.min, c.max)}
}

func clamp(v, lo, hi float64) float64 { return min(max(v, lo), hi) }

// logInterpolate returns lo^{1−u}·hi^u for 0 < lo < hi and 0 < u < 1.
//
// The value goes into a copy's identity, so it must have the same bits on every
// processor, which math.Log and math.Exp do not promise: here only exact and
// correctly rounded operations are used, in a fixed order. Its relative error is
// that of u·log₂(hi/lo), at most 2¹¹ in magnitude, times ln 2: below 10⁻¹².
func logInterpolate(lo, hi, u float64) float64 {
	a, b := log2(lo), log2(hi)
	return clamp(exp2(float64((1-u)*a)+float64(u*b)), lo, hi)
}

// log2 returns log₂ x for x > 0. With x = m·2^e, √½ ≤ m < √2 and
// s = (m−1)/(m+1), ln m = 2(s + s³/3 + s⁵/5 + …). |s| < 0.172, so after s²¹/21
// what is left is below 0.172²³/23·2 < 10⁻¹⁸.
func log2(x float64) float64 {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = float64(m*2), e-1
	}
	s := (m - 1) / (m + 1)
	square := float64(s * s)
	sum := 0.0
	for k := 21; k >= 1; k -= 2 {
		sum = float64(sum*square) + 1/float64(k)
	}
	return float64(e) + float64(float64(2*s*sum)/math.Ln2)
}

// exp2 returns 2^x by 2^⌊x+½⌋ · e^{f·ln 2}, |f| ≤ ½, and Taylor's series: after
// (f·ln 2)¹⁶/16! what is left is below 0.347¹⁷/17! < 10⁻²².
func exp2(x float64) float64 {
	whole := math.Floor(x + 0.5)
	t := float64((x - whole) * math.Ln2)
	sum := 1.0
	for k := 16; k >= 1; k-- {
		sum = 1 + float64(float64(t*sum)/float64(k))
	}
	return math.Ldexp(sum, int(whole))
}
