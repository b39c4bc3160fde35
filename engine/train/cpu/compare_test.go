package cpu

import (
	"context"
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/train"
	"modspec/engine/train/cpu/asm"
	"modspec/engine/train/reference"
)

// kernelSets are those that tests run on: the fastest alone when time is short.
func kernelSets[F asm.Float]() []*asm.Kernels[F] {
	sets := asm.Sets[F]()
	if testing.Short() {
		return sets[:1]
	}
	return sets
}

// collect trains a job.
func collect(t *testing.T, b linear.Backend, job *linear.Job) []linear.Run {
	t.Helper()
	runs, err := linear.Collect(context.Background(), b, job)
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

// numbersOf lists everything a copy left behind: trajectory and final weights.
func numbersOf(r linear.Run) (observed, weights []float64) {
	for _, o := range r.Trajectory {
		q := o.Quadrants
		observed = append(observed, o.Train.Total, o.Train.Omega, o.Train.Gamma,
			q.OmegaOmega, q.GammaOmega, q.OmegaGamma, q.GammaGamma)
		observed = append(observed, o.Modes...)
	}
	for _, layers := range r.Final.Weights.Modules {
		for _, l := range layers {
			weights = append(weights, l.RawMatrix().Data...)
		}
	}
	return observed, weights
}

// distance is the largest difference of two lists relative to the largest number
// of the second.
func distance(got, want []float64) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	worst, scale := 0.0, 0.0
	for i, w := range want {
		d := math.Abs(got[i] - w)
		if math.IsNaN(d) {
			return math.Inf(1)
		}
		worst, scale = math.Max(worst, d), math.Max(scale, math.Abs(w))
	}
	if scale == 0 {
		return worst
	}
	return worst / scale
}

// oddJobs are jobs whose sizes leave every remainder: outputs, coordinates and
// hidden units of 1 to 17, and copies that do not fill a vector.
func oddJobs() map[string]*linear.Job {
	jobs := map[string]*linear.Job{}
	add := func(name string, arch network.Architecture, p dataset.Point, rule network.Rule, batch int, examples []int) {
		job := &linear.Job{Architecture: arch, Steps: 300, Schedule: train.Schedule{Every: 75}}
		task := &linear.Task{Point: p, Batch: batch, Examples: examples}
		rate := 0.01
		if rule.Gamma > 0 {
			rate /= 10 // contrastive terms soon diverge, by way of chaos that no bound survives
		}
		for seed := range 5 {
			job.Copies = append(job.Copies, linear.Copy{
				Task: task, Rule: rule, LearningRate: rate * float64(1+seed),
				Stream: random.Stream{Seed: uint64(seed), Point: 7}, InitScale: 0.05,
			})
		}
		jobs[name] = job
	}
	gd := network.Rule{}
	for h := 1; h <= 17; h++ {
		add(fmt.Sprintf("dense %d", h), network.Dense(h), dataset.NewPoint(1+h%4, 1+h%2, h%2, 1+h%3, 1, 0.5), gd, 0, nil)
	}
	for bits := 1; bits <= 4; bits++ {
		for n := 1; n <= bits; n++ {
			p := dataset.NewPoint(bits, n, n, n%2, 1, 0.7)
			add(fmt.Sprintf("shallow %v", p), network.Shallow(), p, gd, 0, nil)
			add(fmt.Sprintf("split %v", p), network.Split(3+n), p, gd, 0, nil)
		}
	}
	paper := dataset.NewPoint(3, 3, 1, 3, 1, 1)
	mixed := network.Architecture{Name: "mixed", Modules: []network.Module{
		{Reads: dataset.Omega, Writes: dataset.Omega},
		{Reads: dataset.Both, Writes: dataset.Gamma, Hidden: []int{5}},
	}}
	overlapping := network.Architecture{Name: "overlapping", Modules: []network.Module{
		{Reads: dataset.Omega, Writes: dataset.Both, Hidden: []int{4}},
		{Reads: dataset.Both, Writes: dataset.Gamma, Hidden: []int{5, 3}},
	}}
	add("mixed", mixed, paper, gd, 0, nil)
	add("overlapping", overlapping, paper, gd, 0, nil)
	add("overlapping, contrastive", overlapping, paper, network.Rule{Gamma: 0.5}, 0, nil)
	add("partitioned", network.Partitioned(6), paper, gd, 0, nil)
	add("partitioned without r", network.Partitioned(6), dataset.NewPoint(3, 3, 1, 3, 1, 0), gd, 0, nil)
	add("deep", network.Dense(5, 7, 6), paper, gd, 0, nil)
	add("deep split, hebbian", network.Split(5, 7), paper, network.Rule{Beta: 0.001}, 0, nil)
	add("deep, anti-hebbian and predictive", network.Dense(5, 7), paper, network.Rule{Beta: -0.001, Gamma: -1}, 3, nil)
	add("contrastive", network.Dense(7), paper, network.Rule{Gamma: 1}, 0, nil)
	add("contrastive batches", network.Split(7), paper, network.Rule{Gamma: 1}, 5, nil)
	add("three examples", network.Dense(7), paper, gd, 0, []int{0, 5, 2})
	add("batches of two of three", network.Dense(7), paper, gd, 2, []int{0, 5, 2})
	return jobs
}

