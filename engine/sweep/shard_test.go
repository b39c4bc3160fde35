package sweep

import (
	"context"
	"slices"
	"testing"

	"modspec/engine/train"
)

// TestShardChunks: the copies of the shards are those of the whole sweep, each with
// its number, in jobs of one shape and no larger than asked for.
func TestShardChunks(t *testing.T) {
	s := space(t, small)
	var all []CopyIdentity
	for chunk, err := range inChunks(s, 7) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, chunk.Copies...)
	}
	for _, count := range []int{1, 2, 3, 7, 59, 60, 61, 1000} {
		for _, size := range []int{1, 4, 1000} {
			times := make([]int, len(all))
			for index := 1; index <= count; index++ {
				shard, seen, last := Shard{index, count}, 0, -1
				for chunk, err := range s.ShardChunks(shard, func(*Group) int { return size }) {
					if err != nil || chunk.check() != nil || len(chunk.Copies) == 0 || len(chunk.Copies) > size {
						t.Fatalf("shard %v: a chunk of %d copies, %v", shard, len(chunk.Copies), err)
					}
					for i, c := range chunk.Copies {
						n := chunk.number(i, seen)
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

// shardOptions are those of a run of one shard that lists no other's copies.
func shardOptions(s *Space, dir string, shard Shard) RunOptions {
	o := options(s, dir)
	o.Shard, o.Chunks, o.Copy = shard, s.ShardChunks(shard, func(*Group) int { return 4 }), s.Copy
	return o
}

// TestShardsOneAfterTheOther: shards that list their own copies alone, one after
// the other in one folder, and each again, are the whole sweep.
func TestShardsOneAfterTheOther(t *testing.T) {
	s := space(t, small)
	dir := t.TempDir()
	for _, index := range []int{3, 1, 1, 4, 2, 3} {
		run(t, shardOptions(s, dir, Shard{index, 4}))
	}
	if got, want := digest(t, dir), unbroken(t, s); got != want {
		t.Errorf("the digest is %s, want %s", got, want)
	}
	onlyOnce(t, s, dir)

	// A sweep with other copies under the same numbers is noticed, though none is
	// listed.
	o := shardOptions(s, dir, Shard{1, 4})
	o.Copy = func(n int) CopyIdentity {
		if n == 30 {
			n = 31
		}
		return s.Copy(n)
	}
	_, err := Run(context.Background(), o)
	expect(t, err, "holds other copies")
}

// TestShardThatIsShort: chunks that leave out a copy of the shard are an error.
func TestShardThatIsShort(t *testing.T) {
	s := space(t, small)
	o := shardOptions(s, t.TempDir(), Shard{2, 4})
	whole := o.Chunks
	o.Chunks = func(yield func(Chunk, error) bool) {
		first := true
		for chunk, err := range whole {
			if !first && !yield(chunk, err) {
				return
			}
			first = false
		}
	}
	_, err := Run(context.Background(), o)
	expect(t, err, "there were to be 18 copies, but there are 15")
	o.Chunks = func(yield func(Chunk, error) bool) {
		for chunk, err := range whole {
			chunk.Numbers = chunk.Numbers[1:]
			if !yield(chunk, err) {
				return
			}
		}
	}
	_, err = Run(context.Background(), o)
	expect(t, err, "numbers for")
}
