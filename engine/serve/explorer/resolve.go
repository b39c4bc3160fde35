package explorer

import (
	"fmt"
	"slices"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/model"
	"modspec/engine/network"
	"modspec/engine/results"
	"modspec/engine/serve"
	"modspec/engine/train"
)

// An Explorer answers for one network at a time; it may be asked by several
// goroutines at once.
type Explorer struct {
	// Open opens a backend in float64 for one training, which closes it.
	Open func() (linear.Backend, error)
}

var _ serve.Networks = (*Explorer)(nil)

// precision is that of trainings and of theory.
const precision = "float64"

// Resolve implements serve.Networks.
func (e *Explorer) Resolve(given map[string]string) (serve.Network, error) {
	v, err := read(given)
	if err != nil {
		return serve.Network{}, err
	}
	p, err := v.parameters()
	return serve.Network{Parameters: p, Seed: v.seed}, err
}

func (v *values) parameters() (results.Parameters, error) {
	var none results.Parameters
	bits := v.count("bits", defaultBits)
	point := dataset.NewPoint(bits, v.count("nx", bits), v.count("ny", 1), v.count("kx", 3), v.count("ky", 1), v.numbers["r"])
	if err := point.Validate(); err != nil {
		return none, err
	}
	arch, err := network.ByName(v.texts["arch"], slices.Repeat([]int{v.count("hidden", 50)}, v.count("depth", 1))...)
	if err != nil {
		return none, err
	}
	rule, err := v.rule()
	if err != nil {
		return none, err
	}
	task := &linear.Task{Point: point}
	examples := v.count("train_examples", point.Examples())
	if examples != point.Examples() {
		if task.Examples, err = point.FirstExamples(examples); err != nil {
			return none, err
		}
	}
	if batch := v.count("batch", examples); batch != examples {
		task.Batch = batch
	}
	c := linear.Copy{Task: task, Rule: rule, LearningRate: v.numbers["lr"], InitScale: v.numbers["init_scale"]}
	m, err := model.New(arch, c, v.count("steps", 300)) // asks the packages that would run it
	if err != nil {
		return none, err
	}
	return parametersOf(m.Parameters()), nil
}

// rule returns the learning rule. A strength that the rule does not have, or one
// of the wrong sign, would silently be another rule, so it is refused.
func (v *values) rule() (network.Rule, error) {
	name := v.texts["rule"]
	rule, err := network.RuleByName(name)
	if err != nil {
		return rule, err
	}
	for _, s := range []struct {
		name string
		to   *float64
	}{{"gamma", &rule.Gamma}, {"beta", &rule.Beta}} {
		value, given := v.numbers[s.name]
		if !given {
			continue
		}
		if *s.to == 0 {
			return rule, fmt.Errorf("%s is %v, but the rule %s has no %s; leave it out", s.name, value, name, s.name)
		}
		if !(value**s.to > 0) {
			side := map[bool]string{true: "above", false: "below"}[*s.to > 0]
			return rule, fmt.Errorf("%s is %v, but for %s it must be %s 0", s.name, value, name, side)
		}
		*s.to = value
	}
	return rule, nil
}

// Steps implements serve.Networks.
func (e *Explorer) Steps(n serve.Network, points int) []int {
	return schedule(n.Parameters.Steps, points).Steps(n.Parameters.Steps)
}

// schedule records a run at most so many times, at even distances.
func schedule(steps, points int) train.Schedule {
	between := max(points-1, 1)
	return train.Schedule{Every: max((steps+between-1)/between, 1)}
}
