//go:build gpu

package programs

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

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
	for _, v := range t.Variables {
		x.sizes.variables = append(x.sizes.variables, program.Size(v.Shape))
	}
	return x, d.Do(func() error {
		_, err := loadKernels(d, o, x.plans) // an image that the device does not take should be known now
		return err
	})
}

// waitEvery is how many steps are queued before the host waits for them, so that a
// context that ends is noticed.
const waitEvery = 64

// Train trains runs from their initial values for a number of steps, and observes them at
// the recorded steps, which ascend from 0 or later to at most steps. A run diverges when
// a number that is observed, or a variable after the last step, is not finite; it ends at
// that step, and the others go on. Runs that do not fit the device's free memory
// together are trained in groups, one after the other; this changes no number.
func (x *Executable) Train(ctx context.Context, runs []program.Run, steps int, record []int, sink Sink) error {
	for i := range runs {
		if err := runs[i].Check(x.training); err != nil {
			return fmt.Errorf("run %d: %w", i, err)
		}
	}
	if steps < 0 {
		return fmt.Errorf("the number of steps is %d, but must be 0 or more", steps)
	}
	for i, at := range record {
		if at < 0 || at > steps || i > 0 && at <= record[i-1] {
			return fmt.Errorf("recorded step number %d is %d, but recorded steps must ascend and lie between 0 and %d", i, at, steps)
		}
	}
	return x.device.Do(func() error {
		kernels, err := loadKernels(x.device, x.options, x.plans)
		if err != nil {
			return err
		}
		most := x.most
		for done := 0; done < len(runs); {
			n := min(most, len(runs)-done)
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
			t := &trainer{Executable: x, group: g, runs: runs[done : done+n], number: done, sink: sink, ended: make([]bool, n)}
			if err := first(t.train(ctx, steps, record), g.close()); err != nil {
				return err
			}
			done += n
		}
		return nil
	})
}

// A trainer trains a group.
type trainer struct {
	*Executable
	*group
	runs   []program.Run
	number int // of the first run
	sink   Sink
	ended  []bool
	left   int // runs that have not ended
}

func (t *trainer) train(ctx context.Context, steps int, record []int) error {
	t.left = len(t.runs)
	if err := t.bringRuns(func(run int) *program.Run { return &t.runs[run] }); err != nil {
		return err
	}
	if err := t.bringSteps(func(int) int { return -1 }); err != nil {
		return err
	}
	if err := t.launch(t.programs[start]); err != nil {
		return err
	}
	if err := t.check(0, t.plans[start]); err != nil {
		return err
	}
	if err := t.bringSteps(func(int) int { return 0 }); err != nil {
		return err
	}
	var graph *cuda.Graph
	if steps > 0 {
		var err error
		if graph, err = t.stream.Record("a step", t.step); err != nil {
			return err
		}
	}
	err := t.steps(ctx, graph, steps, record)
	if graph != nil {
		err = first(err, graph.Destroy("a step"))
	}
	return err
}

// step queues a step.
func (t *trainer) step() error {
	if err := t.launch(t.programs[step]); err != nil {
		return err
	}
	return t.tick()
}

func (t *trainer) steps(ctx context.Context, graph *cuda.Graph, steps int, record []int) error {
	next := 0
	for at := 0; ; at++ {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if next < len(record) && record[next] == at {
			if err := t.observe(at); err != nil {
				return err
			}
			next++
		}
		if t.left == 0 {
			return nil
		}
		if at == steps {
			return t.finish(at)
		}
		if err := graph.Launch("a step"); err != nil {
			return err
		}
		if (at+1)%waitEvery == 0 {
			if err := t.stream.Wait("steps"); err != nil {
				return err
			}
		}
	}
}

// check returns an error if a program before found a fault in a run that goes on.
func (t *trainer) check(at int, of *plan) error {
	run, err := t.fault(of, func(run int) bool { return !t.ended[run] })
	if err == nil {
		return nil
	}
	return fmt.Errorf("run %d, by step %d: %w", t.number+run, at, err)
}

// observe has what the training observes reported, and ends runs that have diverged.
func (t *trainer) observe(at int) error {
	if err := t.check(at, t.plans[step]); err != nil {
		return err
	}
	if err := t.launch(t.programs[observe]); err != nil {
		return err
	}
	if err := t.check(at, t.plans[observe]); err != nil {
		return err
	}
	observed, err := t.outputs(t.programs[observe])
	if err != nil {
		return err
	}
	var variables [][][]float64
	for run, values := range observed {
		if t.ended[run] {
			continue
		}
		if err := t.sink.Observe(t.number+run, at, values); err != nil {
			return err
		}
		if finite(values) {
			continue
		}
		if variables == nil {
			if variables, err = t.variables(); err != nil {
				return err
			}
		}
		t.ended[run] = true
		t.left--
		if err := t.sink.Finish(t.number+run, at, true, variables[run]); err != nil {
			return err
		}
	}
	return nil
}

// finish reports the runs that have not ended.
func (t *trainer) finish(at int) error {
	if err := t.check(at, t.plans[step]); err != nil {
		return err
	}
	variables, err := t.variables()
	if err != nil {
		return err
	}
	for run, values := range variables {
		if t.ended[run] {
			continue
		}
		if err := t.sink.Finish(t.number+run, at, !finite(values), values); err != nil {
			return err
		}
	}
	return nil
}

func (t *trainer) variables() ([][][]float64, error) {
	return t.fetch(t.common.variables, t.sizes.variables, "variables")
}

func finite(values [][]float64) bool {
	return !slices.ContainsFunc(values, func(list []float64) bool {
		return slices.ContainsFunc(list, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
	})
}
