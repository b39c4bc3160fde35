package study

import (
	"context"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/train"
)

// hidden is the width of the paper's hidden layers.
const hidden = 50

// The standard deviations of the paper's initial weights.
const (
	smallScale = 0.01 / 50 // dense and shallow networks
	splitScale = 0.1 / 50  // split networks
)

// paperPoint is the dataset of the paper's dynamics figures.
var paperPoint = dataset.NewPoint(3, 3, 1, 3, 1, 1)

// eta turns the published scripts' step_size into the learning rate of a loss
// that is a mean over the P examples: η = P·step_size.
func eta(p dataset.Point, stepSize float64) float64 {
	return float64(p.Examples()) * stepSize
}

// setting is a training run as a study states it: one architecture on one
// dataset at one learning rate.
type setting struct {
	arch  network.Architecture
	task  *linear.Task
	rule  network.Rule
	eta   float64
	scale float64 // σ
	steps int
	every int // steps between recordings
}

// job returns the setting's job for seeds 0 … seeds−1.
func (s setting) job(seeds int) *linear.Job {
	j := &linear.Job{
		Architecture: s.arch, Steps: s.steps,
		Schedule: train.Schedule{Every: s.every},
	}
	for seed := range seeds {
		j.Copies = append(j.Copies, linear.Copy{
			Task: s.task, Rule: s.rule, LearningRate: s.eta,
			Stream: random.Stream{Seed: uint64(seed)}, InitScale: s.scale,
		})
	}
	return j
}

// run trains the setting for seeds 0 … seeds−1.
func (s setting) run(ctx context.Context, backend linear.Backend, seeds int) ([]linear.Run, error) {
	return linear.Collect(ctx, backend, s.job(seeds))
}

// recordedSteps returns the recorded steps of a run, for use as an x axis.
func recordedSteps(r linear.Run) []float64 {
	return column(r, func(o linear.Observation) float64 { return float64(o.Step) })
}

// column returns one quantity of each observation of a run.
func column(r linear.Run, of func(linear.Observation) float64) []float64 {
	out := make([]float64, len(r.Trajectory))
	for i, o := range r.Trajectory {
		out[i] = of(o)
	}
	return out
}
