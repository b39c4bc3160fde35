package rank

import (
	"context"
	"math"

	"modspec/engine/random"
)

// firstPoint is the Point of the streams that columns are sampled from: "rank"
// in ASCII, with the number of bits in the lower half.
const firstPoint = 0x72616e6b << 32

// sampleSpanningTimes draws columns of Ω without replacement until they have
// rank n = bits, samples times, and returns at index m how many of the draws
// needed exactly m columns. So of all draws the share that had rank n after m
// columns is the running sum over samples: one draw serves every m.
//
// Draw t is a function of (seed, bits, t): its columns are the top n bits of
// the words of layer FirstWordLayer + t, in order, a column seen before being
// passed over. As P is a power of two every column is equally likely, so the
// sequence without its repetitions is a uniformly random order.
//
// It needs 1 ≤ bits ≤ 12 and samples ≤ 2³¹, and returns ctx's error if ctx ends
// first.
func sampleSpanningTimes(ctx context.Context, bits, samples int, seed uint64) ([]int, error) {
	stream := random.Stream{Seed: seed, Point: firstPoint | uint64(bits)}
	times := make([]int, 1<<bits+1)
	for t := range samples {
		if t%1024 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
		times[spanningTime(stream, random.FirstWordLayer+uint32(t), bits)]++
	}
	return times, nil
}

// spanningTime returns how many different columns one draw needs.
func spanningTime(stream random.Stream, layer uint32, bits int) int {
	var seen [1 << maxBits / 64]uint64
	var buffer [maxBits]int8
	column := buffer[:bits]
	s := span{}
	drawn := 0
	for element := uint32(0); s.rank < bits; element++ {
		index := stream.Uint64(layer, element) >> (64 - bits)
		if seen[index/64]>>(index%64)&1 == 1 {
			continue
		}
		seen[index/64] |= 1 << (index % 64)
		drawn++
		for row := range column {
			column[row] = 1 - 2*int8(index>>row&1)
		}
		s.add(column)
	}
	return drawn
}

// wilson95 returns Wilson's 95 % confidence interval of a probability of which
// successes in trials > 0 were seen. With p = successes/trials, N = trials and
// z = Φ⁻¹(0.975), its ends are
//
//	(p + z²/2N ± z √(p(1−p)/N + z²/4N²)) / (1 + z²/N).
//
// Unlike p ± z√(p(1−p)/N) it keeps its level near 0 and 1 and never leaves
// [0, 1].
//
// Source: E. B. Wilson, "Probable inference, the law of succession, and
// statistical inference", Journal of the American Statistical Association 22
// (1927) 209–212.
func wilson95(successes, trials int) (low, high float64) {
	const z = 1.959963984540054 // Φ⁻¹(0.975)
	n := float64(trials)
	p := float64(successes) / n
	scale := 1 + z*z/n
	centre := (p + z*z/(2*n)) / scale
	half := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n)) / scale
	// Rounding may push an end that is p itself, at p = 0 or 1, past it.
	return max(0, min(p, centre-half)), min(1, max(p, centre+half))
}
