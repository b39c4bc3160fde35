package model

import (
	"fmt"
	"strconv"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/train"
)

// Resolve implements train.Kind. Whether the network exists is decided by the packages
// that run it.
//
// A parameter that has no meaning at a point (a width or depth for a shallow network, a
// strength for a rule without it) is left out of it, so settings that differ in nothing
// else are one network.
func (kind) Resolve(s train.Setting) (train.Model, error) {
	m, err := resolve(setting{s})
	if err != nil {
		return nil, err
	}
	return m, nil
}

func resolve(s setting) (*Model, error) {
	m := &Model{steps: int(s.number(stepsParameter))}
	point, err := s.point()
	if err != nil {
		return nil, err
	}
	task := &linear.Task{Point: point}
	m.copy = linear.Copy{Task: task, LearningRate: s.number(lrParameter), InitScale: s.number(initScaleParameter)}
	if m.arch, err = s.architecture(m); err != nil {
		return nil, err
	}
	if m.copy.Rule, err = s.rule(m); err != nil {
		return nil, err
	}
	if err := s.examples(task); err != nil {
		return nil, err
	}
	return m, m.finish()
}

// setting reads a setting by the places of its parameters.
type setting struct{ train.Setting }

func (s setting) number(p int) float64 { return s.Values[p].Number }

// count returns a whole number, of which "all" means as many as there are.
func (s setting) count(p int, all int) int {
	v := s.Values[p]
	if v.Text != "" {
		return all
	}
	return int(v.Number)
}

// point returns the dataset. Rows that are named replace the first n_x or n_y.
func (s setting) point() (dataset.Point, error) {
	bits := int(s.number(bitsParameter))
	nx := s.count(nxParameter, bits)
	p := dataset.NewPoint(bits, nx, 0, int(s.number(kxParameter)), int(s.number(kyParameter)), s.number(rParameter))
	if s.Given[inputBitsParameter] {
		rows, err := parseRows(s.Values[inputBitsParameter].Text)
		if err != nil {
			return p, err
		}
		p.InputBits = rows
	}
	p.OutputBits = dataset.NewPoint(bits, 0, s.count(nyParameter, p.NX()), 0, 0, 0).OutputBits
	if s.Given[outputBitsParameter] {
		rows, err := parseRows(s.Values[outputBitsParameter].Text)
		if err != nil {
			return p, err
		}
		p.OutputBits = rows
	}
	return p, p.Validate()
}

func (s setting) architecture(m *Model) (network.Architecture, error) {
	depth := int(s.number(depthParameter))
	if s.Given[modulesParameter] {
		widths, err := s.widths(depth)
		if err != nil {
			return network.Architecture{}, err
		}
		return network.ParseModules(s.Values[modulesParameter].Text, widths...)
	}
	name := s.Values[archParameter].Text
	if name == "shallow" {
		m.ignored[hiddenParameter], m.ignored[depthParameter] = true, true
		return network.Shallow(), nil
	}
	widths, err := s.widths(depth)
	if err != nil {
		return network.Architecture{}, err
	}
	return network.ByName(name, widths...)
}

func (s setting) widths(depth int) ([]int, error) {
	if depth == 0 {
		return nil, fmt.Errorf("depth is 0, but must be at least 1 hidden layer; for none, use arch: shallow")
	}
	widths := make([]int, depth)
	for i := range widths {
		widths[i] = int(s.number(hiddenParameter))
	}
	return widths, nil
}

// rule returns the learning rule, at its own strength or at the one that is given. A
// strength of the wrong sign would be another rule without an error.
func (s setting) rule(m *Model) (network.Rule, error) {
	name := s.Values[ruleParameter].Text
	rule, err := network.RuleByName(name)
	if err != nil {
		return rule, err
	}
	for _, strength := range []struct {
		parameter int
		to        *float64
	}{{gammaParameter, &rule.Gamma}, {betaParameter, &rule.Beta}} {
		if !s.Given[strength.parameter] {
			continue
		}
		value := s.number(strength.parameter)
		text := strconv.FormatFloat(value, 'g', -1, 64)
		switch {
		case *strength.to == 0:
			m.ignored[strength.parameter] = true
		case *strength.to > 0 && value <= 0:
			return rule, fmt.Errorf("%s is %s, but for %s it must be above 0", linear.Parameters[strength.parameter].Name, text, name)
		case *strength.to < 0 && value >= 0:
			return rule, fmt.Errorf("%s is %s, but for %s it must be below 0", linear.Parameters[strength.parameter].Name, text, name)
		default:
			*strength.to = value
		}
	}
	return rule, nil
}

// examples sets the training examples and the batch. All examples are nil and a full
// batch is 0, so that backends recognise full-batch training.
func (s setting) examples(task *linear.Task) error {
	total := task.Point.Examples()
	count := s.count(trainExamplesParameter, total)
	if count != total {
		examples, err := task.Point.FirstExamples(count)
		if err != nil {
			return err
		}
		task.Examples = examples
	}
	if batch := s.count(batchParameter, count); batch != count {
		task.Batch = batch
	}
	return nil
}
