//go:build gpu

package cuda

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/cuda"
	"modspec/engine/kind/linear"
)

// recordingMode is what a run returns beside the final weights.
type recordingMode int

const (
	everyRecord recordingMode = iota // observations, as they are made
	lastRecord                       // the last one, and passages
	noRecord
)

// run is some copies of a cohort in training.
type run struct {
	worker  *worker
	job     *linear.Job
	chunk   *chunk
	mode    recordingMode
	limits  []int64 // by copy, the steps that it makes at most; nil: all
	steps   int64   // the most of them
	records []int64 // steps that are recorded
	kept    int64   // records that there is room for at a time
	first   int     // of the records that the last slice served
	served  int     // records that all slices so far have served
	panel   int     // copies whose final weights come back at a time
	lots    []*lot
	tells   bool    // whether initial weights are brought back as well
	drawn   int     // copies whose initial weights come back at a time
	goneAt  []int64 // by copy, the step at which it diverged, or −1
}

const (
	// outRoom bounds the memory for records, panelRoom that for final weights. Both are
	// copied to the host as often as they are full; beyond some megabytes a larger copy
	// is not faster.
	outRoom   = 32 << 20
	panelRoom = 32 << 20
)

// newRun takes memory for some copies and brings over what they need. Its error wraps
// cuda.ErrOutOfMemory where there is not so much memory.
func (w *worker) newRun(job *linear.Job, c *chunk, mode recordingMode, limits []int64, tells bool) (*run, error) {
	r := &run{tells: tells, worker: w, job: job, chunk: c, mode: mode, limits: limits, steps: int64(job.Steps)}
	if limits != nil {
		r.steps = 0
		for _, limit := range limits {
			r.steps = max(r.steps, limit)
		}
	}
	r.goneAt = make([]int64, len(c.members))
	for i := range r.goneAt {
		r.goneAt[i] = -1
	}
	if mode != noRecord {
		for _, step := range job.Schedule.Steps(job.Steps) {
			if int64(step) <= r.steps {
				r.records = append(r.records, int64(step))
			}
		}
	}
	for m := range c.signature.count {
		l, err := newLot(w.device, c.cohort, m)
		if err != nil {
			return nil, err
		}
		r.lots = append(r.lots, l)
	}
	r.fill()
	return r, r.place()
}

// fill makes the items and tasks of the lots.
func (r *run) fill() {
	size := r.worker.size
	for _, l := range r.lots {
		numbers := map[goalKey]int64{}
		keys := make([]int64, len(r.chunk.members))
		var of []int // the first copy of each task
		for i := range r.chunk.members {
			key := r.keyOf(l, i)
			n, known := numbers[key]
			if !known {
				n = int64(len(of))
				numbers[key] = n
				of = append(of, i)
			}
			keys[i] = n
		}
		l.tasks = newTaskMemory(len(of), size)
		for _, i := range of {
			m := &r.chunk.members[i]
			l.tasks.add(&m.task.modules[l.module], r.goalsOf(m, l.module))
		}
		for i, m := range r.chunk.members {
			c := &r.job.Copies[m.index]
			item := itemABI{
				task: keys[i], seed: c.Stream.Seed, point: c.Stream.Point, initScale: c.InitScale,
				eta: c.LearningRate, etaGamma: c.LearningRate * c.Rule.Gamma, beta: c.Rule.Beta, limit: r.steps,
			}
			if r.limits != nil {
				item.limit = r.limits[i]
			}
			l.add(item, c.Weights)
		}
	}
}

// place lays the lots' memory out, takes it, and brings it over.
func (r *run) place() error {
	w, n := r.worker, int64(len(r.chunk.members))
	fields := int64(0)
	finals := int64(0)
	for _, l := range r.lots {
		fields += l.launch.fields
		finals += l.launch.finalStride * int64(w.size)
	}
	r.kept = 1
	if r.mode == everyRecord {
		r.kept = min(int64(len(r.records)), max(1, w.outRoom()/(8*fields*n)))
	}
	r.panel = int(min(n, int64(w.panel), max(1, w.panelRoom()/finals)))
	r.drawn = int(min(n, int64(w.panel), max(1, w.panelRoom()*int64(w.size)/(8*finals))))
	for _, l := range r.lots {
		var err error
		l.geometry, err = l.choice.over(int(n), w.device.Multiprocessors, w.device.SharedOptIn, l.training.Resident)
		if err != nil {
			return err
		}
		l.geometry = w.withScratch(l.geometry, l.launch.scratchStride)
	}
	bytes := r.layOut(0)
	if err := w.arena.Ensure(int64(bytes), copiesText(n)); err != nil {
		return err
	}
	r.layOut(w.arena.Address())
	if err := r.takeHost(); err != nil {
		return err
	}
	return r.bring()
}

// copiesText is a number of copies as people write it.
func copiesText(n int64) string {
	if n == 1 {
		return "one copy"
	}
	return fmt.Sprintf("%d copies", n)
}