// float64Limit is what the backend promises in float64 over 300 steps. The
// suite of package backendtest derives far narrower bounds, job by job.
const float64Limit = 1e-10

// TestFloat64IsReference compares every odd job with package reference, in lanes
// and alone, on every kernel set.
func TestFloat64IsReference(t *testing.T) {
	for name, job := range oddJobs() {
		want := collect(t, reference.New(0), job)
		for _, k := range kernelSets[float64]() {
			for _, where := range []sides{inLanes, alone} {
				b, err := open(Options{Precision: Float64, Kernels: k.Set, Threads: 2}, where)
				if err != nil {
					t.Fatal(err)
				}
				for i, run := range collect(t, b, job) {
					observed, weights := numbersOf(run)
					wantObserved, wantWeights := numbersOf(want[i])
					if d := max(distance(observed, wantObserved), distance(weights, wantWeights)); !(d <= float64Limit) {
						t.Errorf("%s, %s, sides %d, copy %d: %.2g away from reference, want at most %g", name, k.Set, where, i, d, float64Limit)
					}
					if run.Final.Step != want[i].Final.Step || run.Final.Diverged != want[i].Final.Diverged {
						t.Errorf("%s: copy %d ends at step %d (diverged: %v), want %d (%v)", name, i,
							run.Final.Step, run.Final.Diverged, want[i].Final.Step, want[i].Final.Diverged)
					}
				}
			}
		}
	}
}

// TestKernelSetsAgree trains the odd jobs in float32 on every kernel set and on one
// thread and three, and compares bits.
func TestKernelSetsAgree(t *testing.T) {
	sets := kernelSets[float32]()
	for name, job := range oddJobs() {
		for _, where := range []sides{inLanes, alone} {
			var want []linear.Run
			for _, k := range sets {
				for _, threads := range []int{1, 3} {
					b, err := open(Options{Kernels: k.Set, Threads: threads}, where)
					if err != nil {
						t.Fatal(err)
					}
					got := collect(t, b, job)
					if want == nil {
						want = got
					}
					for i := range got {
						observed, weights := numbersOf(got[i])
						wantObserved, wantWeights := numbersOf(want[i])
						if distance(observed, wantObserved) != 0 || distance(weights, wantWeights) != 0 {
							t.Errorf("%s, sides %d: copy %d differs between %s and %s on %d threads", name, where, i, sets[0].Set, k.Set, threads)
						}
					}
				}
			}
		}
	}
}

// TestThreadsInsideACopy trains one network that is alone and large enough for
// its products to be shared, on one thread and several, and compares bits.
func TestThreadsInsideACopy(t *testing.T) {
	job := &linear.Job{Architecture: network.Dense(150), Steps: 3, Copies: []linear.Copy{{
		Task: &linear.Task{Point: dataset.NewPoint(7, 7, 3, 1, 1, 1)}, LearningRate: 0.1, InitScale: 0.01,
	}}}
	var want []linear.Run
	for _, threads := range []int{1, 2, 5} {
		b, err := New(Options{Threads: threads})
		if err != nil {
			t.Fatal(err)
		}
		got := collect(t, b, job)
		if want == nil {
			want = got
		}
		_, weights := numbersOf(got[0])
		_, wantWeights := numbersOf(want[0])
		if distance(weights, wantWeights) != 0 {
			t.Errorf("%d threads give other weights than one", threads)
		}
	}
}

