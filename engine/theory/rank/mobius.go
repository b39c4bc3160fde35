package rank

import "math/bits"

// sumMobius sets the Möbius function of the flats of rank n − 3 and below from
// those above, by its definition,
//
//	μ(F, 1) = −Σ over G ⊋ F of μ(G, 1).
//
// Only flats that share a chosen second line with F are looked at; among F's
// lines the one with the fewest such flats is chosen.
//
// No overflow: |μ(F, 1)| is at most the number of bases of the quotient by F
// (Rota's theorem on broken circuits), so at most C(63, 6) < 7·10⁷, and fewer
// than 10⁵ are summed.
func (f *lattice) sumMobius() error {
	above := make([][]flat, f.lines) // above[q]: the flats with line q
	for k := f.bits; k >= 1; k-- {
		for i := range f.level[k] {
			flat := &f.level[k][i]
			if err := f.ctx.Err(); err != nil {
				return err
			}
			if k <= f.bits-3 {
				flat.mobius = -sumContaining(fewest(above, flat.lines), flat.lines)
			}
		}
		for _, flat := range f.level[k] {
			for rest := flat.lines; rest != 0; rest &= rest - 1 {
				q := bits.TrailingZeros64(rest)
				above[q] = append(above[q], flat)
			}
		}
	}
	return nil
}

// fewest returns the shortest of the lists of the given lines.
func fewest(lists [][]flat, lines uint64) []flat {
	shortest := lists[bits.TrailingZeros64(lines)]
	for rest := lines; rest != 0; rest &= rest - 1 {
		if list := lists[bits.TrailingZeros64(rest)]; len(list) < len(shortest) {
			shortest = list
		}
	}
	return shortest
}

// sumContaining returns the sum of μ over the flats that contain lines.
func sumContaining(flats []flat, lines uint64) int64 {
	sum := int64(0)
	for i := range flats {
		if flats[i].lines&lines == lines {
			sum += flats[i].mobius
		}
	}
	return sum
}

// mobiusBySize returns, at index s, the sum of μ(F, 1) over all flats of s
// lines, with line 0 or without, s = 0 … 2ⁿ⁻¹.
func (f *lattice) mobiusBySize() []int64 {
	total := make([]int64, f.lines+1)
	for k := 1; k <= f.bits; k++ {
		for _, flat := range f.level[k] {
			total[bits.OnesCount64(flat.lines)] += flat.mobius
		}
	}
	// From the flats with line 0 to all, see lattice; the division is exact.
	// The empty flat, of rank 0, is below all of them: its μ is minus their sum.
	for s := 1; s <= f.lines; s++ {
		total[s] = total[s] * int64(f.lines) / int64(s)
		total[0] -= total[s]
	}
	return total
}
