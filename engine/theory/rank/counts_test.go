package rank

import (
	"context"
	"errors"
	"math"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"testing"
)

func fullRankCounts(t testing.TB, n int) []*big.Int {
	t.Helper()
	counts, err := Counts(context.Background(), n)
	if err != nil {
		t.Fatal(err)
	}
	if len(counts) != 1<<n+1 {
		t.Fatalf("%d bits: %d counts, want %d", n, len(counts), 1<<n+1)
	}
	return counts
}

// Exact equality with counting one by one: every m for up to four bits, and for
// five bits the m that can be counted in a second.
func TestCountsAgainstBruteForce(t *testing.T) {
	compare := func(n, m int, counts []*big.Int) {
		if want := bruteForceCount(n, m); counts[m].Cmp(big.NewInt(want)) != 0 {
			t.Errorf("%d bits, %d columns: %v sets of full rank, want %d", n, m, counts[m], want)
		}
	}
	for n := 1; n <= 4; n++ {
		counts := fullRankCounts(t, n)
		for m := range counts {
			compare(n, m, counts)
		}
	}
	counts := fullRankCounts(t, 5)
	for m := range 6 {
		compare(5, m, counts)
	}
	if !testing.Short() {
		compare(5, 6, counts)
	}
}

// For m = n an ordered set of full rank is an invertible n × n matrix of ±1.
// Those number 2²ⁿ⁻¹ times the invertible (n−1) × (n−1) matrices of 0 and 1:
// make the first row and column +1 by changing signs (2n−1 free signs),
// subtract the first row from the others, divide by −2. So the count is
// 2²ⁿ⁻¹ A(n−1)/n!, A being sequence A055165 of the OEIS (Živković 2006).
var invertibleZeroOne = []int64{
	1, 1, 6, 174, 22560, 12514320, 28836612000, 270345669985440,
}

func squareCount(n int) *big.Int {
	count := new(big.Int).Lsh(big.NewInt(invertibleZeroOne[n-1]), uint(2*n-1))
	return count.Quo(count, new(big.Int).MulRange(1, int64(n)))
}

func TestCountsOfSquareMatrices(t *testing.T) {
	for n := 1; n <= 7; n++ {
		if got, want := fullRankCounts(t, n)[n], squareCount(n); got.Cmp(want) != 0 {
			t.Errorf("%d columns of %d bits: %v sets of full rank, want %v", n, n, got, want)
		}
	}
}

// Between 3P/8 and P/2 columns the sets without full rank can be counted by
// hand. A hyperplane w·x = 0 holds P/2 columns if w has two entries that are
// not zero and they are equal in magnitude, x_i = ±x_j: n(n−1) hyperplanes. Any
// other holds at most 3P/8: Erdős's bound for s such entries is
// C(s, ⌊s/2⌋)/2ˢ, which is 3/8 for s = 3 and 4 and less beyond, and for s = 1,
// or 2 of different magnitude, it holds none. Two of the n(n−1) share at most P/4
// columns. So for 3P/8 < m, n(n−1)·C(P/2, m) sets lack full rank.
// And for m < n all sets do.
func TestCountsAtTheEdges(t *testing.T) {
	for n := 2; n <= 7; n++ {
		counts := fullRankCounts(t, n)
		p := 1 << n
		for m, count := range counts {
			want := new(big.Int)
			switch {
			case m < n:
			case m > 3*p/8:
				lacking := new(big.Int).Binomial(int64(p/2), int64(m))
				lacking.Mul(lacking, big.NewInt(int64(n*(n-1))))
				want.Binomial(int64(p), int64(m))
				want.Sub(want, lacking)
			default:
				continue
			}
			if count.Cmp(want) != 0 {
				t.Errorf("%d bits, %d columns: %v sets of full rank, want %v", n, m, count, want)
			}
		}
	}
}

