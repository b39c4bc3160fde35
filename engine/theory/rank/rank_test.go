package rank

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"
)

func TestRankOfSmallMatrices(t *testing.T) {
	known := []struct {
		columns [][]int8
		want    int
	}{
		{nil, 0},
		{[][]int8{{0}}, 0},
		{[][]int8{{-1}}, 1},
		{[][]int8{{1, 1}, {-1, -1}}, 1},
		{[][]int8{{1, 1}, {1, -1}}, 2},
		{[][]int8{{0, 0}, {0, 1}, {0, -1}}, 1},
		// Even parity: the columns sum to zero in pairs over GF(2), where the
		// rank is 1, but not over the reals.
		{[][]int8{{1, 1, 1, 1}, {1, 1, -1, -1}, {1, -1, 1, -1}, {1, -1, -1, 1}}, 4},
		// Three independent columns and the sum of two less the third.
		{[][]int8{{1, 1, 1, 1}, {1, -1, 1, -1}, {1, 1, -1, -1}, {1, -1, 1, -1}}, 3},
	}
	for _, k := range known {
		got, err := Of(k.columns)
		if err != nil || got != k.want {
			t.Errorf("Of(%v) = %d, %v, want %d", k.columns, got, err, k.want)
		}
	}
}

// Sylvester's Hadamard matrices have the largest determinant there is, 8⁴ for 8
// rows; it must not vanish modulo the prime. Twelve rows are the most that
// theory samples. Random columns of ±1 are rarely dependent, so some are
// repeated or negated to reach every rank; but every other matrix is square
// without that, for a determinant divisible by a prime that is too small to be
// noticed.
func TestRankAgreesWithBareiss(t *testing.T) {
	hadamard := make([]int, 8)
	for i := range hadamard {
		for j := range 8 {
			odd := 0
			for bit := range 3 {
				odd ^= i >> bit & j >> bit & 1
			}
			hadamard[i] |= odd << j
		}
	}
	compareRanks(t, 8, hadamard)

	source := rand.New(rand.NewPCG(1, 2))
	seen := map[int]bool{}
	for trial := range 3000 {
		n := 1 + source.IntN(12)
		square := trial%2 == 0
		size := n
		if !square {
			size = source.IntN(2*n + 3)
		}
		columns := make([]int, size)
		for i := range columns {
			columns[i] = source.IntN(1 << n)
			if i > 0 && !square && source.IntN(3) == 0 {
				columns[i] = columns[source.IntN(i)]
				if source.IntN(2) == 0 {
					columns[i] ^= 1<<n - 1
				}
			}
		}
		seen[compareRanks(t, n, columns)] = true
	}
	for rank := range 13 {
		if !seen[rank] {
			t.Errorf("no matrix of rank %d was tried", rank)
		}
	}
}

func compareRanks(t *testing.T, n int, columns []int) int {
	t.Helper()
	matrix := make([][]int8, len(columns))
	for j, c := range columns {
		for i := range n {
			matrix[j] = append(matrix[j], int8(2*(c>>i&1)-1))
		}
	}
	got, err := Of(matrix)
	want := 0
	if len(columns) > 0 {
		want = bareissRank(omegaRows(n, columns))
	}
	if err != nil || got != want {
		t.Errorf("Of(%v) = %d, %v, want %d", matrix, got, err, want)
	}
	return got
}

// The two premises of Of's proof: the modulus is prime, and above Hadamard's
// bound 15^7.5 on a minor (squared, to stay with integers: 15¹⁵ < p²).
func TestRankPrimeIsLargeEnough(t *testing.T) {
	p := big.NewInt(prime)
	if !p.ProbablyPrime(0) { // certain below 2⁶⁴
		t.Errorf("%v is not prime", p)
	}
	bound := new(big.Int).Exp(big.NewInt(maxRows), big.NewInt(maxRows), nil)
	if bound.Cmp(p.Mul(p, p)) >= 0 {
		t.Errorf("%d rows allow minors above the prime", maxRows)
	}
}

func TestRankRefusesWhatItCannotProve(t *testing.T) {
	for name, columns := range map[string][][]int8{
		"no rows":      {{}},
		"16 rows":      {make([]int8, 16)},
		"ragged":       {{1, 1}, {1}},
		"an entry 2":   {{1, 2}},
		"an entry -2":  {{1, -2}},
		"late in line": {{1, 1}, {1, -1}, {1, 5}},
	} {
		if rank, err := Of(columns); err == nil {
			t.Errorf("%s: rank %d and no error", name, rank)
		}
	}
}

// The first three columns of Ω for two bits: a module that trains on them has
// seen the whole map from bits to bits.
func ExampleOf() {
	rank, err := Of([][]int8{{1, 1}, {1, -1}, {-1, 1}})
	fmt.Println(rank, err)
	// Output: 2 <nil>
}
