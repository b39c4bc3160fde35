//go:build gpu

package programs

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"modspec/engine/backend"
	"modspec/engine/cuda"
	"modspec/engine/program"
)

// An Executor trains programs on one GPU or several. Jobs are trained one after the
// other.
type Executor struct {
	options Options
	devices []*cuda.Device
	mu      sync.Mutex
}

var _ backend.Executor = (*Executor)(nil)

// Open returns an executor on devices, by number; none means the first. The error says in
// one line what is missing and what to do: a driver, a newer driver, a device, or a device
// that is free.
func Open(devices []int, o Options) (*Executor, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	numbers, err := cuda.Numbers(devices)
	if err != nil {
		return nil, err
	}
	if _, err := cuda.DriverVersion(); err != nil {
		return nil, err
	}
	e := &Executor{options: o}
	for _, number := range numbers {
		d, err := cuda.Open(number)
		if err != nil {
			return nil, errors.Join(err, e.Close())
		}
		e.devices = append(e.devices, d)
	}
	return e, nil
}

// Close releases the devices.
func (e *Executor) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	var errs []error
	for _, d := range e.devices {
		errs = append(errs, d.Close())
	}
	e.devices = nil
	return errors.Join(errs...)
}

// Train implements [backend.Executor]. Each device trains a share of the runs.
func (e *Executor) Train(ctx context.Context, t *program.Training, runs []program.Run, steps int, record []int, sink backend.Sink) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.devices) == 0 {
		return errors.New("the cuda backend is closed; open it again")
	}
	for _, d := range e.devices {
		if d.Broken() {
			return fmt.Errorf("%s failed in a job before and cannot be used any more; start the program again", d.Label)
		}
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var wait sync.WaitGroup
	for i, d := range e.devices {
		first, end := i*len(runs)/len(e.devices), (i+1)*len(runs)/len(e.devices)
		if first == end {
			continue
		}
		wait.Go(func() {
			x, err := Compile(d, t, e.options)
			if err == nil {
				err = x.Train(ctx, &Job{Runs: runs[first:end], Steps: steps, Record: record, Variables: true}, share{sink, first})
			}
			if err != nil {
				stop(err)
			}
		})
	}
	wait.Wait()
	return context.Cause(ctx)
}

// share is the sink of a device whose runs are those from first on.
type share struct {
	to    backend.Sink
	first int
}

func (s share) Due(run, step int) bool { return s.to.Due(s.first+run, step) }

func (s share) Keep(step int, runs []int, variables [][][]float64) error {
	all := make([]int, len(runs))
	for i, run := range runs {
		all[i] = s.first + run
	}
	return s.to.Keep(step, all, variables)
}

func (s share) Observe(run, step int, observed [][]float64) error {
	return s.to.Observe(s.first+run, step, observed)
}

func (s share) Finish(run, step int, diverged bool, variables [][]float64) error {
	return s.to.Finish(s.first+run, step, diverged, variables)
}
