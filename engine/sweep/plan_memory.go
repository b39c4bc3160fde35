package sweep

import (
	"fmt"

	"modspec/engine/dataset"
)

// The constants of the memory estimate.
const (
	// baseBytes is what the program takes with nothing to do: code, runtime and
	// the libraries' tables.
	baseBytes = 64 << 20
	// collectorFactor is the garbage collector's default: the heap may grow to
	// twice what is alive before it is swept.
	collectorFactor = 2
	// laneCopies is how many copies a core trains side by side while they fit
	// its cache: the float32 lanes of the widest vectors. Past laneBytes of
	// weights it takes one copy at a time.
	laneCopies = 16
	laneBytes  = 4 << 20
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
// that a job's results fit in memory and that a killed run loses seconds, and a
// whole number of vectors where it can be. It depends on the file alone, so
// that it is the same whenever and wherever a sweep is continued.
func (g *GroupPlan) ChunkCopies() int {
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

// weights returns the number of weights of a copy.
func (g *GroupPlan) weights() int {
	n := 0
	for _, l := range g.Layers {
		shape := append(append([]int{l.Inputs}, l.Hidden...), l.Outputs)
		for i := 1; i < len(shape); i++ {
			n += shape[i] * shape[i-1]
		}
	}
	return n
}

// memory estimates the peak of a run over a group, in bytes: the copies that are
// in flight (their weights at the start and at the end in float64 and their
// state in between), the matrices that each thread measures with and, in plain
// coordinates, the second moments and products of the reference backend; and a
// chunk's copies and results.
func (g *GroupPlan) memory(o Options) float64 {
	p := g.module.copy.Task.Point
	in, out, examples := float64(p.Inputs()), float64(p.Outputs()), float64(p.Examples())
	threads := float64(o.Threads)
	weights := float64(g.weights())
	chunk := float64(min(g.ChunkCopies(), g.Copies))

	flight := threads
	if weights*4*laneCopies <= laneBytes && !o.Plain {
		flight *= laneCopies
	}
	flight = min(flight, chunk)
	// Start, end, and a state with as much again for its updates.
	state := flight * weights * (8 + 8 + 2*8)
	busy := min(threads, flight)
	// Y and the labels, the whole map, the answers, and a copy of the last two.
	measure := busy * 8 * (2*out*examples + 2*out*in + 2*out*examples)
	// Q and Σ_yx·Q.
	moments := busy * 8 * (in + out) * float64(g.module.copy.Task.TrainCount())
	if o.Plain {
		// Σ_x, Σ_yx, Σ_y, and E, MΣ_x, M and the prefix products.
		moments = busy * 8 * (in*in + out*in + out*out + 4*out*in + weights)
	}
	const copyBytes = 512 // a train.Copy with its identity
	results := chunk * (copyBytes + float64(g.resultBytes()))
	return state + measure + moments + results
}

// checkSizes returns an error if one of the group's matrices is beyond what
// packages dataset and network form.
func (g *GroupPlan) checkSizes(plain bool) error {
	p := g.module.copy.Task.Point
	in, out := p.Inputs(), p.Outputs()
	rank := g.module.copy.Task.TrainCount()
	type matrix struct {
		name       string
		rows, cols int
	}
	matrices := []matrix{{"Y", out, p.Examples()}, {"the map", out, in}}
	if plain {
		matrices = append(matrices, matrix{"Σ_x", in, in})
		if g.module.copy.Rule.Gamma != 0 {
			matrices = append(matrices, matrix{"Σ_y", out, out})
		}
	} else {
		matrices = append(matrices, matrix{"Q", in, rank})
	}
	for i, l := range g.Layers {
		shape := append(append([]int{l.Inputs}, l.Hidden...), l.Outputs)
		for k := 1; k < len(shape); k++ {
			matrices = append(matrices, matrix{fmt.Sprintf("layer %d of module %d", k, i+1), shape[k], shape[k-1]})
		}
	}
	for _, m := range matrices {
		if n := float64(m.rows) * float64(m.cols); n > dataset.MaxElements {
			return fmt.Errorf("at %v, %s is %d × %d (%s), more than the %s that is formed at once; use fewer bits, copies or hidden units",
				g.Shape, m.name, m.rows, m.cols, Bytes(8*n), Bytes(8*dataset.MaxElements))
		}
	}
	return nil
}

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
