package rank

import (
	"context"
	"fmt"
	"math"
	"math/big"
)

// maxBits is the largest number of bits for which ranks are sampled.
const maxBits = 12

// DefaultSamples is the number of samples that a zero
// [Options].Samples stands for. The 95 % interval is then at most 0.0062
// wide.
const DefaultSamples = 100_000

// Options says how probabilities are sampled where they are not exact. The
// zero value is DefaultSamples samples of seed 0.
type Options struct {
	Samples int    // random orders of the columns; 0 for DefaultSamples
	Seed    uint64 // equal seeds give equal estimates
}

// Probability is the probability that so many columns of Ω, drawn without
// replacement, have full rank.
type Probability struct {
	Columns     int
	Probability float64
	Low, High   float64 // Wilson's 95 % interval; Probability itself if Exact
	Exact       bool    // rounded once from the exact fraction, not sampled
}

// Probabilities returns, for each m of columns in turn, the probability
// that m columns of Ω drawn without replacement have rank n over the reals.
// Ω's columns are all P = 2ⁿ vectors of {±1}ⁿ, n = bits, so this is the chance
// that m training examples teach a module the whole compositional map.
//
// For n ≤ 7 it is exact, Counts divided by C(P, m). For n = 8 … 12 it is
// estimated from random orders of the columns, the same orders for every m,
// except for m < n and m > P/2, where it is 0 and 1 (see Counts).
//
// It is the true rank. The published scripts test the determinant of the
// absolute values of a Gram matrix instead, which is wrong from n = 4 on, in
// both directions.
//
// Errors: bits outside 1 … 12; an m outside 0 … P; Samples negative or above
// 2³¹; or ctx's error if ctx ends first.
func Probabilities(ctx context.Context, bits int, columns []int, options Options) ([]Probability, error) {
	if bits < 1 || bits > maxBits {
		return nil, fmt.Errorf("full-rank probability for %d bits: 1 to %d are allowed", bits, maxBits)
	}
	for _, m := range columns {
		if m < 0 || m > 1<<bits {
			return nil, fmt.Errorf("full-rank probability of %d columns: with %d bits 0 to %d are allowed", m, bits, 1<<bits)
		}
	}
	if options.Samples < 0 || int64(options.Samples) > math.MaxInt32+1 {
		return nil, fmt.Errorf("full-rank probability from %d samples: 1 to 2^31 are allowed, 0 for %d", options.Samples, DefaultSamples)
	}
	if options.Samples == 0 {
		options.Samples = DefaultSamples
	}
	if bits <= exactBits {
		return exactProbabilities(ctx, bits, columns)
	}
	return sampledProbabilities(ctx, bits, columns, options)
}

func exactProbabilities(ctx context.Context, bits int, columns []int) ([]Probability, error) {
	counts, err := Counts(ctx, bits)
	if err != nil {
		return nil, err
	}
	result := make([]Probability, len(columns))
	for i, m := range columns {
		all := new(big.Int).Binomial(1<<bits, int64(m))
		p, _ := new(big.Rat).SetFrac(counts[m], all).Float64()
		result[i] = certain(m, p)
	}
	return result, nil
}

func certain(m int, p float64) Probability {
	return Probability{Columns: m, Probability: p, Low: p, High: p, Exact: true}
}

func sampledProbabilities(ctx context.Context, bits int, columns []int, options Options) ([]Probability, error) {
	times, err := sampleSpanningTimes(ctx, bits, options.Samples, options.Seed)
	if err != nil {
		return nil, fmt.Errorf("sampling the rank for %d bits: %w", bits, err)
	}
	full := make([]int, len(times)) // draws of rank n after m columns
	sum := 0
	for m, count := range times {
		sum += count
		full[m] = sum
	}
	result := make([]Probability, len(columns))
	for i, m := range columns {
		switch {
		case m < bits:
			result[i] = certain(m, 0)
		case m > 1<<(bits-1):
			result[i] = certain(m, 1)
		default:
			low, high := wilson95(full[m], options.Samples)
			result[i] = Probability{
				Columns:     m,
				Probability: float64(full[m]) / float64(options.Samples),
				Low:         low,
				High:        high,
			}
		}
	}
	return result, nil
}
