package rank

import (
	"context"
	"math/bits"
)

// exactBits is the largest n whose flats are counted: its 2ⁿ⁻¹ lines fill
// the 64 bits of a mask. It has 77,260 flats with line 0 below the whole space
// (n = 6 has 1,787), and their number grows fast.
const exactBits = 7

// A flat is a subspace spanned by columns of Ω, as the set of lines in it,
// with its Möbius function μ(flat, whole space).
//
// Columns come in antipodal pairs x, −x, so a line stands for two of them.
// Line q is the pair whose row 0 is +1 and whose row j ≥ 1 is −1 just where
// bit j−1 of q is set.
type flat struct {
	lines  uint64
	mobius int64
}

// lattice finds the flats that contain line 0, by rank.
//
// Those suffice. Changing the signs of rows maps Ω to itself and any line to
// line 0, so all lines are alike, and counting the pairs (line, flat that
// contains it) in two ways gives, for the flats of s lines,
//
//	s · Σ over all flats μ = 2ⁿ⁻¹ · Σ over the flats with line 0 μ.
type lattice struct {
	ctx   context.Context
	bits  int
	lines int // 2^(bits−1)

	// level[k] holds the flats of rank k, k = 1 … bits.
	level [exactBits + 1][]flat

	// functional[k] holds, for the flat of rank k that the search is at, a
	// basis of the linear functionals that vanish on it, as their values on
	// every line.
	functional [exactBits + 1][exactBits]functional
}

type functional [1 << (exactBits - 1)]int32

// newLattice lists all flats with line 0 for 1 ≤ bits ≤ exactBits and
// computes μ of each. It returns ctx's error if ctx ends first.
func newLattice(ctx context.Context, bits int) (*lattice, error) {
	f := &lattice{ctx: ctx, bits: bits, lines: 1 << (bits - 1)}
	whole := ^uint64(0) >> (64 - f.lines)
	f.level[bits] = []flat{{lines: whole, mobius: 1}}
	if bits == 1 {
		return f, nil
	}
	// The functionals x_i − x_0, i ≥ 1, vanish on line 0, which is all ones. On
	// the other lines they are 0 or −2; halved, for the gcd to be 1.
	for i := range bits - 1 {
		for q := range f.lines {
			f.functional[1][i][q] = -int32(q >> i & 1)
		}
	}
	if err := f.search(1, 1, 0); err != nil {
		return nil, err
	}
	return f, f.sumMobius()
}

// search appends the flat of rank k with the given lines to its level, and
// after it every flat that descends from it. functional[k] must vanish on it.
//
// # Each flat once
//
// Give every flat the basis found by going through its lines in order and
// keeping each that is independent of those kept before; last is the last line
// kept. A flat's parent is the flat spanned by its basis without the last
// line, so each has one parent and all descend from {line 0}. The covers of F
// (the flats of one rank more that contain it) split the lines outside F among
// them; a cover G whose first new line is p has F as its parent if and only if
// p > last. For G and F agree below p. If F has its whole basis there, G's basis
// is that and p. If not, G's basis has p and a later line, so the parent of G
// contains p and is not F.
//
// # No overflow
//
// Start with the functionals x_i − x_0. To go from F to its cover with line p,
// choose a functional f_j with f_j(p) ≠ 0, drop it, and set
// f_i ← f_j(p) f_i − f_i(p) f_j for the others, divided by the greatest common
// divisor of its values. Let J be the indices that are left and I the
// k other coordinates. By induction f_i uses only the coordinates of I and i,
// and coordinate i not with 0. So any functional that vanishes on F and uses
// only I and i is a multiple of f_i: a combination Σ c_l f_l of them all has
// coordinate l ≠ i of J only if c_l ≠ 0. Cramer's rule gives one with integer
// coefficients: the k × k minors of the matrix of k independent lines of F
// restricted to the k + 1 coordinates, which are not all zero because the
// kernel is one-dimensional. By Hadamard's inequality they are at most k^(k/2)
// in magnitude, so its values on the lines are integers of at most
// (k+1) k^(k/2). The values of f_i are those divided by their greatest common
// divisor, so they keep this bound. Functionals are kept for k ≤ n − 2 ≤ 5: at
// most 6·5^2.5 < 336; before the division at most 2·336² < 2³¹.
func (f *lattice) search(lines uint64, k, last int) error {
	if err := f.ctx.Err(); err != nil {
		return err
	}
	place := len(f.level[k])
	f.level[k] = append(f.level[k], flat{lines: lines, mobius: -1}) // right for a hyperplane
	if k == f.bits-1 {
		return nil
	}
	outside := f.level[f.bits][0].lines &^ lines
	covers := 0
	for outside != 0 {
		p := bits.TrailingZeros64(outside)
		added, pivot := f.cover(k, p, outside)
		outside &^= added
		covers++
		if p < last {
			continue
		}
		if k+1 < f.bits-1 {
			f.contract(k, p, pivot)
		}
		if err := f.search(lines|added, k+1, p); err != nil {
			return err
		}
	}
	if k == f.bits-2 {
		// Above it are its covers, hyperplanes of μ = −1, and the whole space.
		f.level[k][place].mobius = int64(covers) - 1
	}
	return nil
}

// cover returns the lines of outside in the span of the current flat of rank k
// and line p of outside, and the first functional that is not zero on p. A
// line is in that span if the functionals have values on it proportional to
// those on p.
func (f *lattice) cover(k, p int, outside uint64) (added uint64, pivot int) {
	functionals := f.functional[k][:f.bits-k]
	for functionals[pivot][p] == 0 {
		pivot++
	}
	first := &functionals[pivot]
	for rest := outside; rest != 0; rest &= rest - 1 {
		q := bits.TrailingZeros64(rest)
		proportional := true
		for i := range functionals {
			if first[p]*functionals[i][q] != first[q]*functionals[i][p] {
				proportional = false
				break
			}
		}
		if proportional {
			added |= 1 << q
		}
	}
	return added, pivot
}

// contract fills functional[k+1] from functional[k] for the cover with line p.
func (f *lattice) contract(k, p, pivot int) {
	first := &f.functional[k][pivot]
	next := 0
	for i := range f.bits - k {
		if i == pivot {
			continue
		}
		old, made := &f.functional[k][i], &f.functional[k+1][next]
		next++
		a, b := first[p], old[p]
		divisor := int32(0)
		for q := range f.lines {
			made[q] = a*old[q] - b*first[q]
			if divisor != 1 {
				divisor = greatestDivisor(divisor, made[q])
			}
		}
		if divisor > 1 {
			for q := range f.lines {
				made[q] /= divisor
			}
		}
	}
}

// greatestDivisor returns the greatest common divisor of a ≥ 0 and b.
func greatestDivisor(a, b int32) int32 {
	if b < 0 {
		b = -b
	}
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
