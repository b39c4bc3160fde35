//go:build gpu

package programs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"modspec/engine/backend"
	"modspec/engine/cuda"
	"modspec/engine/program"
)

// An Executable is a training that is compiled for a device.
type Executable struct {
	device   *cuda.Device
	training *program.Training
	options  Options
	plans    []*plan // of Start, Step and Observe
	sizes    sizes
	most     int // runs in a group; tests lower it, and no number that comes out may change
}

// The programs of a training.
const (
	start = iota
	step
	observe
)

// Compile plans a training for a device. The error is for options that do not go
// together, or names what the backend cannot execute.
func Compile(d *cuda.Device, t *program.Training, o Options) (*Executable, error) {
	x := &Executable{device: d, training: t, options: o, most: cuda.MostRows, sizes: sizes{settings: len(t.Settings), streams: t.Streams}}
	for i, p := range []*program.Program{t.Start, t.Step, t.Observe} {
		plan, err := newPlan(p, o, i != observe)
		if err != nil {
			return nil, err
		}
		x.plans = append(x.plans, plan)
	}
	for i, v := range t.Variables {
		x.sizes.variables = append(x.sizes.variables, program.Size(v.Shape))
		if program.Size(v.Shape) > 0 {
			x.sizes.watched = append(x.sizes.watched, i)
		}
	}
	return x, d.Do(func() error {
		_, err := loadKernels(d, o, x.plans) // an image that the device does not take should be known now
		return err
	})
}

// waitEvery is how many steps are queued before the host waits for them, so that it
// notices a context that ends and runs that diverge.
const waitEvery = 64

// check returns an error if a job does not fit a training.
func (j *Job) check(t *program.Training) error {
	for i := range j.Runs {
		if err := j.Runs[i].Check(t); err != nil {
			return fmt.Errorf("run %d: %w", i, err)
		}
		if begin := j.Runs[i].Begin(); begin > max(j.Steps, 0) {
			return fmt.Errorf("run %d begins after %d steps, but must begin after 0 to %d", i, begin, j.Steps)
		}
	}
	if j.Steps < 0 {
		return fmt.Errorf("the number of steps is %d, but must be 0 or more", j.Steps)
	}
	for i, at := range j.Record {
		if at < 0 || at > j.Steps || i > 0 && at <= j.Record[i-1] {
			return fmt.Errorf("recorded step number %d is %d, but recorded steps must ascend and lie between 0 and %d", i, at, j.Steps)
		}
	}
	return nil
}

// Train trains the runs of a job. Runs that do not fit the device's free memory together
// are trained in groups, one after the other; this changes no number. The error is the
// first of the job, of the sink, of an index that is no row of its table, of the device or
// of the context.
func (x *Executable) Train(ctx context.Context, job *Job, sink backend.Sink) error {
	if err := job.check(x.training); err != nil {
		return err
	}
	// Runs of a group begin at one step.
	begins := map[int][]int{}
	for run := range job.Runs {
		begin := job.Runs[run].Begin()
		begins[begin] = append(begins[begin], run)
	}
	return x.device.Do(func() (err error) {
		defer func() { // a panic is a fault of this package
			if r := recover(); r != nil {
				err = fmt.Errorf("cuda backend, %s: %v", x.device.Label, r)
			}
		}()
		kernels, err := loadKernels(x.device, x.options, x.plans)
		if err != nil {
			return err
		}
		for _, begin := range slices.Sorted(maps.Keys(begins)) {
			if err := x.trainAll(ctx, kernels, job, sink, begin, begins[begin]); err != nil {
				return err
			}
		}
		return nil
	})
}

// trainAll trains runs that begin at one step, half as many at a time where the device has
// too little memory.
func (x *Executable) trainAll(ctx context.Context, kernels map[string]*cuda.Function, job *Job, sink backend.Sink, begin int, runs []int) error {
	most := x.most
	for len(runs) > 0 {
		n := min(most, len(runs))
		g, err := newGroup(x.device, kernels, n, x.sizes, x.options, x.plans)
		if errors.Is(err, cuda.ErrOutOfMemory) {
			if n == 1 {
				return fmt.Errorf("%w: one run of the training is too large for the device: %w; or use smaller batches or networks, or the cpu backend", errors.ErrUnsupported, err)
			}
			most = (n + 1) / 2
			continue
		}
		if err != nil {
			return err
		}
		t := &trainer{Executable: x, group: g, job: job, sink: sink, runs: runs[:n], finished: make([]bool, n), left: n, step: begin}
		if err := first(t.train(ctx), g.close()); err != nil {
			return err
		}
		runs = runs[n:]
	}
	return nil
}

// A trainer trains a group.
type trainer struct {
	*Executable
	*group
	job      *Job
	sink     backend.Sink
	runs     []int // of the job
	finished []bool
	left     int // runs that have not finished
	step     int // steps done
}

func (t *trainer) train(ctx context.Context) error {
	if err := t.begin(); err != nil {
		return err
	}
	record := t.job.Record
	for len(record) > 0 && record[0] < t.step {
		record = record[1:]
	}
	graph, err := t.stream.Record("a step", t.queueStep)
	if err != nil {
		return err
	}
	return first(t.steps(ctx, graph, record), graph.Destroy("a step"))
}

