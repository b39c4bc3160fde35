// Package rank has ranks of columns of Ω: of given columns ([Of]), and the probability that
// columns drawn without replacement determine the compositional map ([Probabilities]). They
// are exact where that is feasible, and never a matter of a tolerance.
package rank

import "fmt"

// maxRows is the largest number of rows for which elimination modulo
// prime is proved to give the true rank.
const maxRows = 15

// prime is 2³¹ − 1. A product of two residues, twice, fits a uint64.
const prime = 1<<31 - 1

// Of returns the rank over the real numbers of a matrix given by its columns,
// all of one length from 1 to 15 and with entries −1, 0 and 1; with no column
// the rank is 0. It is exact: no tolerance decides what counts as zero. The
// columns are only read.
//
// A matrix of another shape or with another entry gives an error that names
// the column.
//
// Why it is exact: the rank is the size of the largest minor that is not zero,
// and elimination modulo the prime p = 2³¹ − 1 finds the largest that is not
// zero modulo p. By Hadamard's inequality a k × k minor with entries in
// [−1, 1] is at most k^(k/2) in magnitude, for k ≤ 15 at most
// 15^7.5 < 6.7·10⁸ < p, so it is zero modulo p only if it is zero.
func Of(columns [][]int8) (int, error) {
	if len(columns) == 0 {
		return 0, nil
	}
	rows := len(columns[0])
	if rows < 1 || rows > maxRows {
		return 0, fmt.Errorf("rank of columns of %d rows: 1 to %d rows are allowed", rows, maxRows)
	}
	for c, column := range columns {
		if len(column) != rows {
			return 0, fmt.Errorf("rank: column %d has %d rows, column 0 has %d", c, len(column), rows)
		}
		for r, entry := range column {
			if entry < -1 || entry > 1 {
				return 0, fmt.Errorf("rank: row %d of column %d is %d: only -1, 0 and 1 are allowed", r, c, entry)
			}
		}
	}
	s := span{}
	for _, column := range columns {
		s.add(column)
		if s.rank == rows {
			break
		}
	}
	return s.rank, nil
}

// span is the span of the columns added so far, modulo prime: rank
// independent vectors, of which vector i is zero in the pivots of the vectors
// before it and not zero in its own.
type span struct {
	rank   int
	vector [maxRows][maxRows]uint64
	pivot  [maxRows]int
}

// add extends the span by a column that passes Of's checks and reports
// whether its rank grew.
func (s *span) add(column []int8) bool {
	var v [maxRows]uint64
	for i, entry := range column {
		v[i] = uint64(int64(entry)+prime) % prime
	}
	for i := range s.rank {
		b, p := &s.vector[i], s.pivot[i]
		if v[p] == 0 {
			continue
		}
		// v ← b[p]·v − v[p]·b needs no inverse; b[p] is not zero, so neither
		// dependence nor independence is lost. Below 2·2⁶² in all.
		scale, factor := b[p], prime-v[p]
		for j := range column {
			v[j] = (scale*v[j] + factor*b[j]) % prime
		}
	}
	for j := range column {
		if v[j] != 0 {
			s.vector[s.rank], s.pivot[s.rank] = v, j
			s.rank++
			return true
		}
	}
	return false
}
