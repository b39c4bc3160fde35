package study

import (
	"context"
	"fmt"
	"math"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/prediction"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/theory"
)

// An iterated is one network in one setting of iterated learning: generation g
// trains from the same initial weights on the outputs of generation g−1, and
// generation 0 on the true labels.
type iterated struct {
	arch        network.Architecture
	task        *linear.Task
	eta         float64
	scale       float64 // σ
	steps       int     // of a generation
	generations int
	seeds       int
}

// job returns the job of generation 0 for seeds 0 … seeds−1.
func (s iterated) job(seeds int) *linear.Job {
	j := &linear.Job{Architecture: s.arch, Steps: s.steps}
	for seed := range seeds {
		j.Copies = append(j.Copies, linear.Copy{
			Task: s.task, LearningRate: s.eta,
			Stream: random.Stream{Seed: uint64(seed)}, InitScale: s.scale,
		})
	}
	return j
}

// A lineage is the sequence of generations that began with one seed.
type lineage struct {
	point     dataset.Point
	final     dataset.Quadrants   // of theory, at the end of learning the true labels
	measured  []prediction.Sample // the network after each generation
	predicted []prediction.Sample
}

// run trains all generations of all seeds and predicts them.
func (s iterated) run(ctx context.Context, backend linear.Backend) ([]lineage, error) {
	job := s.job(s.seeds)
	lineages := make([]lineage, s.seeds)
	for i := range lineages {
		var err error
		if lineages[i], err = s.predict(job, i); err != nil {
			return nil, err
		}
	}
	for g := range s.generations {
		runs, err := linear.Collect(ctx, backend, job)
		if err != nil {
			return nil, fmt.Errorf("generation %d: %w", g, err)
		}
		for i := range runs {
			last := runs[i].Last()
			lineages[i].measured = append(lineages[i].measured, prediction.Sample{Step: g, Modes: last.Modes, Quadrants: last.Quadrants})
			arch, err := s.arch.At(s.task.Point)
			if err != nil {
				return nil, err
			}
			labelled := *s.task
			labelled.Teacher = runs[i].Final.Weights.Map(arch, s.task.Point)
			job.Copies[i].Task = &labelled
		}
	}
	return lineages, nil
}

// predict returns the lineage of one copy of a job as theory has it, without
// measurements.
func (s iterated) predict(job *linear.Job, i int) (lineage, error) {
	arch, weights, err := job.Start(i)
	if err != nil {
		return lineage{}, err
	}
	predictor := prediction.New(s.task.Point, arch)
	sets, err := directionSets(predictor, weights)
	if err != nil {
		return lineage{}, err
	}
	_, final := predictor.End()
	return lineage{
		point:     s.task.Point,
		final:     final,
		predicted: predictGenerations(sets, s.eta, s.steps, s.generations),
	}, nil
}

// A directionSet is a mode of one module together with the initial strength of
// each of its directions.
type directionSet struct {
	mode   theory.Mode // with Multiplicity 1: one direction
	hidden int         // hidden layers of its module
	starts []float64
}

// directionSets returns the modes of a network with a(0) of every direction.
func directionSets(p *prediction.Predictor, weights *network.Weights) ([]directionSet, error) {
	starts, err := p.Starts(nil, weights)
	if err != nil {
		return nil, err
	}
	var sets []directionSet
	for k, mode := range p.Modes {
		mode.Multiplicity = 1
		sets = append(sets, directionSet{mode.Mode, mode.Hidden, starts[k]})
	}
	return sets, nil
}

// predictGenerations predicts a network after each generation. Labels of
// strength a_{g−1} in a direction make its singular value λ_g = δ·a_{g−1}, so one
// generation is the discrete dynamics towards a_{g−1} from the same a(0). In a
// Sample of the result, Step is the generation.
func predictGenerations(sets []directionSet, eta float64, steps, generations int) []prediction.Sample {
	samples := make([]prediction.Sample, generations)
	for g := range samples {
		samples[g] = prediction.Sample{Step: g, Modes: make([]float64, len(sets))}
	}
	for k, set := range sets {
		for _, start := range set.starts {
			strength := set.mode.Asymptote()
			for g := range samples {
				strength = set.learn(strength, start, eta, steps)
				samples[g].Modes[k] += strength / float64(len(set.starts))
				samples[g].Quadrants = samples[g].Quadrants.Add(theory.Quadrants([]theory.Mode{set.mode}, []float64{strength}))
			}
		}
	}
	return samples
}

// learn returns the strength of a direction after some steps on labels of the
// given strength.
func (d directionSet) learn(label, start, eta float64, steps int) float64 {
	mode := d.mode
	mode.SingularValue = mode.InputEigenvalue * label
	if d.hidden == 0 {
		return theory.ShallowSteps(mode, eta, start, steps)
	}
	recursion := theory.NewDeepRecursion(mode, eta, start, d.hidden)
	for range steps {
		recursion.Step()
	}
	return recursion.Strength()
}

// deviation returns the largest distance of predicted from measured norms over
// outputs and generations, each as a share of the norm that learning the true
// labels to the end would give. It is NaN unless both have the same generations.
func (l lineage) deviation() float64 {
	if len(l.measured) != len(l.predicted) {
		return math.NaN()
	}
	largest := 0.0
	for g := range l.measured {
		m, p := l.measured[g].Quadrants, l.predicted[g].Quadrants
		largest = math.Max(largest, math.Abs(m.Compositional()-p.Compositional())/l.final.Compositional())
		largest = math.Max(largest, math.Abs(m.NonCompositional()-p.NonCompositional())/l.final.NonCompositional())
	}
	return largest
}
