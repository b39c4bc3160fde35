package sweep

import (
	"fmt"
	"iter"
	"math"
	"strings"

	"modspec/engine/number"
	"modspec/engine/results"
	"modspec/engine/train"
)

// A Chunk is a job and who its copies are: Copies[i] is Job.Runs[i]. All copies
// of a chunk have one shape, one number of steps and one recording schedule.
type Chunk struct {
	Job    *train.Job
	Copies []CopyIdentity
	// Numbers are those of the copies in the sweep, ascending. Without them the
	// copies follow those of the chunk before.
	Numbers []int
}

// A CopyIdentity says which module copy a copy of a job is.
type CopyIdentity struct {
	ID         ID
	Seed       uint64
	Parameters []results.Value // in the order of the kind's
}

// Chunks are the copies of a whole sweep, a chunk at a time. The copies of a
// sweep are numbered in the order in which they come, from 0, and every
// iteration over the same sweep must give the same copies in the same order;
// where one chunk ends and the next begins is free. An error ends the
// iteration. Chunks with numbers may be those of a shard alone.
type Chunks = iter.Seq2[Chunk, error]

// check returns an error if the chunk's two lists do not belong together.
func (c *Chunk) check() error {
	if c.Job == nil || len(c.Job.Runs) != len(c.Copies) {
		copies := 0
		if c.Job != nil {
			copies = len(c.Job.Runs)
		}
		return fmt.Errorf("a chunk has %d identities for a job of %d copies; each copy needs one", len(c.Copies), copies)
	}
	if c.Numbers != nil && len(c.Numbers) != len(c.Copies) {
		return fmt.Errorf("a chunk has %d numbers for %d copies; each copy needs one", len(c.Numbers), len(c.Copies))
	}
	return nil
}

// number returns the number of a copy of the chunk, of which before copies came in
// earlier ones.
func (c *Chunk) number(i, before int) int {
	if c.Numbers != nil {
		return c.Numbers[i]
	}
	return before + i
}

// only returns the chunk with just the copies in the given places.
func (c *Chunk) only(places []int) Chunk {
	job := *c.Job
	job.Runs = make([]train.Run, len(places))
	part := Chunk{Job: &job, Copies: make([]CopyIdentity, len(places))}
	for i, place := range places {
		job.Runs[i], part.Copies[i] = c.Job.Runs[place], c.Copies[place]
	}
	return part
}

// A Shard is one of Count equal parts of a sweep: the copies whose number leaves
// Index−1 when divided by Count. Shards of one sweep share no copy and together
// have all of them. The zero Shard is the whole sweep.
type Shard struct {
	Index int `json:"index"` // 1 to Count
	Count int `json:"count"`
}

// ParseShard reads a shard as String writes it, such as "2/4". An error follows
// what the text is called: "is …".
func ParseShard(text string) (s Shard, err error) {
	index, count, ok := strings.Cut(text, "/")
	if !ok {
		return s, fmt.Errorf("is %s, but must have the form i/n, such as 2/8", number.Quote(text))
	}
	if s.Index, err = number.Digits(index, 1, math.MaxInt); err == nil {
		s.Count, err = number.Digits(count, 1, math.MaxInt)
	}
	if err != nil {
		return Shard{}, fmt.Errorf("is %s, of which one number %w", number.Quote(text), err)
	}
	if err := s.Check(); err != nil {
		return Shard{}, fmt.Errorf("is %s: %w", number.Quote(text), err)
	}
	return s, nil
}

// Check returns an error if there is no such shard.
func (s Shard) Check() error {
	if s == (Shard{}) {
		return nil
	}
	if s.Count < 1 || s.Index < 1 || s.Index > s.Count {
		return fmt.Errorf("shard %d/%d does not exist: the first number must be 1 to the second", s.Index, s.Count)
	}
	return nil
}

// Has reports whether a copy number belongs to the shard.
func (s Shard) Has(number int) bool {
	return s.Count < 2 || number%s.Count == s.Index-1
}

// from returns the first number from n on that belongs to the shard.
func (s Shard) from(n int) int {
	if s.Count < 2 {
		return n
	}
	return n + (s.Index-1-n%s.Count+s.Count)%s.Count
}

// Of returns how many of the first n copies belong to the shard.
func (s Shard) Of(n int) int {
	if s.Count < 2 {
		return n
	}
	return (n + s.Count - s.Index) / s.Count
}

// String returns "2/4", or "1/1" for the whole sweep.
func (s Shard) String() string {
	if s.Count < 2 {
		return "1/1"
	}
	return fmt.Sprintf("%d/%d", s.Index, s.Count)
}
