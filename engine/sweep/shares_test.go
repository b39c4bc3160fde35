package sweep

import (
	"testing"

	"modspec/engine/sweep/space"
)

// TestShardsShareTheCopies evenly, and their folders merge to the whole.
func TestShardsShareTheCopies(t *testing.T) {
	for _, n := range []int{1, 2, 7, 59, 60, 61} {
		sum, seen := 0, map[int]bool{}
		for i := 1; i <= n; i++ {
			s := space.Shard{Index: i, Count: n}
			count := 0
			for c := range 60 {
				if s.Has(c) {
					if seen[c] {
						t.Fatalf("copy %d is in two of %d shards", c, n)
					}
					seen[c] = true
					count++
				}
			}
			if s.Of(60) != count {
				t.Errorf("shard %v has %d copies, but says %d", s, count, s.Of(60))
			}
			sum += count
		}
		if sum != 60 {
			t.Errorf("%d shards have %d copies", n, sum)
		}
	}
}
