package backendtest

import (
	"context"
	"errors"
	"fmt"
	"math"

	"modspec/engine/cmnist"
	"modspec/engine/random"
)

var background = context.Background()

// checkBadJobs: a job that cannot be run is refused before anything is reported.
func checkBadJobs(b cmnist.Backend, _ float64) error {
	for name, spoil := range map[string]func(j *cmnist.Job){
		"no data":       func(j *cmnist.Job) { j.Data = nil },
		"no runs":       func(j *cmnist.Job) { j.Runs = nil },
		"epochs":        func(j *cmnist.Job) { j.Epochs = -1 },
		"batch":         func(j *cmnist.Job) { j.Batch = 0 },
		"large batch":   func(j *cmnist.Job) { j.Batch = 9 },
		"rate":          func(j *cmnist.Job) { j.LearningRate = math.NaN() },
		"momentum":      func(j *cmnist.Job) { j.Momentum = 1 },
		"scale":         func(j *cmnist.Job) { j.InitScale = math.Inf(1) },
		"probe":         func(j *cmnist.Job) { j.Probe = -1 },
		"network":       func(j *cmnist.Job) { j.Runs[1].Network.Towers = nil },
		"late start":    func(j *cmnist.Job) { j.Runs[1].From = &cmnist.Checkpoint{Epoch: 3} },
		"foreign start": func(j *cmnist.Job) { j.Runs[1].From = &cmnist.Checkpoint{Epoch: 1} },
	} {
		j := goodJob()
		spoil(j)
		if j.Check() == nil {
			return fmt.Errorf("%s: the suite's bad job passes its check", name)
		}
		r, err := train(b, j)
		if err == nil || len(r.observations) > 0 {
			return fmt.Errorf("%s: the error is %v after %d reports, want one before any", name, err, len(r.observations))
		}
	}
	return nil
}

// checkIndependence: what a run does depends on no other run of its job.
func checkIndependence(b cmnist.Backend, _ float64) error {
	j := goodJob()
	j.Runs = append(j.Runs, cmnist.Run{Network: networks[0], Stream: random.Stream{Seed: 9}})
	all, err := train(b, j)
	if err != nil {
		return err
	}
	runs := j.Runs
	for _, picked := range [][]int{{1}, {2, 0}} {
		j.Runs = nil
		for _, i := range picked {
			j.Runs = append(j.Runs, runs[i])
		}
		some, err := train(b, j)
		if err != nil {
			return err
		}
		for k, i := range picked {
			if err := sameCheckpoint(some.saved[k][2], all.saved[i][2]); err != nil {
				return fmt.Errorf("run %d, beside %d others instead of 2: %w", i+1, len(picked)-1, err)
			}
		}
	}
	return nil
}

// checkDivergence: a run that diverges says so once, ends there, and harms no
// other.
func checkDivergence(b cmnist.Backend, _ float64) error {
	j := goodJob()
	alone, err := train(b, j)
	if err != nil {
		return err
	}
	bad := j.Runs[0]
	w, err := j.Start(0)
	if err != nil {
		return err
	}
	for i := range w.Parameters[0][6].Biases {
		w.Parameters[0][6].Biases[i] = 1e200 // finite, but its square is not, nor is it in float32
	}
	bad.From = w
	j.Runs = append([]cmnist.Run{bad}, j.Runs...)
	r, err := train(b, j)
	if err != nil {
		return err
	}
	if list := r.observations[0]; len(list) != 1 || !list[0].Diverged || list[0].Probe != nil {
		return fmt.Errorf("a run whose error is not finite was observed as %+v, want it to end as diverged", list)
	}
	for i := range 2 {
		if err := sameCheckpoint(r.saved[i+1][2], alone.saved[i][2]); err != nil {
			return fmt.Errorf("run %d, beside a diverging one: %w", i+1, err)
		}
	}
	return nil
}

// checkRecorderErrors: an error of the recorder ends the training, is returned, and
// is the last call.
func checkRecorderErrors(b cmnist.Backend, _ float64) error {
	full := errors.New("the disk is full")
	for fails := range 4 {
		calls, after := 0, 0
		r := &recorder{fail: func(int, cmnist.Observation) error {
			calls++
			if calls > fails+1 {
				after++
			}
			if calls > fails {
				return full
			}
			return nil
		}, observations: map[int][]cmnist.Observation{}, saved: map[int][]*cmnist.Checkpoint{}}
		if err := b.Train(background, goodJob(), r); !errors.Is(err, full) || after > 0 {
			return fmt.Errorf("report %d failed: the error is %v, and %d more reports followed", fails+1, err, after)
		}
	}
	return nil
}

// checkCancelled: a cancelled context ends a training that would never end, and a
// run reports at most the epoch that it was in. A training that goes on is ended by
// the time limit of the test program.
func checkCancelled(b cmnist.Backend, _ float64) error {
	j := goodJob()
	j.Epochs, j.Probe = math.MaxInt, 0
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	after := map[int]int{} // reports of each run after the cancelling
	err := b.Train(ctx, j, &recorder{fail: func(run int, o cmnist.Observation) error {
		if ctx.Err() != nil {
			after[run]++
		} else if o.Epoch == 1 {
			cancel()
		}
		return nil
	}, observations: map[int][]cmnist.Observation{}, saved: map[int][]*cmnist.Checkpoint{}})
	if !errors.Is(err, context.Canceled) {
		return fmt.Errorf("the error is %v, want context.Canceled", err)
	}
	for run, reports := range after {
		if reports > 1 {
			return fmt.Errorf("run %d reported %d epochs after it was cancelled, want the one that it was in at most", run, reports)
		}
	}
	return nil
}
