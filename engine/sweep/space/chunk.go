package space

import (
	"fmt"
	"iter"

	"modspec/engine/results"
	"modspec/engine/train"
)

// A Chunk is a job and who its copies are: Copies[i] is Job.Runs[i]. All copies
// of a chunk have one shape, one number of steps and one recording schedule.
type Chunk struct {
	Job    *train.Job
	Copies []Identity
	// Numbers are those of the copies in the sweep, ascending. Without them the
	// copies follow those of the chunk before.
	Numbers []int
}

// A CopyIdentity says which module copy a copy of a job is.
type Identity struct {
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

// Check returns an error if the chunk's two lists do not belong together.
func (c *Chunk) Check() error {
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

// Number returns the number of a copy of the chunk, of which before copies came in
// earlier ones.
func (c *Chunk) Number(i, before int) int {
	if c.Numbers != nil {
		return c.Numbers[i]
	}
	return before + i
}

// Only returns the chunk with just the copies in the given places.
func (c *Chunk) Only(places []int) Chunk {
	job := *c.Job
	job.Runs = make([]train.Run, len(places))
	part := Chunk{Job: &job, Copies: make([]Identity, len(places))}
	for i, place := range places {
		job.Runs[i], part.Copies[i] = c.Job.Runs[place], c.Copies[place]
	}
	return part
}
