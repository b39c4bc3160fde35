package reference_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	programs "modspec/engine/backend/reference"
	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/train"
	"modspec/engine/train/backendtest"
	"modspec/engine/train/reference"
)

// programBackend trains every copy by its program, on the reference. It looks for
// divergence after each step and in the way of train/reference, so that the two can be
// compared there too.
type programBackend struct{}

func (programBackend) Name() string { return "program" }
func (programBackend) Close() error { return nil }

func (b programBackend) Train(ctx context.Context, job *linear.Job, to linear.Recorder) error {
	if err := job.Check(); err != nil {
		return err
	}
	for i := range job.Copies {
		if err := b.trainCopy(ctx, job, i, to); err != nil {
			return err
		}
	}
	return nil
}

func (programBackend) trainCopy(ctx context.Context, job *linear.Job, i int, to linear.Recorder) error {
	c := &job.Copies[i]
	arch, err := job.Architecture.At(c.Task.Point)
	if err != nil {
		return err
	}
	t, err := c.Program(arch)
	if err != nil {
		return err
	}
	m, err := programs.NewMachine(t, c.Run())
	if err != nil {
		return err
	}
	observer, err := linear.NewObserver(c.Task, arch)
	if err != nil {
		return err
	}
	record := job.Schedule.Steps(job.Steps)
	for step := 0; ; step++ {
		observed, err := m.Observe()
		if err != nil {
			return err
		}
		maps := c.Maps(arch, observed)
		whole := mat.NewDense(c.Task.Point.Outputs(), c.Task.Point.Inputs(), nil)
		for k, module := range arch.Modules {
			part := module.Part(whole, c.Task.Point)
			part.Add(part, maps[k])
		}
		norm := mat.Norm(whole, 2)
		diverged := !finite(norm * norm)
		if !diverged && step == record[0] {
			o := observer.Observe(step, maps)
			if diverged = !o.Finite(); !diverged {
				if err := to.Observe(i, o); err != nil {
					return err
				}
				record = record[1:]
			}
		}
		if diverged || step == job.Steps {
			w := weightsOf(arch, c.Task.Point, m.Place().Variables)
			return to.Finish(i, linear.Final{Step: step, Diverged: diverged || !finite(slices.Concat(m.Place().Variables...)...), Weights: w})
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := m.Step(); err != nil {
			return err
		}
	}
}

func finite(values ...float64) bool {
	return !slices.ContainsFunc(values, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
}

// weightsOf returns the variables of a program as weights.
func weightsOf(arch network.Architecture, p dataset.Point, variables [][]float64) *network.Weights {
	w := &network.Weights{}
	for _, m := range arch.Modules {
		shape := m.Shape(p)
		var layers []*mat.Dense
		for l := range shape[1:] {
			layers = append(layers, mat.NewDense(shape[l+1], shape[l], slices.Clone(variables[0])))
			variables = variables[1:]
		}
		w.Modules = append(w.Modules, layers)
	}
	return w
}

// TestProgramIsTheReference trains every scenario of the suite by its program and by
// train/reference. Both are float64, and differ only in the order of sums. Where training
// does not enlarge a disturbance that leaves differences of N·s·k·u relative to the
// largest number of a group, with N = 40 to 150 steps, s < 200 terms in a step's sums
// and k about 1, at most 3·10⁻¹² in the worst case and √(N·s)·u ≈ 2·10⁻¹⁴ where roundings
// are independent; 10⁻¹² is between the two. The largest that was seen is 2.5·10⁻¹⁵.
func TestProgramIsTheReference(t *testing.T) {
	const bound = 1e-12
	for _, s := range backendtest.Scenarios() {
		t.Run(s.Name, func(t *testing.T) {
			got, err := linear.Collect(t.Context(), programBackend{}, s.Job())
			if err != nil {
				t.Fatal(err)
			}
			want, err := linear.Collect(t.Context(), reference.New(1), s.Job())
			if err != nil {
				t.Fatal(err)
			}
			for i := range want {
				compareRuns(t, i, &got[i], &want[i], bound)
			}
		})
	}
}

func compareRuns(t *testing.T, copy int, got, want *linear.Run, bound float64) {
	t.Helper()
	if len(got.Trajectory) != len(want.Trajectory) || got.Final.Step != want.Final.Step || got.Final.Diverged != want.Final.Diverged {
		t.Fatalf("copy %d: %d observations to step %d, want %d to step %d", copy, len(got.Trajectory), got.Final.Step, len(want.Trajectory), want.Final.Step)
	}
	groups := func(r *linear.Run) map[string][]float64 {
		g := map[string][]float64{}
		for _, o := range r.Trajectory {
			q := o.Quadrants
			g["losses"] = append(g["losses"], o.Train.Total, o.Train.Omega, o.Train.Gamma)
			g["test losses"] = append(g["test losses"], o.Test.Total, o.Test.Omega, o.Test.Gamma)
			g["quadrants"] = append(g["quadrants"], q.OmegaOmega, q.GammaOmega, q.OmegaGamma, q.GammaGamma)
			g["modes"] = append(g["modes"], o.Modes...)
			g["systematicity"] = append(g["systematicity"], o.Systematicity)
		}
		for _, layers := range r.Final.Weights.Modules {
			for _, l := range layers {
				g["weights"] = append(g["weights"], mat.DenseCopyOf(l).RawMatrix().Data...)
			}
		}
		return g
	}
	have := groups(got)
	for name, list := range groups(want) {
		largest, worst := 0.0, 0.0
		for k, v := range list {
			if w := have[name][k]; !(math.IsNaN(v) && math.IsNaN(w)) {
				largest = math.Max(largest, math.Abs(v))
				worst = math.Max(worst, math.Abs(v-w)) // NaN stays
			}
		}
		if !(worst <= bound*largest) {
			t.Errorf("copy %d, %s: off by %.3g of %.3g, more than %.3g of it", copy, name, worst, largest, bound)
		}
	}
}

// TestProgramDivergesWithTheReference: at the same step, whatever the depth. The
// numbers grow by many orders of magnitude a step there, so roundings do not move it.
func TestProgramDivergesWithTheReference(t *testing.T) {
	for _, arch := range []network.Architecture{network.Dense(5), network.Dense(4, 3), network.Shallow()} {
		job := &linear.Job{
			Architecture: arch, Steps: 400, Schedule: train.Schedule{Every: 50},
			Copies: []linear.Copy{{Task: &linear.Task{Point: dataset.NewPoint(3, 3, 1, 3, 1, 1)}, LearningRate: 1000, InitScale: 0.2, Stream: random.Stream{Seed: 1}}},
		}
		var ends []linear.Final
		for _, b := range []linear.Backend{programBackend{}, reference.New(1)} {
			runs, err := linear.Collect(t.Context(), b, job)
			if err != nil {
				t.Fatal(err)
			}
			ends = append(ends, runs[0].Final)
		}
		if got, want := ends[0], ends[1]; !want.Diverged || got.Diverged != want.Diverged || got.Step != want.Step {
			t.Errorf("%s, depth %d: diverged %v at step %d, want %v at step %d", arch.Name, len(arch.Modules[0].Hidden), got.Diverged, got.Step, want.Diverged, want.Step)
		}
	}
}
