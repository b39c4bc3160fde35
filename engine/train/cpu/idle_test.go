package cpu

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/train"
)

// fewAndMany are jobs of one shape that leave different things behind in a group: all
// its lanes used, one of them, and copies that diverge.
func fewAndMany() map[string]*linear.Job {
	jobs := oddJobs()
	for name, shape := range map[string]struct {
		copies int
		rate   float64
	}{"one copy": {1, 0.16}, "forty copies": {40, 0.16}, "copies that diverge": {11, 60}, "nine copies": {9, 0.08}} {
		job := &linear.Job{Architecture: network.Dense(50), Steps: 40, Schedule: train.Schedule{Every: 13}}
		for i := range shape.copies {
			job.Copies = append(job.Copies, linear.Copy{
				Task: &linear.Task{Point: paper}, LearningRate: shape.rate, InitScale: 0.1, Stream: random.Stream{Seed: uint64(i), Point: uint64(shape.copies)},
			})
		}
		jobs[name] = job
	}
	return jobs
}

// sameRuns fails unless two jobs' runs have the same bits.
func sameRuns(t *testing.T, name string, got, want []linear.Run) {
	t.Helper()
	for i := range want {
		observed, weights := numbersOf(got[i])
		wantObserved, wantWeights := numbersOf(want[i])
		if got[i].Final.Step != want[i].Final.Step || got[i].Final.Diverged != want[i].Final.Diverged || fmt.Sprint(observed, weights) != fmt.Sprint(wantObserved, wantWeights) {
			t.Errorf("%s: copy %d is not what it is on a new backend", name, i)
			return
		}
	}
}

// A job has the same bits on a backend that has trained others before, and ended one
// of them early, as on a new one.
func TestJobsLeaveNothingToTheNext(t *testing.T) {
	for _, precision := range []Precision{Float32, Float64} {
		options := Options{Threads: 2, Precision: precision}
		jobs := fewAndMany()
		want := map[string][]linear.Run{}
		for name, job := range jobs {
			b, err := New(options)
			if err != nil {
				t.Fatal(err)
			}
			want[name] = collect(t, b, job)
		}
		b, err := New(options)
		if err != nil {
			t.Fatal(err)
		}
		names := slices.Sorted(maps.Keys(jobs))
		for round := range 3 {
			for i, name := range names {
				if (i+round)%3 == 0 {
					if err := b.Train(context.Background(), jobs[name], refusing{}); !errors.Is(err, errRefused) {
						t.Errorf("%s: a recorder's error comes back as %v", name, err)
					}
				}
				sameRuns(t, fmt.Sprintf("%s, %s, round %d", precision, name, round), collect(t, b, jobs[name]), want[name])
			}
			slices.Reverse(names)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

var errRefused = errors.New("refused")

// refusing is a recorder that ends a job in its middle.
type refusing struct{}

func (refusing) Observe(_ int, o linear.Observation) error {
	if o.Step > 0 {
		return errRefused
	}
	return nil
}
func (refusing) Finish(int, linear.Final) error { return errRefused }

// Jobs that run on one backend at once do not share a group, and small groups alone
// are kept.
func TestIdleWorkersServeOneJobAtATime(t *testing.T) {
	b, err := New(Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	jobs := fewAndMany()
	want := map[string][]linear.Run{}
	for name, job := range jobs {
		want[name] = collect(t, b, job)
	}
	var all sync.WaitGroup
	for range 3 {
		for name, job := range jobs {
			all.Go(func() {
				got, err := linear.Collect(context.Background(), b, job)
				if err != nil {
					t.Error(err)
					return
				}
				sameRuns(t, name, got, want[name])
			})
		}
	}
	all.Wait()
	p := b.pool.(*pool[float32])
	if len(p.idle) == 0 || len(p.idle) > p.threads {
		t.Errorf("%d workers are kept, want one for each of %d threads at most", len(p.idle), p.threads)
	}
	large := &linear.Job{Architecture: network.Dense(600), Steps: 1, Copies: []linear.Copy{{Task: &linear.Task{Point: paper}, LearningRate: 0.1, InitScale: 0.1}}}
	b.Close()
	collect(t, b, large)
	if len(p.idle) != 0 {
		t.Error("a large group is kept")
	}
}
