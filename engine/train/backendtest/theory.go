package backendtest

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/theory"
)

// alignedScenarios start every module balanced and aligned with its modes: layer
// by layer the weights carry a mode's strength a as a^{1/N}, from its right singular
// vector through a hidden unit of its own to its left one. There theory is
// exact: each mode follows the discrete recursion alone.
func alignedScenarios() []Scenario {
	var list []Scenario
	for _, c := range []struct {
		name string
		arch network.Architecture
		eta  float64
	}{
		{"shallow", network.Shallow(), 0.5},
		{"dense", network.Dense(9), 0.2},
		{"split", network.Split(8), 0.2},
		{"partitioned", network.Partitioned(8), 0.2},
		{"two hidden layers", network.Dense(8, 10), 0.1},
		{"three hidden layers", network.Dense(8, 9, 8), 0.05},
		{"five hidden layers", network.Dense(8, 8, 8, 8, 8), 0.05},
	} {
		list = append(list, build(c.name, c.arch, strong, func(j *linear.Job, copy *linear.Copy) {
			j.Steps, j.Schedule.Every, copy.LearningRate = 100, 5, c.eta
			copy.Weights = &network.Weights{}
			for _, m := range c.arch.Modules {
				copy.Weights.Modules = append(copy.Weights.Modules, aligned(m))
			}
		}))
	}
	return list
}

// startOf is the strength at which mode k of a module starts, a different one for each.
func startOf(k int) float64 { return 0.05 + 0.03*float64(k) }

// aligned returns a module's balanced and aligned weights. Its hidden layers must be
// at least as wide as it has directions.
func aligned(m network.Module) []*mat.Dense {
	shape := m.Shape(strong)
	layers := make([]*mat.Dense, len(shape)-1)
	for l := range layers {
		layers[l] = mat.NewDense(shape[l+1], shape[l], nil)
	}
	last, unit := len(layers)-1, 0
	for k, mode := range theory.Modes(strong, m.View()) {
		c := math.Pow(startOf(k), 1/float64(len(layers)))
		for _, set := range theory.Sets(strong, m.View(), mode.Kind) {
			u, v := theory.Vectors(strong, m.View(), set)
			if last == 0 {
				for i := range u {
					for j := range v {
						layers[0].Set(i, j, layers[0].At(i, j)+c*u[i]*v[j])
					}
				}
				continue
			}
			for j := range v {
				layers[0].Set(unit, j, c*v[j])
			}
			for l := 1; l < last; l++ {
				layers[l].Set(unit, unit, c)
			}
			for i := range u {
				layers[last].Set(i, unit, c*u[i])
			}
			unit++
		}
	}
	return layers
}

// checkTheory holds the recorded mode strengths against the exact discrete
// dynamics. The bound is that of training itself, which covers the roundings of
// the singular vectors in the initial weights, and the roundings of the theory's
// own steps: 2N + 4 of them a step, in each of N factors, amplified by no more
// than the mode's growth to the power (N−2)/N.
func checkTheory(b linear.Backend, job *linear.Job, tol Tolerance) error {
	runs, err := trainChecked(context.Background(), b, job)
	if err != nil {
		return err
	}
	x, err := expect(job, 0, tol)
	if err != nil {
		return err
	}
	if err := x.compare(runs[0]); err != nil {
		return err
	}
	bound := 0.0
	for _, g := range x.groups {
		if g.name == modeStrengths {
			bound = g.bound
		}
	}
	at, eta := 0, job.Copies[0].LearningRate
	for _, m := range job.Architecture.Modules {
		layers := len(m.Hidden) + 1
		for k, mode := range theory.Modes(strong, m.View()) {
			start, end := startOf(k), mode.Asymptote()
			predicted := func(step int) float64 { return theory.ShallowSteps(mode, eta, start, step) }
			if layers > 1 {
				curve := theory.DeepSteps(mode, eta, start, layers-1, job.Steps)
				predicted = func(step int) float64 { return curve[step] }
			}
			growth := math.Pow(math.Max(end/start, 1), math.Max(float64(layers-2), 0)/float64(layers))
			own := float64(layers) * float64(job.Steps*(2*layers+4)) * 0x1p-53 * growth * math.Max(start, end)
			for _, s := range runs[0].Trajectory {
				if d := math.Abs(s.Modes[at] - predicted(s.Step)); !(d <= bound+own) {
					return fmt.Errorf("%v mode of a module with %d layers has strength %v at step %d, but theory says %v: off by %.3g, more than %.3g",
						mode.Kind, layers, s.Modes[at], s.Step, predicted(s.Step), d, bound+own)
				}
			}
			at++
		}
	}
	return nil
}
