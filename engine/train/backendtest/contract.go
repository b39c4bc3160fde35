package backendtest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/train"
)

// goodJob is a small job of a few copies that every backend can run.
func goodJob() *linear.Job {
	j := build("", network.Dense(5), paper, nil).Job()
	for seed := range uint64(4) {
		c := j.Copies[0]
		c.Stream = random.Stream{Seed: seed}
		j.Copies = append(j.Copies, c)
	}
	return j
}

// A teller passes calls on to functions. It is safe for use by several goroutines.
type teller struct {
	mu      sync.Mutex
	observe func(copy int) error
	finish  func(copy int) error
}

func (r *teller) Observe(copy int, _ linear.Observation) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.observe(copy)
}

func (r *teller) Finish(copy int, _ linear.Final) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.finish(copy)
}

// checkBadJobs: a job that linear.Job.Check refuses is refused before anything is
// recorded.
func checkBadJobs(b linear.Backend, _ Tolerance) error {
	var wrong []error
	for name, spoil := range map[string]func(j *linear.Job){
		"negative steps":     func(j *linear.Job) { j.Steps = -1 },
		"two schedules":      func(j *linear.Job) { j.Schedule.PerDecade = 1 },
		"no copies":          func(j *linear.Job) { j.Copies = nil },
		"no task":            func(j *linear.Job) { j.Copies[3].Task = nil },
		"no such point":      func(j *linear.Job) { j.Copies[2].Task.Point.Bits = 40 },
		"no such example":    func(j *linear.Job) { j.Copies[2].Task.Examples = []int{8} },
		"too large a batch":  func(j *linear.Job) { j.Copies[0].Task.Batch = 9 },
		"NaN rate":           func(j *linear.Job) { j.Copies[4].LearningRate = math.NaN() },
		"NaN scale":          func(j *linear.Job) { j.Copies[4].InitScale = math.NaN() },
		"NaN rule":           func(j *linear.Job) { j.Copies[1].Rule.Beta = math.NaN() },
		"rule without layer": func(j *linear.Job) { j.Architecture, j.Copies[1].Rule.Gamma = network.Shallow(), 1 },
		"no hidden units":    func(j *linear.Job) { j.Architecture = network.Dense(0) },
		"weights of another": func(j *linear.Job) { j.Copies[1].Weights = &network.Weights{} },
		"teacher of another": func(j *linear.Job) { j.Copies[1].Task.Teacher = mat.NewDense(2, 2, nil) },
	} {
		j := goodJob()
		for i := range j.Copies { // each with a task of its own, to be spoilt alone
			task := *j.Copies[i].Task
			j.Copies[i].Task = &task
		}
		spoil(j)
		if j.Check() == nil {
			return fmt.Errorf("%s: the suite's bad job passes its check", name)
		}
		calls := 0
		count := func(int) error { calls++; return nil }
		if err := b.Train(context.Background(), j, &teller{observe: count, finish: count}); err == nil || calls > 0 {
			wrong = append(wrong, fmt.Errorf("%s: the error is %v after %d calls of the recorder, want one before any", name, err, calls))
		}
	}
	return errors.Join(wrong...)
}

// checkGivenWeights: given weights of a copy are where it starts, are not changed, and
// are not what it ends with.
func checkGivenWeights(b linear.Backend, _ Tolerance) error {
	j := goodJob()
	given, err := network.Initial(j.Architecture, paper, random.Stream{Seed: 77}, 0.3)
	if err != nil {
		return err
	}
	before := given.Clone()
	for i := range j.Copies {
		j.Copies[i].Weights = given
	}
	runs, err := trainChecked(context.Background(), b, j)
	if err != nil {
		return err
	}
	for m, layers := range before.Modules {
		for l := range layers {
			if !mat.Equal(given.Modules[m][l], layers[l]) {
				return fmt.Errorf("layer %d of the given weights was changed", l+1)
			}
		}
	}
	given.Modules[0][0].Set(0, 0, 99)
	for i, run := range runs {
		if run.Final.Weights.Modules[0][0].At(0, 0) == 99 {
			return fmt.Errorf("copy %d ends with the very weights that it was given", i)
		}
		for k := range i {
			if run.Final.Weights == runs[k].Final.Weights || run.Final.Weights.Modules[0][0] == runs[k].Final.Weights.Modules[0][0] {
				return fmt.Errorf("copies %d and %d end with the same weights", k, i)
			}
		}
	}
	return nil
}

// checkRecorderErrors: an error of the recorder ends the run, is returned, and is the
// last call.
func checkRecorderErrors(b linear.Backend, _ Tolerance) error {
	full := errors.New("the disk is full")
	for _, call := range []string{"Observe", "Finish"} {
		for fails := range 5 { // which of its calls fails
			calls, after := 0, 0
			count := func(name string) func(int) error {
				return func(int) error {
					if calls > fails {
						after++
						return full
					}
					if name == call {
						calls++
					}
					if calls > fails {
						return full
					}
					return nil
				}
			}
			err := b.Train(context.Background(), goodJob(), &teller{observe: count("Observe"), finish: count("Finish")})
			if !errors.Is(err, full) {
				return unexpected(err, fmt.Sprintf("the recorder's, whose call %d of %s failed", fails, call))
			}
			if after > 0 {
				return fmt.Errorf("call %d of %s failed, but %d more calls followed", fails, call, after)
			}
		}
	}
	return nil
}

