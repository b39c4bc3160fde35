package rank

import (
	"context"
	"fmt"
	"math/big"
)

// Counts returns, at index m = 0 … P, how many of the C(P, m) sets of m
// columns of Ω have rank n over the reals, where Ω's columns are all P = 2ⁿ
// vectors of {±1}ⁿ and n = bits is 1 to 7. For other bits it gives an error,
// and ctx's error if ctx ends first. It takes milliseconds up to n = 6 and a
// fraction of a second for n = 7.
//
// Formula, by Möbius inversion over the lattice of flats (the subspaces spanned
// by columns): every set spans one flat, a flat F of s(F) lines through the
// origin holds 2s(F) columns and so C(2s(F), m) sets, and the sets that span
// the whole space are
//
//	Σ_F μ(F, whole space) · C(2s(F), m).
//
// Edges: fewer than n columns have no rank n, and more than P/2 always have it.
// For take a hyperplane w·x = 0 with w_j ≠ 0 and pair each column with the one
// that differs from it in row j: w·x differs by 2w_j, so at most one of two is
// in the hyperplane, and it holds at most P/2.
//
// Source: G.-C. Rota, "On the foundations of combinatorial theory I: theory of
// Möbius functions", 1964.
func Counts(ctx context.Context, bits int) ([]*big.Int, error) {
	if bits < 1 || bits > exactBits {
		return nil, fmt.Errorf("exact rank counts for %d bits: 1 to %d are allowed", bits, exactBits)
	}
	flats, err := newLattice(ctx, bits)
	if err != nil {
		return nil, fmt.Errorf("exact rank counts for %d bits: %w", bits, err)
	}
	mobius := flats.mobiusBySize()
	counts := make([]*big.Int, 1<<bits+1)
	var term, binomial big.Int
	for m := range counts {
		counts[m] = new(big.Int)
		for s, mu := range mobius {
			if mu == 0 || 2*s < m {
				continue
			}
			binomial.Binomial(int64(2*s), int64(m))
			counts[m].Add(counts[m], term.Mul(big.NewInt(mu), &binomial))
		}
	}
	return counts, nil
}
