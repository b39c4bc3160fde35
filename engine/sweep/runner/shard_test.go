package runner_test

import (
	"context"
	"testing"

	"modspec/engine/sweep/runner"
	"modspec/engine/sweep/runner/runtest"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/sweeptest"
)

// shardOptions are those of a run of one shard that lists no other's copies.
func shardOptions(s *space.Space, dir string, shard space.Shard) runner.Options {
	o := runtest.Options(s, dir)
	o.Shard, o.Chunks = shard, s.ShardChunks(shard, func(*space.Group) int { return 4 })
	return o
}

// TestShardsOneAfterTheOther: shards that list their own copies alone, one after
// the other in one folder, and each again, are the whole sweep.
func TestShardsOneAfterTheOther(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	dir := t.TempDir()
	for _, index := range []int{3, 1, 1, 4, 2, 3} {
		runtest.Run(t, shardOptions(s, dir, space.Shard{Index: index, Count: 4}))
	}
	if got, want := runtest.DigestOf(t, dir), runtest.Unbroken(t, s); got != want {
		t.Errorf("the digest is %s, want %s", got, want)
	}
	runtest.OnlyOnce(t, s, dir)

	// A sweep with other copies under the same numbers is noticed, though none is
	// listed.
	o := shardOptions(s, dir, space.Shard{Index: 1, Count: 4})
	o.Copy = func(n int) space.Identity {
		if n == 30 {
			n = 31
		}
		return s.Copy(n)
	}
	_, err := runner.Run(context.Background(), o)
	sweeptest.Expect(t, err, "holds other copies")
}

// TestShardThatIsShort: chunks that leave out a copy of the shard are an error.
func TestShardThatIsShort(t *testing.T) {
	s := sweeptest.Enumerate(t, sweeptest.Small)
	o := shardOptions(s, t.TempDir(), space.Shard{Index: 2, Count: 4})
	whole := o.Chunks
	o.Chunks = func(yield func(space.Chunk, error) bool) {
		first := true
		for chunk, err := range whole {
			if !first && !yield(chunk, err) {
				return
			}
			first = false
		}
	}
	_, err := runner.Run(context.Background(), o)
	sweeptest.Expect(t, err, "there were to be 18 copies, but there are 15")
	o.Chunks = func(yield func(space.Chunk, error) bool) {
		for chunk, err := range whole {
			chunk.Numbers = chunk.Numbers[1:]
			if !yield(chunk, err) {
				return
			}
		}
	}
	_, err = runner.Run(context.Background(), o)
	sweeptest.Expect(t, err, "numbers for")
}