// Every flat must be closed, of the rank of its level, and listed once: for
// five bits the flats are compared with the closures of all sets of lines with
// line 0 that have up to four lines.
func TestFlatsAreTheClosuresOfSets(t *testing.T) {
	const n, lines = 5, 16
	flats, err := newLattice(context.Background(), n)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]map[uint64]bool, n+1)
	for k := range want {
		want[k] = map[uint64]bool{}
	}
	column := func(line int) int { return 1 | ^line&(lines-1)<<1 } // row 0 is +1
	for others := range n - 1 {
		forEachSet(lines-1, others, func(set []int) {
			columns := []int{column(0)}
			for _, s := range set {
				columns = append(columns, column(s+1))
			}
			rank := bareissRank(omegaRows(n, columns))
			closure := uint64(0)
			for q := range lines {
				if bareissRank(omegaRows(n, append(columns[:len(columns):len(columns)], column(q)))) == rank {
					closure |= 1 << q
				}
			}
			want[rank][closure] = true
		})
	}
	for k := 1; k < n; k++ {
		if len(flats.level[k]) != len(want[k]) {
			t.Errorf("%d flats of rank %d, want %d", len(flats.level[k]), k, len(want[k]))
		}
		for _, flat := range flats.level[k] {
			if !want[k][flat.lines] {
				t.Errorf("%016b of rank %d is no flat, or listed twice", flat.lines, k)
			}
			delete(want[k], flat.lines)
		}
	}
}

// The Möbius function's definition, by the plain double sum: over all flats at
// or above F it adds up to 0.
func TestMobiusSumsToZero(t *testing.T) {
	for n := 2; n <= 6; n++ {
		flats, err := newLattice(context.Background(), n)
		if err != nil {
			t.Fatal(err)
		}
		var all []flat
		for k := 1; k <= n; k++ {
			all = append(all, flats.level[k]...)
		}
		for _, flat := range all {
			sum := sumContaining(all, flat.lines)
			if bits.OnesCount64(flat.lines) < flats.lines && sum != 0 {
				t.Fatalf("%d bits: μ above %b adds up to %d", n, flat.lines, sum)
			}
		}
	}
}

// The bound that rules out overflow, see search: in the functionals of a flat
// of rank k no value exceeds (k+1) k^(k/2), and the values have no common
// divisor. Random descents from line 0 are held to it; the values are integers
// and the bound is one or is irrational, so its rounding does not matter.
func TestFunctionalsKeepTheirBound(t *testing.T) {
	const n = exactBits
	flats, err := newLattice(context.Background(), n)
	if err != nil {
		t.Fatal(err)
	}
	whole := flats.level[n][0].lines
	source := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		lines := uint64(1)
		for k := 1; k < n-2; k++ {
			p := source.IntN(flats.lines)
			for lines>>p&1 == 1 {
				p = source.IntN(flats.lines)
			}
			added, pivot := flats.cover(k, p, whole&^lines)
			flats.contract(k, p, pivot)
			lines |= added
			rank := k + 1
			bound := float64(rank+1) * math.Pow(float64(rank), float64(rank)/2)
			for _, functional := range flats.functional[rank][:n-rank] {
				divisor := int32(0)
				for q, value := range functional {
					divisor = greatestDivisor(divisor, value)
					if math.Abs(float64(value)) > bound {
						t.Fatalf("rank %d: value %d exceeds %.0f", rank, value, bound)
					}
					if lines>>q&1 == 1 && value != 0 {
						t.Fatalf("rank %d: value %d on a line of the flat", rank, value)
					}
				}
				if divisor != 1 {
					t.Fatalf("rank %d: the values have the common divisor %d", rank, divisor)
				}
			}
		}
	}
}

func TestCountsStopWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Counts(ctx, 5); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

func TestCountsRefuseOtherBits(t *testing.T) {
	for _, n := range []int{-1, 0, 8} {
		if _, err := Counts(context.Background(), n); err == nil {
			t.Errorf("%d bits: no error", n)
		}
	}
}

func BenchmarkCounts(b *testing.B) {
	for n := 3; n <= 7; n++ {
		b.Run(string(rune('0'+n)), func(b *testing.B) {
			for range b.N {
				fullRankCounts(b, n)
			}
		})
	}
}
