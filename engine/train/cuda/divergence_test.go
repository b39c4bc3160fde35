//go:build gpu

package cuda

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/cuda/cudatest"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/train"
)

// A copy of which one module diverges ends at that step with what its other module had
// come to by then: bit by bit the weights of a network of that module alone after as
// many steps.
func TestTheOtherModuleOfADivergedCopy(t *testing.T) {
	cudatest.NeedDevice(t)
	arch := network.Split(5)
	weights, err := network.Initial(arch, paperPoint, random.Stream{Seed: 3}, 0.3)
	if err != nil {
		t.Fatal(err)
	}
	rate := 0.0
	job := func(modules []int, steps int) *linear.Job {
		j := &linear.Job{Architecture: network.Architecture{Name: "part"}, Steps: steps, Schedule: train.Schedule{Every: 1}}
		c := linear.Copy{Task: &linear.Task{Point: paperPoint}, LearningRate: rate, Weights: &network.Weights{}}
		for _, m := range modules {
			j.Architecture.Modules = append(j.Architecture.Modules, arch.Modules[m])
			c.Weights.Modules = append(c.Weights.Modules, weights.Modules[m])
		}
		j.Copies = []linear.Copy{c}
		return j
	}
	b := opened(t, Options{})
	const steps = 200
	var at [2]int // when each module diverges alone
	for rate = 3; ; rate *= 0.9 {
		if rate < 0.01 {
			t.Fatal("both modules diverge together at every rate, so this tests nothing")
		}
		for m := range at {
			alone := collected(t, b, job([]int{m}, steps))[0]
			at[m] = steps + 1
			if alone.Final.Diverged {
				at[m] = alone.Final.Step
			}
		}
		if at[0] != at[1] {
			break
		}
	}
	both := collected(t, b, job([]int{0, 1}, steps))[0]
	first, other := 0, 1
	if at[1] < at[0] {
		first, other = 1, 0
	}
	if !both.Final.Diverged || both.Final.Step != at[first] || len(both.Trajectory) != at[first] {
		t.Fatalf("the copy diverged (%v) at step %d after %d observations, its module at step %d", both.Final.Diverged, both.Final.Step, len(both.Trajectory), at[first])
	}
	alone := collected(t, b, job([]int{other}, at[first]))[0]
	for l, want := range alone.Final.Weights.Modules[0] {
		if got := both.Final.Weights.Modules[other][l]; !mat.Equal(got, want) {
			t.Errorf("layer %d of the other module is not what it is alone after %d steps", l+1, at[first])
		}
	}
	if math.IsNaN(mat.Sum(alone.Final.Weights.Modules[0][0])) {
		t.Error("the other module's weights are not numbers, so this tests nothing")
	}
}
