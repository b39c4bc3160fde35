package sweep

import (
	"fmt"
	"sort"
	"strings"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/random"
	"modspec/engine/results"
	"modspec/engine/theory"
)

// A Shape is what module copies must share to be trained in one linear.Job with
// the same work for each: dimensions, architecture, the kind of rule, the number
// of steps, of training examples and of examples in a step. What may differ from
// copy to copy are the values of r, η, σ, γ and β, which rows of Ω are used, and
// the seed. Schedule and precision are those of the whole sweep.
type Shape struct {
	Bits, NX, NY, KX, KY int
	Arch                 string // name of the architecture
	Layers               string // widths of the modules here, "27(8)-50-9": inputs (rank) - hidden - outputs
	Rule                 string // name of the rule
	Steps                int
	TrainExamples, Batch int

	modules string // the modules themselves, of which Layers shows widths alone
}

// String describes the shape in one line.
func (s Shape) String() string {
	text := fmt.Sprintf("bits %d, n_x %d, n_y %d, k_x %d, k_y %d: %s %s, %s, %d steps", s.Bits, s.NX, s.NY, s.KX, s.KY, s.Arch, s.Layers, s.Rule, s.Steps)
	if examples := 1 << s.Bits; s.TrainExamples != examples || s.Batch != examples {
		text += fmt.Sprintf(", %d examples in batches of %d", s.TrainExamples, s.Batch)
	}
	return text
}

// shapeOf returns the shape of a network.
func shapeOf(m *module, p results.Parameters) (Shape, error) {
	s := Shape{
		Bits: p.Bits, NX: p.NX, NY: p.NY, KX: p.KX, KY: p.KY, Arch: p.Arch, Rule: p.Rule,
		Steps: p.Steps, TrainExamples: p.TrainExamples, Batch: p.Batch,
		modules: modulesText(m.arch),
	}
	layers, err := moduleLayers(m)
	if err != nil {
		return s, err
	}
	var b strings.Builder
	for i, l := range layers {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%d(%d)", l.Inputs, l.Rank)
		for _, h := range l.Hidden {
			fmt.Fprintf(&b, "-%d", h)
		}
		fmt.Fprintf(&b, "-%d", l.Outputs)
	}
	s.Layers = b.String()
	return s, nil
}

// Layers are the widths of one module at a point.
type Layers struct {
	Inputs  int   // n_in, of the blocks it reads
	Rank    int   // ρ, of its inputs over the training examples: the width of W1 in reduced coordinates
	Hidden  []int // units of its hidden layers
	Outputs int   // n_out, of the blocks it writes
}

// moduleLayers returns the layers of the modules that exist at the point.
func moduleLayers(m *module) ([]Layers, error) {
	task := m.copy.Task
	here, err := m.arch.At(task.Point)
	if err != nil {
		return nil, err
	}
	var list []Layers
	for _, module := range here.Modules {
		shape := module.Shape(task.Point)
		rank, err := inputRank(task, module.Reads)
		if err != nil {
			return nil, err
		}
		list = append(list, Layers{Inputs: shape[0], Rank: rank, Hidden: shape[1 : len(shape)-1], Outputs: shape[len(shape)-1]})
	}
	return list, nil
}

// inputRank returns the rank of the inputs of some blocks over the training
// examples. Γ_x gives every example a direction of its own; without it, it is
// the rank of Ω_x's columns.
func inputRank(task *linear.Task, reads dataset.Blocks) (int, error) {
	p := task.Point
	if reads.Has(dataset.Gamma) && p.KX > 0 && p.R > 0 {
		return task.TrainCount(), nil
	}
	if !reads.Has(dataset.Omega) || p.NX() == 0 {
		return 0, nil
	}
	if task.Examples == nil {
		return p.NX(), nil // the rows of Ω are orthogonal over all examples
	}
	var columns [][]int8
	for _, e := range task.Examples {
		column := make([]int8, p.NX())
		for i, bit := range p.InputBits {
			column[i] = int8(p.Omega(bit, e))
		}
		columns = append(columns, column)
	}
	return theory.Rank(columns)
}

// A Group is the points of one shape. Its copies are numbered from First in the
// order of its points, all seeds of one before the next.
type Group struct {
	Shape  Shape
	First  int // number of its first copy in the sweep
	Copies int // points × seeds

	index  int      // in the space
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
			s.Groups = append(s.Groups, Group{Shape: v.shapes[number], index: len(s.Groups)})
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
// Copies of one point share their task.
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
				chunk, err := s.chunk(g, first, min(largest, own), stride)
				if !yield(chunk, err) || err != nil {
					return
				}
				first += largest * stride
			}
		}
	}
}

// chunk returns count copies of a group: its copy first and, from there, every
// stride-th.
func (s *Space) chunk(g *Group, first, count, stride int) (Chunk, error) {
	c := Chunk{
		Job:    &linear.Job{Schedule: s.File.Schedule, Steps: g.Shape.Steps, Copies: make([]linear.Copy, 0, count)},
		Copies: make([]CopyIdentity, 0, count),
	}
	if stride > 1 {
		c.Numbers = make([]int, 0, count)
	}
	seeds := s.File.Seeds.Len()
	var m *module
	var p results.Parameters
	var hash uint64
	var text []byte
	for n, last := first, -1; n < first+count*stride; n += stride {
		if point := n / seeds; point != last {
			last, m = point, s.module(int(g.points[point]))
			var err error
			if p, err = m.parameters(s.File.Precision); err != nil {
				return Chunk{}, err
			}
			hash = PointHash(p)
			text = appendParameters([]byte(copyPrefix), &p, everyParameter)
			c.Job.Architecture = m.arch
		}
		seed := s.File.Seeds.At(n % seeds)
		start := m.copy
		start.Stream = random.Stream{Seed: seed, Point: hash} // Stream(p, seed)
		c.Job.Copies = append(c.Job.Copies, start)
		c.Copies = append(c.Copies, CopyIdentity{ID: copyID(text, seed), Seed: seed, Parameters: p})
		if c.Numbers != nil {
			c.Numbers = append(c.Numbers, g.First+n)
		}
	}
	return c, nil
}

// Copy returns the copy of a number. Like indexing, it panics unless
// 0 ≤ n < Copies().
func (s *Space) Copy(n int) CopyIdentity {
	i := sort.Search(len(s.Groups), func(i int) bool { return s.Groups[i].First > n }) - 1
	g := &s.Groups[i]
	seeds := s.File.Seeds.Len()
	p, seed := s.Point(int(g.points[(n-g.First)/seeds])), s.File.Seeds.At((n-g.First)%seeds)
	return CopyIdentity{ID: CopyID(p, seed), Seed: seed, Parameters: p}
}

// first returns the network of a group's first point, which stands for all of
// them where only the shape matters.
func (s *Space) first(g *Group) *module { return s.module(int(g.points[0])) }
