package space_test

import (
	"slices"
	"testing"

	"modspec/engine/sweep/space"
	"modspec/engine/sweep/sweeptest"
	"modspec/engine/train"
)

// TestShardChunks: the copies of the shards are those of the whole sweep, each with
// its number, in jobs of one shape and no larger than asked for.
func TestShardChunks(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	var all []space.Identity
	for chunk, err := range s.Chunks(size(7)) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, chunk.Copies...)
	}
	for _, count := range []int{1, 2, 3, 7, 59, 60, 61, 1000} {
		for _, most := range []int{1, 4, 1000} {
			times := make([]int, len(all))
			for index := 1; index <= count; index++ {
				shard, seen, last := space.Shard{Index: index, Count: count}, 0, -1
				for chunk, err := range s.ShardChunks(shard, size(most)) {
					if err != nil || chunk.Check() != nil || len(chunk.Copies) == 0 || len(chunk.Copies) > most {
						t.Fatalf("shard %v: a chunk of %d copies, %v", shard, len(chunk.Copies), err)
					}
					for i, c := range chunk.Copies {
						n := chunk.Number(i, seen)
						if n <= last || !shard.Has(n) || c.ID != all[n].ID || !slices.Equal(c.Parameters, all[n].Parameters) || chunk.Job.Runs[i].Stream != train.Stream(s.File.Kind, c.Parameters, c.Seed) {
							t.Fatalf("shard %v: copy %d is %v after %d", shard, n, c, last)
						}
						last = n
						times[n]++
					}
					seen += len(chunk.Copies)
				}
				if seen != shard.Of(len(all)) {
					t.Errorf("shard %v has %d copies, want %d", shard, seen, shard.Of(len(all)))
				}
			}
			for n, k := range times {
				if k != 1 {
					t.Errorf("copy %d is in %d of %d shards", n, k, count)
				}
			}
		}
	}
}

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