// begin brings the runs to where they begin.
func (t *trainer) begin() error {
	if err := t.bringRuns(func(run int) *program.Run { return &t.job.Runs[t.runs[run]] }); err != nil {
		return err
	}
	if err := t.bringSteps(func(int) int { return -1 }); err != nil {
		return err
	}
	given := make([]*program.Checkpoint, len(t.runs))
	for i, run := range t.runs {
		given[i] = t.job.Runs[run].From
	}
	if slices.Contains(given, nil) {
		if err := t.launch(t.programs[start]); err != nil {
			return err
		}
		if err := t.fault(t.plans[start], func(run int) bool { return given[run] == nil }, t.runs, 0); err != nil {
			return err
		}
		if err := t.ones(t.common.faults, len(t.runs), "room for faults"); err != nil { // of runs that do not begin there
			return err
		}
	}
	for i, from := range given {
		if from == nil {
			continue
		}
		for v, to := range t.common.variables {
			at := to.at + uint64(i*to.stride*t.common.bytes)
			if err := t.stream.Upload(at, t.numbers(from.Variables[v]), "variables to begin with"); err != nil {
				return err
			}
		}
	}
	if err := t.bringSteps(func(int) int { return t.step - 1 }); err != nil {
		return err
	}
	if err := t.watch(); err != nil {
		return err
	}
	return t.bringSteps(func(int) int { return t.step })
}

// queueStep queues a step.
func (t *trainer) queueStep() error {
	if err := t.launch(t.programs[step]); err != nil {
		return err
	}
	if err := t.watch(); err != nil {
		return err
	}
	return t.tick()
}

func (t *trainer) steps(ctx context.Context, graph *cuda.Graph, record []int) error {
	for queued := 0; ; t.step++ {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		recorded := len(record) > 0 && record[0] == t.step
		last := t.step == t.job.Steps
		due := !last && t.left > 0 && t.sink.Due(t.runs[slices.Index(t.finished, false)], t.step)
		if recorded || last || due || queued == waitEvery {
			queued = 0
			if err := t.look(); err != nil {
				return err
			}
		}
		if due && t.left > 0 {
			if err := t.keep(); err != nil {
				return err
			}
		}
		if recorded && t.left > 0 {
			record = record[1:]
			if err := t.record(); err != nil {
				return err
			}
		}
		switch {
		case last:
			return t.finish(func(int) (int, bool) { return t.step, false })
		case t.left == 0:
			return nil
		}
		if err := graph.Launch("a step"); err != nil {
			return err
		}
		queued++
	}
}

// look waits for the steps, and finishes runs that have diverged. A fault of a run that
// has not is an error.
func (t *trainer) look() error {
	ended := make([]int64, len(t.runs))
	if err := t.stream.Download(cuda.AsBytes(ended), t.common.ended, "runs that have diverged"); err != nil {
		return err
	}
	if err := t.fault(t.plans[step], func(run int) bool { return !t.finished[run] && ended[run] < 0 }, t.runs, t.step); err != nil {
		return err
	}
	if !slices.ContainsFunc(ended, func(step int64) bool { return step >= 0 }) {
		return nil
	}
	return t.finish(func(run int) (int, bool) { return int(ended[run]), true })
}

// keep reports the variables of the continuing runs to the sink.
func (t *trainer) keep() error {
	all, err := t.fetch(t.common.variables, t.sizes.variables, "variables")
	if err != nil {
		return err
	}
	var runs []int
	var variables [][][]float64
	for i, run := range t.runs {
		if !t.finished[i] {
			runs, variables = append(runs, run), append(variables, all[i])
		}
	}
	return t.sink.Keep(t.step, runs, variables)
}

// record reports the observations of the continuing runs to the sink.
func (t *trainer) record() error {
	if err := t.launch(t.programs[observe]); err != nil {
		return err
	}
	if err := t.fault(t.plans[observe], func(run int) bool { return !t.finished[run] }, t.runs, t.step); err != nil {
		return err
	}
	observed, err := t.outputs(t.programs[observe])
	if err != nil {
		return err
	}
	for i, values := range observed {
		if t.finished[i] {
			continue
		}
		if err := t.sink.Observe(t.runs[i], t.step, values); err != nil {
			return err
		}
	}
	return nil
}

// finish finishes runs for which a step is given that is not negative.
func (t *trainer) finish(of func(run int) (step int, diverged bool)) error {
	var variables [][][]float64
	for i := range t.runs {
		step, diverged := of(i)
		if t.finished[i] || step < 0 {
			continue
		}
		if variables == nil {
			variables = make([][][]float64, len(t.runs))
			if t.job.Variables {
				var err error
				if variables, err = t.fetch(t.common.variables, t.sizes.variables, "variables"); err != nil {
					return err
				}
			}
		}
		t.finished[i] = true
		t.left--
		if err := t.sink.Finish(t.runs[i], step, diverged, variables[i]); err != nil {
			return err
		}
	}
	return nil
}
