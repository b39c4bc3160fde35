package rank

import (
	"context"
	"testing"
)

// publishedTest is the rank test of the published scripts, kept as a planted
// fault: the sampled columns A are taken to have full rank if the determinant
// of |AAᵀ|, the n × n Gram matrix with every entry replaced by its absolute
// value, is not zero.
func publishedTest(n int, columns []int) bool {
	a := omegaRows(n, columns)
	gram := make([][]int64, n)
	for i := range gram {
		gram[i] = make([]int64, n)
		for j := range gram[i] {
			for c := range columns {
				gram[i][j] += a[i][c] * a[j][c]
			}
			gram[i][j] = max(gram[i][j], -gram[i][j])
		}
	}
	return bareissRank(gram) == n // the determinant is not zero
}

// The published test agrees with the true rank for two and three bits. For
// four it errs in both directions: among the sets of four columns it takes 384
// of full rank for deficient, among those of five 48 deficient ones for full,
// among those of six both happen. Counts must side with the true rank,
// and this test fails if it ever counts as the scripts do.
func TestPublishedRankTestIsWrongForFourBits(t *testing.T) {
	type errors struct{ missed, invented int64 }
	known := map[int]errors{4: {384, 0}, 5: {0, 48}, 6: {192, 8}, 7: {0, 0}, 8: {24, 0}}
	for n := 2; n <= 4; n++ {
		counts := fullRankCounts(t, n)
		for m := n; m <= 1<<(n-1); m++ {
			var full, published int64
			var wrong errors
			forEachSet(1<<n, m, func(set []int) {
				truth := bareissRank(omegaRows(n, set)) == n
				claim := publishedTest(n, set)
				if truth {
					full++
				}
				if claim {
					published++
				}
				if truth && !claim {
					wrong.missed++
				}
				if claim && !truth {
					wrong.invented++
				}
			})
			if got := counts[m].Int64(); got != full {
				t.Errorf("%d bits, %d columns: %d sets of full rank, want %d", n, m, got, full)
			}
			want := errors{}
			if n == 4 {
				want = known[m]
			}
			if wrong != want {
				t.Errorf("%d bits, %d columns: the published test errs on %+v sets, want %+v", n, m, wrong, want)
			}
			if differs := counts[m].Int64() != published; differs != (want != errors{}) {
				t.Errorf("%d bits, %d columns: counts %v and published %d", n, m, counts[m], published)
			}
		}
	}
}

// The smallest example of either error, which can be followed by hand.
func TestPublishedRankTestExamples(t *testing.T) {
	for _, example := range []struct {
		columns []int
		full    bool
	}{
		{[]int{0, 1, 3, 4}, true},
		{[]int{0, 5, 6, 9, 10}, false},
	} {
		rank := bareissRank(omegaRows(4, example.columns))
		if (rank == 4) != example.full {
			t.Errorf("columns %v have rank %d", example.columns, rank)
		}
		if publishedTest(4, example.columns) == example.full {
			t.Errorf("columns %v: the published test is right", example.columns)
		}
	}
}

func TestProbabilityIsNotThePublishedOne(t *testing.T) {
	p, err := Probabilities(context.Background(), 4, []int{4}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	// C(16, 4) = 1820. A ratio of two integers is rounded once on both sides.
	if want := 928.0 / 1820; p[0].Probability != want {
		t.Errorf("probability %v, want %v; the published test gives %v", p[0].Probability, want, 544.0/1820)
	}
}
