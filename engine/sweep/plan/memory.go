package plan

import (
	"fmt"

	"modspec/engine/sweep/runner"
	"modspec/engine/sweep/spec"
	"modspec/engine/train"
)

// The constants of the memory estimate.
const (
	// baseBytes is what the program takes with nothing to do: code, runtime and
	// the libraries' tables.
	baseBytes = 40 << 20
	// collectorFactor is the garbage collector's default: the heap may grow to
	// twice what is alive before it is swept.
	collectorFactor = 2
	// laneCopies is how many copies the widest vectors hold in float32: jobs are whole
	// numbers of vectors.
	laneCopies = 16
)

// chunk sizes. A chunk is what is trained between two entries of the journal.
const (
	maxChunkCopies = 8192
	// chunkFLOP is about ten seconds of work for a core at 100 GFLOP/s: what a
	// kill can cost.
	chunkFLOP = 1 << 40
	// chunkBytes bounds a chunk's results, which wait for their part to be full.
	chunkBytes = 256 << 20
)

// ChunkCopies returns how many copies of a group to train as one job: few enough
// that a job's results fit in memory and that a killed process loses seconds of work, and a
// whole number of vectors where it can be. It depends on the file alone, so
// that it is the same whenever and wherever a sweep is continued.
func (g *Group) ChunkCopies() int {
	perCopy := g.FLOPs / float64(max(1, g.Copies))
	n := float64(maxChunkCopies)
	n = min(n, chunkFLOP/max(perCopy, 1))
	n = max(n, 4*laneCopies)
	n = min(n, chunkBytes/float64(g.resultBytes()))
	if n >= laneCopies {
		return int(n) / laneCopies * laneCopies
	}
	return max(1, int(n))
}

// memory estimates the peak of a run over a group, in bytes, without the program's own
// memory and the garbage that waits for collection. It counts what is alive
// at once. Peaks of sweep run that were measured (2 threads where not said, AVX2), in
// MiB, beside the plan's:
//
//	6,000 copies of the paper's setting, 31 recordings     101 of 131
//	64 copies of 10,001 recordings                         208 of 255
//	40 copies of bits 8, 500 units                         174 of 218
//	100 copies of bits 7, 500 units, 16 threads            428 of 593
//	12 mixtures of batch 16, in 6 groups of embedding 250–256   259 of 303
//	4 networks of images in one group, all of MNIST        317 of 401
//	4 networks of images in 4 groups, all of MNIST         296 of 316
//
// Runs of a few copies end before the collector is due and take about half.
func (g *Group) memory(f *spec.File, o Options) float64 {
	copies := float64(min(g.ChunkCopies(), g.Copies))
	if o.JobCopies > 0 {
		copies = float64(min(o.JobCopies, g.Copies))
	}
	load := train.Load{Runs: copies, Settings: min(copies, float64(g.Points)), Recordings: float64(g.Observations)}
	bytes, training := g.model.Memory(o.place(f), load)
	recordings := float64(g.written())
	// A quarter more for buffers that are in the pool and not in use.
	waiting := runner.Waiting(copies, recordings)
	trajectories := 1.25 * 8 * float64(1+len(f.Kind.Metrics())) * recordings * (training + waiting)
	rows := float64(runner.QueueBytes) + writerBytes
	if g.trajectories {
		rows += pointsWriterBytes
	}
	return bytes + trajectories + rows + copies*identityBytes
}

// The parts of the memory estimate.
const (
	// identityBytes are a run with its identity in lists.
	identityBytes = 128
	// writerBytes are a row group of the table of runs and the pages that it becomes,
	// pointsWriterBytes those of trajectories.
	writerBytes       = 12 << 20
	pointsWriterBytes = 14 << 20
)

// Bytes is an amount of memory or disk.
type Bytes float64

// String writes the amount with three digits and a binary unit.
func (b Bytes) String() string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	i := 0
	for b >= 1000 && i < len(units)-1 {
		b /= 1024
		i++
	}
	if i == 0 {
		return fmt.Sprintf("%.0f B", float64(b))
	}
	return fmt.Sprintf("%.3g %s", float64(b), units[i])
}
