package reference_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/train"
	"modspec/engine/train/reference"
)

// copies is a job of copies that differ in r, seed and rate; two of them diverge.
func copies() *linear.Job {
	j := &linear.Job{Architecture: network.Split(5), Steps: 60, Schedule: train.Schedule{Every: 20}}
	for i := range 11 {
		c := linear.Copy{
			Task:         &linear.Task{Point: dataset.NewPoint(3, 3, 1, 2, 1, 0.5*float64(i%4)), Batch: []int{0, 3, 8}[i%3]},
			LearningRate: 0.05, InitScale: 0.2, Stream: random.Stream{Seed: uint64(i)},
		}
		if i == 2 || i == 7 {
			c.LearningRate = 500
		}
		j.Copies = append(j.Copies, c)
	}
	return j
}

func collect(t *testing.T, threads int, j *linear.Job) []linear.Run {
	t.Helper()
	runs, err := linear.Collect(context.Background(), reference.New(threads), j)
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

// identicalRun fails unless two runs agree bit by bit, NaN with NaN.
func identicalRun(t *testing.T, name string, got, want linear.Run) {
	t.Helper()
	same := func(a, b float64) bool {
		return math.Float64bits(a) == math.Float64bits(b) || math.IsNaN(a) && math.IsNaN(b)
	}
	if len(got.Trajectory) != len(want.Trajectory) || got.Final.Step != want.Final.Step || got.Final.Diverged != want.Final.Diverged {
		t.Fatalf("%s: %d observations to step %d (diverged: %v), want %d to step %d (%v)", name, len(got.Trajectory),
			got.Final.Step, got.Final.Diverged, len(want.Trajectory), want.Final.Step, want.Final.Diverged)
	}
	for i, w := range want.Trajectory {
		g := got.Trajectory[i]
		if g.Step != w.Step || !same(g.Train.Total, w.Train.Total) || !same(g.Systematicity, w.Systematicity) || g.Quadrants != w.Quadrants {
			t.Fatalf("%s: step %d is %+v, want %+v", name, w.Step, g, w)
		}
	}
	for m, layers := range want.Final.Weights.Modules {
		for l, layer := range layers {
			a, b := flat(got.Final.Weights.Modules[m][l]), flat(layer)
			for i := range b {
				if !same(a[i], b[i]) {
					t.Fatalf("%s: weight %d of module %d, layer %d is %v, want %v", name, i, m, l, a[i], b[i])
				}
			}
		}
	}
}

func TestThreadsDoNotMatter(t *testing.T) {
	one := collect(t, 1, copies())
	for _, threads := range []int{0, 2, 4, 40} {
		for i, run := range collect(t, threads, copies()) {
			identicalRun(t, "the same job on other threads", run, one[i])
		}
	}
}

// A copy that diverges is finished with the first step at which the squared
// norm of its map is no number any more, found here by training for every
// smaller number of steps; the others do not notice.
func TestDivergenceIsReportedWithItsStep(t *testing.T) {
	runs := collect(t, 2, copies())
	for i, run := range runs {
		j := copies()
		j.Copies = j.Copies[i : i+1]
		identicalRun(t, "alone", collect(t, 1, j)[0], run)
		if run.Final.Diverged != (i == 2 || i == 7) {
			t.Errorf("copy %d: diverged is %v", i, run.Final.Diverged)
		}
		if !run.Final.Diverged {
			continue
		}
		for j.Steps = 0; j.Steps <= run.Final.Step; j.Steps++ {
			short := collect(t, 1, j)[0]
			if short.Final.Diverged != (j.Steps == run.Final.Step) {
				t.Errorf("copy %d diverges at step %d, but after %d steps diverged is %v", i, run.Final.Step, j.Steps, short.Final.Diverged)
			}
			norm := mat.Norm(short.Final.Weights.Map(j.Architecture, j.Copies[0].Task.Point), 2)
			if square := norm * norm; (math.IsNaN(square) || math.IsInf(square, 0)) != short.Final.Diverged {
				t.Errorf("copy %d after %d steps: the map's norm is %v, diverged is %v", i, j.Steps, norm, short.Final.Diverged)
			}
		}
	}
}

// Weights that overflow in the last step, behind a layer of zeros, do not show in
// the map, but are not handed out as good ones. With η = 0 the Hebbian term alone
// moves W1, and W2 stays 0 until it meets them.
func TestHiddenOverflowIsDivergence(t *testing.T) {
	p := dataset.NewPoint(2, 2, 1, 1, 1, 1)
	start, err := network.Initial(network.Dense(3), p, random.Stream{}, 10)
	if err != nil {
		t.Fatal(err)
	}
	start.Modules[0][1].Zero()
	hidden := false
	for steps := range 20 {
		run := collect(t, 1, &linear.Job{
			Architecture: network.Dense(3), Steps: steps,
			Copies: []linear.Copy{{Task: &linear.Task{Point: p}, Rule: network.Rule{Beta: 1}, Weights: start}},
		})[0]
		w := run.Final.Weights.Modules[0]
		overflow := false
		for _, v := range flat(w[0]) {
			overflow = overflow || math.IsNaN(v) || math.IsInf(v, 0)
		}
		if overflow != run.Final.Diverged {
			t.Errorf("after %d steps W1 is %v, but diverged is %v", run.Final.Step, mat.Formatted(w[0]), run.Final.Diverged)
		}
		hidden = hidden || overflow && mat.Norm(w[1], 2) == 0
	}
	if !hidden {
		t.Error("W1 never overflowed behind a W2 of zeros: the test tests nothing")
	}
}

func TestJobsPastTheLimitAreRefused(t *testing.T) {
	j := copies()
	j.Architecture = network.Shallow()
	j.Copies = []linear.Copy{{Task: &linear.Task{Point: dataset.NewPoint(12, 12, 1, 3, 0, 1)}}}
	_, err := linear.Collect(context.Background(), reference.New(1), j)
	if err == nil || !strings.Contains(err.Error(), "Σ_x would have 12300 × 12300 elements") {
		t.Errorf("the error is %v, want one that names the limit", err)
	}
}

// The context's own cause is what Train returns, and a recorder that panics
// does not take the program with it.
func TestCausesAreReturned(t *testing.T) {
	why := errors.New("the user closed the window")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(why)
	if _, err := linear.Collect(ctx, reference.New(2), copies()); !errors.Is(err, why) {
		t.Errorf("Train returned %v, want the context's cause", err)
	}
	err := reference.New(2).Train(context.Background(), copies(), broken{})
	if err == nil || !strings.Contains(err.Error(), "reference backend, copy") || !strings.Contains(err.Error(), "the recorder is broken") {
		t.Errorf("Train returned %v, want the panic as an error", err)
	}
}

// broken is a recorder that panics.
type broken struct{}

func (broken) Observe(int, linear.Observation) error { panic("the recorder is broken") }
func (broken) Finish(int, linear.Final) error        { panic("the recorder is broken") }
