package model

import (
	"fmt"

	"modspec/engine/dataset"
	"modspec/engine/theory"
	"modspec/engine/train"
)

// What a run adds to the tables beside its parameters, in numbers that are not null.
const (
	// runNumbers are the numbers of a run besides its modes: losses on training
	// and test examples, whole and by block (6), quadrants (4), their times to
	// half (4), systematicity, theory's quadrants and times (8), diverged step.
	runNumbers = 24
	// modeNumbers are the numbers of a run for each mode: strength, time to half,
	// and theory's prediction of both.
	modeNumbers = 4
	// recordingNumbers are the numbers of a recording besides modes: losses (6),
	// quadrants (4), systematicity.
	recordingNumbers = 11
)

// Numbers implements train.Estimator.
func (m *Model) Numbers() (recording, run int) {
	modes := m.modes()
	return recordingNumbers + modes, runNumbers + modeNumbers*modes
}

// modes counts the modes that are observed, over all modules.
func (m *Model) modes() int {
	here, err := m.arch.At(m.copy.Task.Point)
	if err != nil {
		return 0 // finish has found the modules before
	}
	n := 0
	for _, module := range here.Modules {
		n += len(theory.Modes(m.copy.Task.Point, module.View()))
	}
	return n
}

// The parts of the memory estimate.
const (
	// laneCopies is how many copies a core trains side by side while they fit its
	// cache: the float32 lanes of the widest vectors.
	laneCopies = 16
	// copyBytes are a linear.Copy with its outcome and tracker in lists.
	copyBytes = 512
	// outcomeBytes and modeBytes are what is prepared for each point of a job.
	outcomeBytes = 2048
	modeBytes    = 256
	// packedBytes are the packed blocks of a thread's products.
	packedBytes = 1 << 20
	// lanesLimit and cachedTasks are the cpu backend's: the largest copy that lies in
	// lanes, in numbers, and how many tasks it keeps.
	lanesLimit  = 320_000
	cachedTasks = 64
	// deviceCopies is about how many copies a device trains side by side.
	deviceCopies = 1 << 14
)

// Memory implements train.Estimator.
func (m *Model) Memory(p train.Place, l train.Load) (bytes, training float64) {
	e := estimate{Model: m, layers: m.sizes(), place: p}
	workers := min(float64(p.Threads), l.Runs)
	training = workers // copies
	engine := 0.0
	switch {
	case p.Plain:
		engine = workers * e.plainCopy()
	case p.Device:
		training = min(l.Runs, deviceCopies)
		engine = workers * e.hostCopy()
	default:
		lanes := e.lanes()
		training *= lanes
		engine = workers*(lanes*e.laneNumbers()+e.hostCopy()*min(lanes, l.Settings)) + min(cachedTasks, l.Settings)*e.taskBytes()
	}
	outcomes := l.Settings * (outcomeBytes + float64(m.modes())*modeBytes + 16*float64(len(e.layers))*float64(m.copy.Task.Point.Examples()))
	// The list of recorded steps, for each worker and the job; theory's curves of every
	// goal, for each that predicts.
	lists := 8 * l.Recordings * (2 + workers + float64(p.Threads)*float64(len(goals{})))
	return engine + outcomes + lists + l.Runs*copyBytes, training
}

// An estimate computes the memory that each backend takes for a model.
type estimate struct {
	*Model
	layers []layers
	place  train.Place
}

// plainBeta reports whether the rule asks for plain coordinates on every backend.
func (e *estimate) plainBeta() bool { return e.copy.Rule.Beta != 0 }

// lanes is how many copies the cpu backend trains side by side on a core, by its own
// rule.
func (e *estimate) lanes() float64 {
	size := 0
	for i := range e.layers {
		l := &e.layers[i]
		coords := l.rank
		if e.plainBeta() {
			coords = l.inputs
		}
		w := append(append([]int{coords}, l.hidden...), l.outputs)
		for k := 1; k < len(w); k++ {
			size += w[k] * w[k-1]
		}
		size += 2*coords*l.outputs + w[1]*l.inputs
		if !e.plainBeta() {
			size += l.inputs * coords
		}
	}
	switch {
	case size > lanesLimit:
		return 1
	case e.place.Lanes > 0:
		return float64(e.place.Lanes)
	case e.place.Precision == "float64":
		return laneCopies / 2
	}
	return laneCopies
}

