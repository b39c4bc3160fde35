package sweep

import (
	"fmt"
	"unsafe"

	"modspec/engine/dataset"
	"modspec/engine/results"
)

// The constants of the memory estimate.
const (
	// baseBytes is what the program takes with nothing to do: code, runtime and
	// the libraries' tables.
	baseBytes = 40 << 20
	// collectorFactor is the garbage collector's default: the heap may grow to
	// twice what is alive before it is swept.
	collectorFactor = 2
	// laneCopies is how many copies a core trains side by side while they fit
	// its cache: the float32 lanes of the widest vectors.
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

// memory estimates the peak of a run over a group, in bytes, without what the program
// takes anyway and what the garbage collector leaves standing. It counts what is alive
// at once. Peaks of sweep run that were measured (2 threads where not said, AVX2), in
// MiB, beside the plan's:
//
//	6,000 copies of the paper's setting, 31 recordings     101 of 131
//	64 copies of 10,001 recordings                         208 of 255
//	40 copies of bits 8, 500 units                         174 of 218
//	100 copies of bits 7, 500 units, 16 threads            428 of 593
//
// Runs of a few copies end before the collector is due and take about half.
func (g *GroupPlan) memory(s *Space, o Options) float64 {
	copies := float64(min(g.ChunkCopies(), g.Copies))
	if o.JobCopies > 0 {
		copies = float64(min(o.JobCopies, g.Copies))
	}
	tasks := min(copies, float64(g.Points))
	workers := min(float64(o.Threads), copies)
	training := workers // copies
	engine := 0.0
	switch {
	case o.Plain:
		engine = workers * g.plainCopy()
	case o.JobCopies > 0:
		training = min(copies, deviceCopies)
		engine = workers * g.hostCopy()
	default:
		lanes := g.lanes(s, o)
		training *= lanes
		engine = workers*(lanes*g.laneNumbers(s)+g.hostCopy()*min(lanes, tasks)) + min(cachedTasks, tasks)*g.taskBytes()
	}
	point := float64(unsafe.Sizeof(results.TrajectoryPoint{}))
	recordings := float64(g.written())
	// A quarter more for what a pool keeps and nobody holds.
	waiting := min(2*queueLength, copies, max(1, queuePoints/max(1, recordings)))
	trajectories := 1.25 * point * recordings * (training + waiting)
	// The list of recorded steps, for each worker and the job; theory's curves of every
	// goal, for each that predicts.
	lists := 8 * float64(g.Observations) * (2 + workers + float64(o.Threads)*float64(len(goals{})))
	outcomes := tasks * (outcomeBytes + float64(g.Modes)*modeBytes + 16*float64(len(g.Layers))*float64(g.module.copy.Task.Point.Examples()))
	rows := float64(unsafe.Sizeof(row{}))*2*queueLength + writerBytes
	if g.trajectories {
		rows += pointsWriterBytes
	}
	return engine + trajectories + lists + outcomes + rows + copies*copyBytes
}

// The parts of the memory estimate.
const (
	// copyBytes are a linear.Copy with its identity, outcome and tracker in lists.
	copyBytes = 640
	// outcomeBytes and modeBytes are what is prepared for each point of a job.
	outcomeBytes = 2048
	modeBytes    = 256
	// writerBytes are a row group of the table of runs and the pages that it becomes,
	// pointsWriterBytes those of trajectories.
	writerBytes       = 12 << 20
	pointsWriterBytes = 14 << 20
	// packedBytes are the packed blocks of a thread's products.
	packedBytes = 1 << 20
	// lanesLimit and cachedTasks are the cpu backend's: the largest copy that lies in
	// lanes, in numbers, and how many tasks it keeps.
	lanesLimit  = 320_000
	cachedTasks = 64
	// deviceCopies is about how many copies a device trains side by side.
	deviceCopies = 1 << 14
)

// widestLanes is how many copies of a precision the widest vectors hold.
func widestLanes(precision string) int {
	if precision == "float64" {
		return laneCopies / 2
	}
	return laneCopies
}

// plainBeta reports whether the group's rule asks for plain coordinates on every
// backend.
func (g *GroupPlan) plainBeta() bool { return g.module.copy.Rule.Beta != 0 }

// lanes is how many copies of the group the cpu backend trains side by side on a core,
// by its own rule.
func (g *GroupPlan) lanes(s *Space, o Options) float64 {
	size := 0
	for i := range g.Layers {
		l := &g.Layers[i]
		coords := l.Rank
		if g.plainBeta() {
			coords = l.Inputs
		}
		w := append(append([]int{coords}, l.Hidden...), l.Outputs)
		for k := 1; k < len(w); k++ {
			size += w[k] * w[k-1]
		}
		size += 2*coords*l.Outputs + w[1]*l.Inputs
		if !g.plainBeta() {
			size += l.Inputs * coords
		}
	}
	if size > lanesLimit {
		return 1
	}
	if o.Lanes > 0 {
		return float64(o.Lanes)
	}
	return float64(widestLanes(s.File.Precision))
}

// laneNumbers is what the cpu backend holds of each copy that it trains, in bytes: the
// float64 side in plain coordinates, with Q, Qᵀ and what of W1 never changes; and the
// weights in training, with their increments, products and errors, in the sweep's
// precision, with a rule's terms and a batch's examples.
func (g *GroupPlan) laneNumbers(s *Space) float64 {
	wide, narrow := 0.0, 0.0
	task := g.module.copy.Task
	batch := float64(task.TrainCount())
	through := g.plainBeta() || task.Batch != 0 && task.Batch < task.TrainCount()
	if here, err := g.module.arch.At(task.Point); err == nil && here.Overlaps() {
		through = true
	}
	if task.Batch != 0 {
		batch = float64(task.Batch)
	}
	for i := range g.Layers {
		l := &g.Layers[i]
		in, coords := float64(l.Inputs), float64(l.Rank)
		if g.plainBeta() {
			coords = in
		}
		full, w := l.widths(l.Inputs), l.widths(int(coords))
		for k := 1; k < len(full); k++ {
			wide += full[k] * full[k-1]
			narrow += 2*w[k]*w[k-1] + 2*w[k]*coords
			if k > 1 {
				wide += full[k] * in
			}
			if g.plainBeta() && k < len(w)-1 {
				narrow += w[k]*batch + batch*w[k-1] + w[k]*w[k-1]
			}
		}
		out := w[len(w)-1]
		narrow += 2 * out * coords
		if !g.plainBeta() {
			wide += 2*in*coords + full[1]*(in+coords)
		}
		if g.module.copy.Rule.Gamma != 0 {
			narrow += 2*out*out + 2*out*coords + out*w[len(w)-2]
		}
		if through {
			narrow += 2 * coords * batch
		}
	}
	if through {
		narrow += 3 * float64(task.Point.Outputs()) * batch
	}
	size := 4.0
	if s.File.Precision == "float64" {
		size = 8
	}
	return 8*wide + size*narrow
}

// hostCopy is what measuring a copy and drawing its weights take, in bytes: the labels,
// the answers, the whole map and the modules' maps; the weights as they are drawn and
// told; and the transforms that find theory's starts.
func (g *GroupPlan) hostCopy() float64 {
	p := g.module.copy.Task.Point
	in, out, examples := float64(p.Inputs()), float64(p.Outputs()), float64(p.Examples())
	numbers := 2*out*examples + out*in
	for i := range g.Layers {
		l := &g.Layers[i]
		w := l.widths(l.Inputs)
		for k := 1; k < len(w); k++ {
			numbers += 3 * w[k] * w[k-1]
		}
		numbers += w[len(w)-1] * w[0]
		if len(l.Hidden) == 1 {
			rank := float64(l.Rank)
			numbers += w[1]*(2*examples+rank) + rank*rank
		}
	}
	return 8*numbers + packedBytes
}

// plainCopy is what the reference backend holds of a copy that it trains: Σ_x, Σ_yx and
// Σ_y, and E, MΣ_x, M and the prefix products, and two sets of weights.
func (g *GroupPlan) plainCopy() float64 {
	p := g.module.copy.Task.Point
	in, out := float64(p.Inputs()), float64(p.Outputs())
	numbers := in*in + 5*out*in
	if g.module.copy.Rule.Gamma != 0 {
		numbers += 2 * out * out
	}
	for i := range g.Layers {
		l := &g.Layers[i]
		w := l.widths(l.Inputs)
		for k := 1; k < len(w); k++ {
			numbers += 2*w[k]*w[k-1] + 2*w[k]*w[0]
		}
	}
	return 8*numbers + g.hostCopy()
}

// taskBytes is what the cpu backend keeps of a task: Q and Σ_yx·Q.
func (g *GroupPlan) taskBytes() float64 {
	numbers := 0.0
	for i := range g.Layers {
		l := &g.Layers[i]
		numbers += float64(l.Rank) * float64(l.Inputs+l.Outputs)
	}
	return 8 * numbers
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