// layOut gives everything an address from a base on, and returns where it ends.
func (r *run) layOut(base uint64) uint64 {
	n, size := int64(len(r.chunk.members)), int64(r.worker.size)
	at := cuda.Layout{Next: base}
	take := func(bytes int64) uint64 {
		if bytes == 0 {
			return 0
		}
		return at.Take(bytes)
	}
	steps := take(8 * int64(len(r.records)))
	for _, l := range r.lots {
		x := &l.launch
		l.slot = take(launchBytes)
		x.items, x.records, x.recordSteps, x.keptRecords = n, int64(len(r.records)), steps, r.kept
		x.tasks = take(int64(l.tasks.bytes()))
		x.members = take(n * itemBytes)
		l.givenAt = take(8 * int64(len(l.given)))
		x.state = take(n * x.stateStride * size)
		x.still = take(n * x.stillStride * size)
		x.ended = take(8 * n)
		if r.mode != noRecord {
			x.out = take(8 * n * r.kept * x.fields)
		}
		if r.mode == lastRecord {
			x.passed = take(8 * n * l.passedDoubles())
		}
		x.finals = take(int64(r.panel) * x.finalStride * size)
		x.scratch = take(int64(l.geometry.groups) * x.scratchStride * size)
		if r.tells {
			l.draw.layOut(l, int64(r.drawn), n, take)
		}
	}
	return at.Next
}

// takeHost allocates host memory for the results.
func (r *run) takeHost() error {
	n, size := int64(len(r.chunk.members)), int64(r.worker.size)
	var next int64
	var parts []func(host []byte)
	part := func(to *[]byte, bytes int64) {
		from := next
		next += int64(aligned(int(bytes)))
		parts = append(parts, func(host []byte) { *to = host[from:][:bytes] })
	}
	for _, l := range r.lots {
		part(&l.ended, 8*n)
		if r.mode != noRecord {
			part(&l.out, 8*n*r.kept*l.launch.fields)
		}
		if r.mode == lastRecord {
			part(&l.passed, 8*n*l.passedDoubles())
		}
		part(&l.finals, int64(r.panel)*l.launch.finalStride*size)
		if r.tells {
			part(&l.draw.host, 8*int64(r.drawn)*l.draw.launch.stateStride)
		}
	}
	host, err := r.worker.arena.Pinned(next)
	if err != nil {
		return err
	}
	for _, p := range parts {
		p(host)
	}
	return nil
}

// bring copies what the items need to the device and draws their weights.
func (r *run) bring() error {
	s := r.worker.stream
	if len(r.records) > 0 {
		if err := s.Upload(r.lots[0].launch.recordSteps, cuda.AsBytes(r.records), "the recorded steps"); err != nil {
			return err
		}
	}
	for _, l := range r.lots {
		for i, from := range l.givenOf {
			if from >= 0 {
				l.members[i].given = l.givenAt + uint64(8*from)
			}
		}
		for _, part := range []struct {
			at   uint64
			data []byte
			what string
		}{
			{l.launch.tasks, l.tasks.image(l.launch.tasks), "tasks"},
			{l.launch.members, cuda.AsBytes(l.members), "items"},
			{l.givenAt, cuda.AsBytes(l.given), "initial weights"},
		} {
			if err := s.Upload(part.at, part.data, part.what); err != nil {
				return err
			}
		}
		if err := l.start(s); err != nil {
			return err
		}
	}
	if r.tells { // another stream reads what this one has brought
		return s.Wait("what the copies start from")
	}
	return nil
}

// goalKey tells tasks with their goals apart.
type goalKey struct {
	task  *task
	goals string
}

func (r *run) keyOf(l *lot, i int) goalKey {
	m := &r.chunk.members[i]
	key := goalKey{task: m.task}
	if goals := r.goalsOf(m, l.module); goals != nil {
		key.goals = string(cuda.AsBytes(goals))
	}
	return key
}

// goalsOf is what the fields of a module's record must reach, nil where nothing is
// waited for. A quadrant is a matter of the module that writes its outputs.
func (r *run) goalsOf(m *member, module int) []float64 {
	if r.mode != lastRecord {
		return nil
	}
	t := &m.task.modules[module]
	goals := make([]float64, t.shape.fields())
	for i := range goals {
		goals[i] = math.NaN()
	}
	q := m.goals.Quadrants
	if t.omegaOut() > 0 {
		goals[fieldOmegaOmega], goals[fieldGammaOmega] = q.OmegaOmega, q.GammaOmega
	}
	if t.rows[1]-t.rows[0] > t.omegaOut() {
		goals[fieldOmegaGamma], goals[fieldGammaGamma] = q.OmegaGamma, q.GammaGamma
	}
	from := 0
	for i := range module {
		from += int(m.task.modules[i].shape.modes)
	}
	copy(goals[fieldFirstMode:], m.goals.Modes[from:])
	return goals
}

// weightsOf returns the final weights of copy i of a panel, in double.
func (r *run) weightsOf(i int) [][]*mat.Dense {
	var modules [][]*mat.Dense
	for _, l := range r.lots {
		stride := int(l.launch.finalStride)
		values := make([]float64, stride)
		if r.worker.size == 8 {
			copy(values, cuda.AsNumbers[float64](l.finals)[i*stride:])
		} else {
			for k, v := range cuda.AsNumbers[float32](l.finals)[i*stride:][:stride] {
				values[k] = float64(v)
			}
		}
		var layers []*mat.Dense
		for k := range l.shape.layers {
			rows, cols := int(l.shape.widths[k+1]), int(l.shape.widths[k])
			layers = append(layers, mat.NewDense(rows, cols, values[:rows*cols:rows*cols]))
			values = values[rows*cols:]
		}
		modules = append(modules, layers)
	}
	return modules
}
