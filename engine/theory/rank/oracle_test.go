package rank

import "math/bits"

// The oracles here share no code and no idea with what they check: Bareiss's
// fraction-free elimination instead of a prime field, and counting every set
// one by one instead of Möbius inversion.

// bareissRank returns the rank of a matrix of integers, row by row, which it
// overwrites. Every intermediate is a minor of the matrix, so for entries of
// ±1 and at most 12 rows none exceeds 12⁶ and no product 2·12¹² < 2⁶³.
func bareissRank(a [][]int64) int {
	if len(a) == 0 {
		return 0
	}
	rank, previous := 0, int64(1)
	for c := 0; c < len(a[0]) && rank < len(a); c++ {
		pivot := rank
		for pivot < len(a) && a[pivot][c] == 0 {
			pivot++
		}
		if pivot == len(a) {
			continue
		}
		a[rank], a[pivot] = a[pivot], a[rank]
		for i := rank + 1; i < len(a); i++ {
			for j := len(a[0]) - 1; j >= c; j-- {
				a[i][j] = (a[rank][c]*a[i][j] - a[i][c]*a[rank][j]) / previous
			}
		}
		previous = a[rank][c]
		rank++
	}
	return rank
}

// omegaRows returns the given columns of Ω as a matrix of n rows: bit i of a
// column's number set means +1 in row i. The order of the columns does not
// matter to any count.
func omegaRows(n int, columns []int) [][]int64 {
	rows := make([][]int64, n)
	for i := range rows {
		rows[i] = make([]int64, len(columns))
		for j, c := range columns {
			rows[i][j] = int64(2*(c>>i&1) - 1)
		}
	}
	return rows
}

// forEachSet calls visit with every set of m of the numbers 0 … p−1, p ≤ 32. The
// slice is reused.
func forEachSet(p, m int, visit func([]int)) {
	set := make([]int, m)
	if m == 0 {
		visit(set)
		return
	}
	// Gosper's hack goes from one mask of m bits to the next larger one.
	for mask := uint64(1)<<m - 1; mask < 1<<p; {
		for i, rest := 0, mask; rest != 0; rest &= rest - 1 {
			set[i] = bits.TrailingZeros64(rest)
			i++
		}
		visit(set)
		low := mask & -mask
		carry := mask + low
		mask = carry | (mask^carry)>>2/low
	}
}

// bruteForceCount counts the sets of m columns with rank n one by one.
func bruteForceCount(n, m int) int64 {
	count := int64(0)
	forEachSet(1<<n, m, func(set []int) {
		if bareissRank(omegaRows(n, set)) == n {
			count++
		}
	})
	return count
}
