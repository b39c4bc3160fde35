package space

import (
	"sort"

	"modspec/engine/random"
	"modspec/engine/train"
)

// A Group is the points of one shape. Its copies are numbered from First in the
// order of its points, all seeds of one before the next.
type Group struct {
	Shape  string // of its models; see train.Model
	First  int    // number of its first copy in the sweep
	Copies int    // points × seeds
	Index  int    // in the space's Groups

	points []uint32 // numbers of points in the space, ascending
}

// Points returns the number of points in the group.
func (g *Group) Points() int { return len(g.points) }

// group collects the points of each shape. Groups stand in the order of their
// first points, so their order is the file's alone and not of any thread.
func (s *Space) group(v *survey) {
	at := make([]int, len(v.shapes))
	for i := range at {
		at[i] = -1
	}
	for point, candidate := range s.kept {
		number := v.groups[candidate]
		if at[number] < 0 {
			at[number] = len(s.Groups)
			s.Groups = append(s.Groups, Group{Shape: v.shapes[number], Index: len(s.Groups)})
		}
		g := &s.Groups[at[number]]
		g.points = append(g.points, uint32(point))
	}
	first := 0
	for i := range s.Groups {
		g := &s.Groups[i]
		g.First, g.Copies = first, len(g.points)*s.File.Seeds.Len()
		first += g.Copies
	}
}

// Chunks returns the copies of the sweep in the order of their numbers, in chunks
// of at most size(group) copies of one group; sizes below 1 count as 1. Chunks
// are made as they are asked for and may be gone through any number of times.
// Copies of one point share their model.
func (s *Space) Chunks(size func(*Group) int) Chunks {
	return s.ShardChunks(Shard{}, size)
}

// ShardChunks returns the copies of a shard alone, as [Space.Chunks] does those of
// the sweep, with their numbers. What the other shards have costs nothing.
func (s *Space) ShardChunks(shard Shard, size func(*Group) int) Chunks {
	stride := max(1, shard.Count)
	return func(yield func(Chunk, error) bool) {
		for i := range s.Groups {
			g := &s.Groups[i]
			largest := max(1, size(g))
			own := (g.Copies - (shard.from(g.First) - g.First) + stride - 1) / stride
			for first := shard.from(g.First) - g.First; own > 0; own -= largest {
				if !yield(s.chunk(g, first, min(largest, own), stride), nil) {
					return
				}
				first += largest * stride
			}
		}
	}
}

// chunk returns count copies of a group: its copy first and, from there, every
// stride-th.
func (s *Space) chunk(g *Group, first, count, stride int) Chunk {
	f := s.File
	c := Chunk{
		Job:    &train.Job{Kind: f.Kind, Precision: f.Precision, Schedule: f.Schedule, Runs: make([]train.Run, 0, count)},
		Copies: make([]Identity, 0, count),
	}
	if stride > 1 {
		c.Numbers = make([]int, 0, count)
	}
	seeds := f.Seeds.Len()
	var m train.Model
	var hash uint64
	var text []byte
	for n, last := first, -1; n < first+count*stride; n += stride {
		if point := n / seeds; point != last {
			last, m = point, s.model(int(g.points[point]))
			hash = train.PointHash(f.Kind, m.Parameters())
			text = appendModel([]byte(copyPrefix), f, m)
			c.Job.Steps = m.Steps()
		}
		seed := f.Seeds.At(n % seeds)
		c.Job.Runs = append(c.Job.Runs, train.Run{Model: m, Stream: random.Stream{Seed: seed, Point: hash}}) // train.Stream
		c.Copies = append(c.Copies, Identity{ID: copyID(text, seed), Seed: seed, Parameters: m.Parameters()})
		if c.Numbers != nil {
			c.Numbers = append(c.Numbers, g.First+n)
		}
	}
	return c
}

// Copy returns the copy of a number. Like indexing, it panics unless
// 0 ≤ n < Copies().
func (s *Space) Copy(n int) Identity {
	i := sort.Search(len(s.Groups), func(i int) bool { return s.Groups[i].First > n }) - 1
	g := &s.Groups[i]
	seeds := s.File.Seeds.Len()
	p, seed := s.Point(int(g.points[(n-g.First)/seeds])), s.File.Seeds.At((n-g.First)%seeds)
	return Identity{ID: CopyID(s.File.Kind, p, s.File.Precision, seed), Seed: seed, Parameters: p}
}

// Job returns a job of the first copies of a group, for what depends on the shape alone.
func (s *Space) Job(g *Group, copies int) *train.Job { return s.chunk(g, 0, copies, 1).Job }