// TestDivergenceStep trains lanes that diverge at different steps beside lanes that
// do not, and compares the steps with reference's.
func TestDivergenceStep(t *testing.T) {
	for name, arch := range map[string]network.Architecture{"dense": network.Dense(7), "split": network.Split(3), "shallow": network.Shallow(), "deep": network.Dense(3, 4)} {
		job := &linear.Job{Architecture: arch, Steps: 500, Schedule: train.Schedule{Every: 50}}
		for i := range 19 {
			job.Copies = append(job.Copies, linear.Copy{
				Task:         &linear.Task{Point: dataset.NewPoint(3, 3, 1, 3, 1, 1)},
				LearningRate: []float64{0.05, 2, 7, 100, 0.1}[i%5], InitScale: 0.1, Stream: random.Stream{Seed: uint64(i)},
			})
		}
		want := collect(t, reference.New(0), job)
		b, err := New(Options{Precision: Float64})
		if err != nil {
			t.Fatal(err)
		}
		diverged := 0
		for i, run := range collect(t, b, job) {
			if run.Final.Diverged != want[i].Final.Diverged || run.Final.Step != want[i].Final.Step || len(run.Trajectory) != len(want[i].Trajectory) {
				t.Errorf("%s: copy %d ends at step %d (diverged: %v) after %d observations, want %d (%v) after %d", name, i,
					run.Final.Step, run.Final.Diverged, len(run.Trajectory), want[i].Final.Step, want[i].Final.Diverged, len(want[i].Trajectory))
			}
			if run.Final.Diverged {
				diverged++
			}
		}
		if diverged == 0 || diverged == len(job.Copies) {
			t.Errorf("%s: %d of %d copies diverge, want some", name, diverged, len(job.Copies))
		}
	}
}

// TestStartsAreRounded checks that float32 starts at network.Initial's weights,
// projected in float64 and rounded: without a step, what comes back differs from
// them by the rounding of W1Q and of the other layers alone. Each of those is
// half a unit in the last place of a number below the largest weight times √ρ
// (a row of W1 times a unit vector is no longer than the row).
func TestStartsAreRounded(t *testing.T) {
	p := dataset.NewPoint(3, 3, 1, 3, 1, 1)
	job := &linear.Job{Architecture: network.Dense(9), Copies: []linear.Copy{
		{Task: &linear.Task{Point: p}, InitScale: 0.3, Stream: random.Stream{Seed: 5, Point: 9}},
		{Task: &linear.Task{Point: p}, Weights: &network.Weights{Modules: [][]*mat.Dense{{mat.NewDense(9, 27, nil), mat.NewDense(9, 9, nil)}}}},
	}}
	b, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	runs := collect(t, b, job)
	want, err := network.Initial(job.Architecture, p, job.Copies[0].Stream, 0.3)
	if err != nil {
		t.Fatal(err)
	}
	for l, layer := range want.Modules[0] {
		got := runs[0].Final.Weights.Modules[0][l].RawMatrix().Data
		_, cols := layer.Dims()
		for i, v := range layer.RawMatrix().Data {
			if l == 1 && got[i] != float64(float32(v)) {
				t.Fatalf("weight %d of the last layer starts at %v, want %v", i, got[i], float32(v))
			}
			row := mat.Norm(layer.RowView(i/cols), 2)
			if math.Abs(got[i]-v) > 0x1p-24*row*math.Sqrt(8) {
				t.Fatalf("weight %d of layer %d starts at %v, want %v", i, l+1, got[i], v)
			}
		}
	}
	for _, layer := range runs[1].Final.Weights.Modules[0] {
		if mat.Norm(layer, 1) != 0 {
			t.Error("weights given as zeros do not start at 0")
		}
	}
}
