package sweep

import (
	"fmt"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/results"
)

// defaults are what modspec train takes for a flag that is not given: the
// paper's dense experiment. The strengths of rules have none here, because each
// rule has its own.
var defaults = [parameterCount]Value{
	bitsParameter:          {Number: 3},
	nxParameter:            {Text: all},
	nyParameter:            {Number: 1},
	kxParameter:            {Number: 3},
	kyParameter:            {Number: 1},
	rParameter:             {Number: 1},
	archParameter:          {Text: "dense"},
	hiddenParameter:        {Number: 50},
	depthParameter:         {Number: 1},
	ruleParameter:          {Text: "gd"},
	lrParameter:            {Number: 0.16},
	initScaleParameter:     {Number: 0.0002},
	stepsParameter:         {Number: 300},
	trainExamplesParameter: {Text: all},
	batchParameter:         {Text: all},
}

// module is a setting turned into what a job is made of: everything of a module
// copy but its seed and the recording schedule.
type module struct {
	arch    network.Architecture
	copy    linear.Copy // without Stream
	steps   int
	ignored [parameterCount]bool // given, but without meaning at this point
}

// resolve turns a setting into a network and its task, and lets the packages
// that will run them say whether they exist. The error is of the combination:
// each value by itself has been checked when the file was read.
//
// A parameter that has no meaning at a point (a width or depth for a shallow
// network, a strength for a rule without it) is left out of it, so points that
// differ in nothing else are one point.
func (s *setting) resolve() (*module, error) {
	m := &module{steps: int(s.number(stepsParameter))}
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
	return m, m.check()
}

// check asks the packages that run the network whether they can.
func (m *module) check() error {
	job := linear.Job{Architecture: m.arch, Steps: m.steps, Copies: []linear.Copy{m.copy}}
	return job.Check()
}

// value returns a parameter's value, or its default.
func (s *setting) value(p parameter) Value {
	if s.given[p] {
		return s.values[p]
	}
	return defaults[p]
}

func (s *setting) number(p parameter) float64 { return s.value(p).Number }

// count returns a whole number, of which "all" means as many as there are.
func (s *setting) count(p parameter, all int) int {
	v := s.value(p)
	if v.Text != "" {
		return all
	}
	return int(v.Number)
}

// point returns the dataset. Rows that are named replace the first n_x or n_y.
func (s *setting) point() (dataset.Point, error) {
	bits := int(s.number(bitsParameter))
	nx := s.count(nxParameter, bits)
	p := dataset.NewPoint(bits, nx, 0, int(s.number(kxParameter)), int(s.number(kyParameter)), s.number(rParameter))
	if s.given[inputBitsParameter] {
		rows, err := parseRows(s.values[inputBitsParameter].Text)
		if err != nil {
			return p, err
		}
		p.InputBits = rows
	}
	p.OutputBits = dataset.NewPoint(bits, 0, s.count(nyParameter, p.NX()), 0, 0, 0).OutputBits
	if s.given[outputBitsParameter] {
		rows, err := parseRows(s.values[outputBitsParameter].Text)
		if err != nil {
			return p, err
		}
		p.OutputBits = rows
	}
	return p, p.Validate()
}

func (s *setting) architecture(m *module) (network.Architecture, error) {
	depth := int(s.number(depthParameter))
	if s.given[modulesParameter] {
		widths, err := s.widths(depth)
		if err != nil {
			return network.Architecture{}, err
		}
		return network.ParseModules(s.values[modulesParameter].Text, widths...)
	}
	name := s.value(archParameter).Text
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

func (s *setting) widths(depth int) ([]int, error) {
	if depth == 0 {
		return nil, fmt.Errorf("depth is 0, but must be at least 1 hidden layer; for none, use arch: shallow")
	}
	widths := make([]int, depth)
	for i := range widths {
		widths[i] = int(s.number(hiddenParameter))
	}
	return widths, nil
}

// rule returns the learning rule, at its own strength or at the one that is
// given. A strength of the wrong sign would silently be another rule.
func (s *setting) rule(m *module) (network.Rule, error) {
	name := s.value(ruleParameter).Text
	rule, err := network.RuleByName(name)
	if err != nil {
		return rule, err
	}
	for _, strength := range []struct {
		parameter parameter
		to        *float64
	}{{gammaParameter, &rule.Gamma}, {betaParameter, &rule.Beta}} {
		if !s.given[strength.parameter] {
			continue
		}
		value := s.values[strength.parameter].Number
		switch {
		case *strength.to == 0:
			m.ignored[strength.parameter] = true
		case *strength.to > 0 && value <= 0:
			return rule, fmt.Errorf("%s is %s, but for %s it must be above 0", table[strength.parameter].name, numberText(value), name)
		case *strength.to < 0 && value >= 0:
			return rule, fmt.Errorf("%s is %s, but for %s it must be below 0", table[strength.parameter].name, numberText(value), name)
		default:
			*strength.to = value
		}
	}
	return rule, nil
}

// examples sets the training examples and the batch. All examples are nil and a
// full batch is 0, as modspec train has them, so that backends recognise
// full-batch training.
func (s *setting) examples(task *linear.Task) error {
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

// parameters returns the point of the module, fully resolved.
func (m *module) parameters(precision string) (results.Parameters, error) {
	return Describe(m.arch, &m.copy, m.steps, precision)
}
