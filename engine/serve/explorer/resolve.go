package explorer

import (
	"fmt"

	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/model"
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

// parameters resolves the settings as the kind does. A strength that the rule does not
// have, or one of the wrong sign, would be another rule without an error, so it is
// refused.
func (v *values) parameters() (results.Parameters, error) {
	var none results.Parameters
	s, err := train.NewSetting(model.Kind)
	if err != nil {
		return none, err
	}
	schema := model.Kind.Parameters()
	for i := range schema {
		if n, ok := v.numbers[schema[i].Name]; ok {
			s.Set(i, results.Value{Number: n})
		} else if text, ok := v.texts[schema[i].Name]; ok {
			s.Set(i, results.Value{Text: text})
		}
	}
	m, err := model.Kind.Resolve(s)
	if err != nil {
		return none, err
	}
	for _, strength := range []string{"gamma", "beta"} {
		i := schema.Index(strength)
		if train.Ignored(m, s, i) != "" {
			return none, fmt.Errorf("%s is %v, but the rule %s has no %s; leave it out", strength, s.Values[i].Number, v.texts["rule"], strength)
		}
	}
	return parametersOf(m.Parameters()), nil
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
