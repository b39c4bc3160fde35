package rank

import (
	"context"
	"errors"
	"math"
	"math/big"
	"testing"
)

// sampledShares returns at index m the share of draws with full rank after m
// columns.
func sampledShares(t *testing.T, n, samples int, seed uint64) []float64 {
	t.Helper()
	times, err := sampleSpanningTimes(context.Background(), n, samples, seed)
	if err != nil {
		t.Fatal(err)
	}
	shares := make([]float64, len(times))
	sum := 0
	for m, count := range times {
		sum += count
		shares[m] = float64(sum) / float64(samples)
	}
	if sum != samples {
		t.Fatalf("%d draws were counted, want %d", sum, samples)
	}
	return shares
}

// See compareShare. Below 200 shares are compared in all tests, so a sound
// sampler fails one of them with a probability below 2·10⁻⁴; the seeds are
// fixed.
func TestSamplingAgreesWithTheExactCounts(t *testing.T) {
	const samples = 200_000
	for _, n := range []int{3, 5, 6} {
		shares := sampledShares(t, n, samples, 1)
		counts := fullRankCounts(t, n)
		for m, count := range counts {
			all := new(big.Int).Binomial(1<<n, int64(m))
			p, _ := new(big.Rat).SetFrac(count, all).Float64()
			compareShare(t, n, m, shares[m], p, samples)
		}
	}
}

// compareShare holds a share of N draws to a probability p by Bernstein's
// inequality, which needs no normal approximation and so is good at any p: a
// sound sampler is off by t/N or more with a probability of at most
// 2 exp(−t²/(2Np(1−p) + 2t/3)). Setting that to α = 10⁻⁶ and with ln(2/α) = L,
// t = L/3 + √(L²/9 + 2L·Np(1−p)): about 5.4 standard deviations in the middle.
// At p = 0 and 1 no draw may differ.
func compareShare(t *testing.T, n, m int, share, p float64, samples int) {
	t.Helper()
	logarithm := math.Log(2 / 1e-6)
	variance := float64(samples) * p * (1 - p)
	tolerance := (logarithm/3 + math.Sqrt(logarithm*logarithm/9+2*logarithm*variance)) / float64(samples)
	if p == 0 || p == 1 {
		tolerance = 0
	}
	if math.Abs(share-p) > tolerance {
		t.Errorf("%d bits, %d columns: share %v, probability %v, tolerance %v", n, m, share, p, tolerance)
	}
}

// Where no exact lattice is at hand the square case still is, from the known
// number of invertible matrices; see squareCount.
func TestSamplingAgreesWithInvertibleMatrices(t *testing.T) {
	const samples = 50_000
	const n = 8
	p, _ := new(big.Rat).SetFrac(squareCount(n), new(big.Int).Binomial(1<<n, n)).Float64()
	compareShare(t, n, n, sampledShares(t, n, samples, 2)[n], p, samples)
}

func TestSamplingIsAFunctionOfTheSeed(t *testing.T) {
	a, b, c := sampledShares(t, 9, 500, 1), sampledShares(t, 9, 500, 1), sampledShares(t, 9, 500, 2)
	equal := func(x, y []float64) bool {
		for i := range x {
			if x[i] != y[i] {
				return false
			}
		}
		return true
	}
	if !equal(a, b) {
		t.Error("one seed gave two estimates")
	}
	if equal(a, c) {
		t.Error("two seeds gave one estimate")
	}
}

func TestSamplingStopsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Probabilities(ctx, 8, []int{8}, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

// Wilson's ends are by definition the two p₀ with (p − p₀)² = z² p₀(1−p₀)/N.
// Putting an end back into that equation, with every term at most 1, leaves a
// rounding error: an end comes from about 10 operations, so it is off by at
// most 10u, and the equation's terms change by at most twice that and 3u of
// their own; 30u with u = 2⁻⁵³. At p = 0 the ends are 0 and z²/(N+z²).
func TestWilsonIntervalSolvesItsEquation(t *testing.T) {
	const z, tolerance = 1.959963984540054, 30 * 0x1p-53
	for _, c := range [][2]int{{0, 10}, {10, 10}, {1, 10}, {5, 10}, {81, 263}, {99_999, 100_000}} {
		low, high := wilson95(c[0], c[1])
		p, n := float64(c[0])/float64(c[1]), float64(c[1])
		if !(0 <= low && low <= p && p <= high && high <= 1) {
			t.Errorf("%v: the interval [%v, %v] does not hold %v", c, low, high, p)
		}
		for _, end := range []float64{low, high} {
			if off := (p-end)*(p-end) - z*z*end*(1-end)/n; math.Abs(off) > tolerance {
				t.Errorf("%v: end %v misses its equation by %v", c, end, off)
			}
		}
	}
	if low, _ := wilson95(0, 10); low != 0 {
		t.Errorf("with no success the lower end is %v, want 0", low)
	}
	if _, high := wilson95(10, 10); high != 1 {
		t.Errorf("with no failure the upper end is %v, want 1", high)
	}
}

func BenchmarkRankSampling(b *testing.B) {
	for _, n := range []int{8, 12} {
		b.Run(map[int]string{8: "8", 12: "12"}[n], func(b *testing.B) {
			if _, err := sampleSpanningTimes(context.Background(), n, b.N, 1); err != nil {
				b.Fatal(err)
			}
		})
	}
}