// forever is a number of steps that no backend ends before a test does. A training
// that goes on after it was cancelled ends by the time limit of the test program,
// which shows where it is: a shorter limit here would fail on a busy machine.
const forever = 1 << 40

// checkCancelledBefore: a context that is cancelled already ends the run at once.
func checkCancelledBefore(b linear.Backend, _ Tolerance) error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	j := goodJob()
	j.Steps, j.Schedule = forever, train.Schedule{}
	finished := 0
	err := b.Train(ctx, j, &teller{
		observe: func(int) error { return nil },
		finish:  func(int) error { finished++; return nil },
	})
	return cancelled(err, finished)
}

// checkCancelledWithin: cancelling in the middle of a training ends it, whether
// the other copies have begun or not.
func checkCancelledWithin(b linear.Backend, _ Tolerance) error {
	for _, copies := range []int{1, 5, 40} {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		j := goodJob()
		j.Steps, j.Schedule = forever, train.Schedule{}
		for len(j.Copies) < copies {
			j.Copies = append(j.Copies, j.Copies[0])
		}
		j.Copies = j.Copies[:copies]
		finished := 0
		err := b.Train(ctx, j, &teller{
			observe: func(int) error {
				// Only where the training is by then depends on the time, not the verdict.
				time.AfterFunc(20*time.Millisecond, cancel)
				return nil
			},
			finish: func(int) error { finished++; return nil },
		})
		if err := cancelled(err, finished); err != nil {
			return fmt.Errorf("%d copies: %w", copies, err)
		}
	}
	return nil
}

func cancelled(err error, finished int) error {
	if !errors.Is(err, context.Canceled) {
		return unexpected(err, "context.Canceled")
	}
	if finished > 0 {
		return fmt.Errorf("%d copies were finished, but none had made all its steps", finished)
	}
	return nil
}

// unexpected says that Train returned another error, or none, than it should have.
func unexpected(err error, want string) error {
	if err == nil {
		return fmt.Errorf("training returned no error, but should have returned %s", want)
	}
	return fmt.Errorf("training returned another error than %s: %w", want, err)
}

// checkSameTwice: one job gives one result, bit by bit.
func checkSameTwice(b linear.Backend, _ Tolerance) error {
	first, err := trainChecked(context.Background(), b, manyCopies())
	if err != nil {
		return err
	}
	second, err := trainChecked(context.Background(), b, manyCopies())
	if err != nil {
		return err
	}
	for i := range first {
		if err := sameRun(second[i], first[i]); err != nil {
			return fmt.Errorf("the same job again: copy %d: %w", i, err)
		}
	}
	return nil
}

// checkIndependence: what a copy does depends on no other copy of its job, bit by bit:
// not on their number, their order or how they end. So a sweep may be cut into jobs
// anywhere, and resumed.
func checkIndependence(b linear.Backend, _ Tolerance) error {
	all, err := trainChecked(context.Background(), b, manyCopies())
	if err != nil {
		return err
	}
	for _, picked := range [][]int{{0}, {36}, {17, 3}, {35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17}} {
		j := manyCopies()
		copies := j.Copies
		j.Copies = nil
		for _, i := range picked {
			j.Copies = append(j.Copies, copies[i])
		}
		some, err := trainChecked(context.Background(), b, j)
		if err != nil {
			return err
		}
		for k, i := range picked {
			if err := sameRun(some[k], all[i]); err != nil {
				return fmt.Errorf("copy %d in a job of %d instead of %d: %w", i, len(picked), len(all), err)
			}
		}
	}
	return nil
}

// sameRun returns an error unless two runs agree bit by bit.
func sameRun(got, want linear.Run) error {
	if len(got.Trajectory) != len(want.Trajectory) || got.Final.Step != want.Final.Step || got.Final.Diverged != want.Final.Diverged {
		return fmt.Errorf("%d observations to step %d (diverged: %v), want %d to step %d (%v)", len(got.Trajectory),
			got.Final.Step, got.Final.Diverged, len(want.Trajectory), want.Final.Step, want.Final.Diverged)
	}
	for i, s := range want.Trajectory {
		if a, b := numbers(got.Trajectory[i]), numbers(s); !sameBits(a, b) {
			return fmt.Errorf("step %d was observed as %v, want %v", s.Step, a, b)
		}
	}
	for m, layers := range want.Final.Weights.Modules {
		for l, layer := range layers {
			if !sameBits(fromDense(got.Final.Weights.Modules[m][l]).flat(), fromDense(layer).flat()) {
				return fmt.Errorf("the final weights of module %d, layer %d differ", m+1, l+1)
			}
		}
	}
	return nil
}

// numbers lists all that was observed.
func numbers(o linear.Observation) []float64 {
	q := o.Quadrants
	return append([]float64{
		float64(o.Step), o.Train.Total, o.Train.Omega, o.Train.Gamma, o.Test.Total, o.Test.Omega, o.Test.Gamma,
		q.OmegaOmega, q.GammaOmega, q.OmegaGamma, q.GammaGamma, o.Systematicity,
	}, o.Modes...)
}

// sameBits reports whether two lists are equal bit by bit; NaN equals NaN.
func sameBits(a, b []float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if math.Float64bits(a[i]) != math.Float64bits(b[i]) && !(math.IsNaN(a[i]) && math.IsNaN(b[i])) {
			return false
		}
	}
	return true
}