// laneNumbers is what the cpu backend holds of each copy that it trains, in bytes: the
// float64 side in plain coordinates, with Q, Qᵀ and what of W1 never changes; and the
// weights in training, with their increments, products and errors, in the sweep's
// precision, with a rule's terms and a batch's examples.
func (e *estimate) laneNumbers() float64 {
	wide, narrow := 0.0, 0.0
	task := e.copy.Task
	batch := float64(task.TrainCount())
	through := e.plainBeta() || task.Batch != 0 && task.Batch < task.TrainCount()
	if here, err := e.arch.At(task.Point); err == nil && here.Overlaps() {
		through = true
	}
	if task.Batch != 0 {
		batch = float64(task.Batch)
	}
	for i := range e.layers {
		l := &e.layers[i]
		in, coords := float64(l.inputs), float64(l.rank)
		if e.plainBeta() {
			coords = in
		}
		full, w := l.widths(l.inputs), l.widths(int(coords))
		for k := 1; k < len(full); k++ {
			wide += full[k] * full[k-1]
			narrow += 2*w[k]*w[k-1] + 2*w[k]*coords
			if k > 1 {
				wide += full[k] * in
			}
			if e.plainBeta() && k < len(w)-1 {
				narrow += w[k]*batch + batch*w[k-1] + w[k]*w[k-1]
			}
		}
		out := w[len(w)-1]
		narrow += 2 * out * coords
		if !e.plainBeta() {
			wide += 2*in*coords + full[1]*(in+coords)
		}
		if e.copy.Rule.Gamma != 0 {
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
	if e.place.Precision == "float64" {
		size = 8
	}
	return 8*wide + size*narrow
}

// hostCopy is what measuring a copy and drawing its weights take, in bytes: the labels,
// the answers, the whole map and the modules' maps; the weights as they are drawn and
// reported; and the transforms that find theory's starts.
func (e *estimate) hostCopy() float64 {
	p := e.copy.Task.Point
	in, out, examples := float64(p.Inputs()), float64(p.Outputs()), float64(p.Examples())
	numbers := 2*out*examples + out*in
	for i := range e.layers {
		l := &e.layers[i]
		w := l.widths(l.inputs)
		for k := 1; k < len(w); k++ {
			numbers += 3 * w[k] * w[k-1]
		}
		numbers += w[len(w)-1] * w[0]
		if len(l.hidden) == 1 {
			rank := float64(l.rank)
			numbers += w[1]*(2*examples+rank) + rank*rank
		}
	}
	return 8*numbers + packedBytes
}

// plainCopy is what the reference backend holds of a copy that it trains: Σ_x, Σ_yx and
// Σ_y, and E, MΣ_x, M and the prefix products, and two sets of weights.
func (e *estimate) plainCopy() float64 {
	p := e.copy.Task.Point
	in, out := float64(p.Inputs()), float64(p.Outputs())
	numbers := in*in + 5*out*in
	if e.copy.Rule.Gamma != 0 {
		numbers += 2 * out * out
	}
	for i := range e.layers {
		l := &e.layers[i]
		w := l.widths(l.inputs)
		for k := 1; k < len(w); k++ {
			numbers += 2*w[k]*w[k-1] + 2*w[k]*w[0]
		}
	}
	return 8*numbers + e.hostCopy()
}

// taskBytes is what the cpu backend keeps of a task: Q and Σ_yx·Q.
func (e *estimate) taskBytes() float64 {
	numbers := 0.0
	for i := range e.layers {
		l := &e.layers[i]
		numbers += float64(l.rank) * float64(l.inputs+l.outputs)
	}
	return 8 * numbers
}

// Fits implements train.Estimator. The limit is that of packages dataset and network.
func (m *Model) Fits(place train.Place) error {
	p := m.copy.Task.Point
	in, out := p.Inputs(), p.Outputs()
	type matrix struct {
		name       string
		rows, cols int
	}
	matrices := []matrix{{"Y", out, p.Examples()}, {"the map", out, in}}
	if place.Plain {
		matrices = append(matrices, matrix{"Σ_x", in, in})
		if m.copy.Rule.Gamma != 0 {
			matrices = append(matrices, matrix{"Σ_y", out, out})
		}
	} else {
		matrices = append(matrices, matrix{"Q", in, m.copy.Task.TrainCount()})
	}
	for i, l := range m.sizes() {
		shape := append(append([]int{l.inputs}, l.hidden...), l.outputs)
		for k := 1; k < len(shape); k++ {
			matrices = append(matrices, matrix{fmt.Sprintf("layer %d of module %d", k, i+1), shape[k], shape[k-1]})
		}
	}
	const gibibyte = 1 << 30
	for _, m := range matrices {
		if n := float64(m.rows) * float64(m.cols); n > dataset.MaxElements {
			return fmt.Errorf("%s is %d × %d (%.3g GiB), more than the %.3g GiB that is formed at once; use fewer bits, copies or hidden units",
				m.name, m.rows, m.cols, 8*n/gibibyte, 8*float64(dataset.MaxElements)/gibibyte)
		}
	}
	return nil
}
