package model

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/results"
	"modspec/engine/train"
)

// A Model is a linear network with its task: everything of a module copy but its stream
// of random numbers and the recording schedule. It does not change.
type Model struct {
	arch    network.Architecture // before network.Architecture.At
	copy    linear.Copy          // without Stream
	steps   int
	values  []results.Value
	shape   string
	ignored [parameterCount]bool // without meaning for this network

	measures measures // that its program needs; filled in when they are
}

var (
	_ train.Estimator = (*Model)(nil)
	_ train.Selective = (*Model)(nil)
)

// New returns the model of a copy that is trained for some steps; its stream is left
// out. The error names what does not exist, or what no parameters say (see [Describe]).
func New(arch network.Architecture, c linear.Copy, steps int) (*Model, error) {
	c.Stream = random.Stream{}
	m := &Model{arch: arch, copy: c, steps: steps}
	return m, m.finish()
}

// finish checks with the packages that run the network that they can, and describes it.
func (m *Model) finish() error {
	job := linear.Job{Architecture: m.arch, Steps: m.steps, Copies: []linear.Copy{m.copy}}
	err := job.Check()
	if err == nil {
		m.values, err = Describe(m.arch, &m.copy, m.steps)
	}
	if err == nil {
		m.shape, err = m.describeShape()
	}
	return err
}

// Build returns the model of parameters in the form of [train.Model.Parameters]; it is
// the inverse of that method. The error names what is not allowed, or what is not in
// that form.
func Build(values []results.Value) (*Model, error) {
	point := dataset.Point{
		Bits: whole(values, bitsParameter), KX: whole(values, kxParameter), KY: whole(values, kyParameter), R: values[rParameter].Number,
	}
	for _, rows := range []struct {
		parameter int
		to        *[]int
	}{{inputBitsParameter, &point.InputBits}, {outputBitsParameter, &point.OutputBits}} {
		text := values[rows.parameter].Text
		if text == "" {
			text = noRows
		}
		list, err := parseRows(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", linear.Parameters[rows.parameter].Name, err)
		}
		*rows.to = list
	}
	if err := point.Validate(); err != nil {
		return nil, err
	}
	task := &linear.Task{Point: point}
	trained := whole(values, trainExamplesParameter)
	if trained != point.Examples() {
		examples, err := point.FirstExamples(trained)
		if err != nil {
			return nil, err
		}
		task.Examples = examples
	}
	if batch := whole(values, batchParameter); batch != trained {
		task.Batch = batch
	}
	arch, err := buildArchitecture(values)
	if err != nil {
		return nil, err
	}
	m, err := New(arch, linear.Copy{
		Task: task, Rule: network.Rule{Gamma: values[gammaParameter].Number, Beta: values[betaParameter].Number},
		LearningRate: values[lrParameter].Number, InitScale: values[initScaleParameter].Number,
	}, whole(values, stepsParameter))
	if err == nil && !slices.Equal(m.values, values) {
		err = fmt.Errorf("the parameters %v are not in resolved form; they would be %v", values, m.values)
	}
	return m, err
}

func whole(values []results.Value, p int) int { return int(values[p].Number) }

func buildArchitecture(values []results.Value) (network.Architecture, error) {
	if values[archParameter].Text == customArch {
		return network.ParseModules(values[modulesParameter].Text)
	}
	depth := whole(values, depthParameter)
	if depth < 0 || depth > network.MaxDepth {
		return network.Architecture{}, fmt.Errorf("depth is %d, but must be 0 to %d", depth, network.MaxDepth)
	}
	return network.ByName(values[archParameter].Text, slices.Repeat([]int{whole(values, hiddenParameter)}, depth)...)
}

// Parameters implements train.Model.
func (m *Model) Parameters() []results.Value { return m.values }

// Steps implements train.Model.
func (m *Model) Steps() int { return m.steps }

// Shape implements train.Model.
func (m *Model) Shape() string { return m.shape }

// Architecture returns the modules, of which those that the dataset has no use for are
// not yet left out; see network.Architecture.At.
func (m *Model) Architecture() network.Architecture { return m.arch }

// Copy returns the copy of a run.
func (m *Model) Copy(stream random.Stream) linear.Copy {
	c := m.copy
	c.Stream = stream
	return c
}

// Ignores implements train.Selective.
func (m *Model) Ignores(parameter int) string {
	switch {
	case !m.ignored[parameter]:
		return ""
	case parameter == gammaParameter || parameter == betaParameter:
		return "no rule of the sweep has it"
	}
	return "every network of the sweep is shallow"
}

// customArch is the name of an architecture of the user's own modules.
const customArch = "custom"

// Describe returns the parameters of a network, resolved to one form for one network,
// however it was asked for. The architecture is the one before network.Architecture.At.
// hidden and depth are 0 where the modules differ in them and for a shallow network; the
// widths of custom modules stand in modules.
//
// A copy that parameters cannot tell gives an error: initial weights or a teacher of its
// own, or training examples that are not the first so many.
func Describe(arch network.Architecture, c *linear.Copy, steps int) ([]results.Value, error) {
	task := c.Task
	switch {
	case c.Weights != nil:
		return nil, errors.New("the copy starts from weights of its own, which no parameters tell")
	case task.Teacher != nil:
		return nil, errors.New("the copy learns from a teacher, which no parameters tell")
	}
	for i, e := range task.Examples {
		if i != e {
			return nil, fmt.Errorf("the copy trains on example %d in place %d, but parameters tell only the first so many examples", e, i)
		}
	}
	rule, err := ruleName(c.Rule)
	if err != nil {
		return nil, err
	}
	p := task.Point
	out := make([]results.Value, parameterCount)
	number := func(parameter int, v float64) { out[parameter].Number = v + 0 } // −0 is 0
	number(bitsParameter, float64(p.Bits))
	number(nxParameter, float64(p.NX()))
	number(nyParameter, float64(p.NY()))
	number(kxParameter, float64(p.KX))
	number(kyParameter, float64(p.KY))
	number(rParameter, p.R)
	out[inputBitsParameter].Text, out[outputBitsParameter].Text = rowsText(p.InputBits), rowsText(p.OutputBits)
	out[archParameter].Text = arch.Name
	if arch.Name == customArch {
		out[modulesParameter].Text = modulesText(arch)
	}
	number(hiddenParameter, float64(commonWidth(arch)))
	number(depthParameter, float64(commonDepth(arch)))
	out[ruleParameter].Text = rule
	number(gammaParameter, c.Rule.Gamma)
	number(betaParameter, c.Rule.Beta)
	number(lrParameter, c.LearningRate)
	number(initScaleParameter, c.InitScale)
	number(stepsParameter, float64(steps))
	number(trainExamplesParameter, float64(task.TrainCount()))
	batch := task.Batch
	if batch == 0 {
		batch = task.TrainCount()
	}
	number(batchParameter, float64(batch))
	return out, nil
}

// ruleName returns the name of a rule: its terms and their signs.
func ruleName(r network.Rule) (string, error) {
	switch {
	case r.Gamma != 0 && r.Beta != 0:
		return "", fmt.Errorf("the rule has both gamma = %v and beta = %v, which is none of %s", r.Gamma, r.Beta, strings.Join(network.RuleNames, ", "))
	case r.Beta > 0:
		return "hebbian", nil
	case r.Beta < 0:
		return "anti-hebbian", nil
	case r.Gamma > 0:
		return "contrastive-hebbian", nil
	case r.Gamma < 0:
		return "predictive-coding", nil
	}
	return "gd", nil
}

// commonWidth returns the width that all hidden layers share, or 0.
func commonWidth(a network.Architecture) int {
	width := 0
	for _, m := range a.Modules {
		for _, h := range m.Hidden {
			if width != 0 && h != width {
				return 0
			}
			width = h
		}
	}
	return width
}

// commonDepth returns the number of hidden layers that all modules share, or 0.
func commonDepth(a network.Architecture) int {
	depth := 0
	for i, m := range a.Modules {
		if i > 0 && len(m.Hidden) != depth {
			return 0
		}
		depth = len(m.Hidden)
	}
	return depth
}

// modulesText writes modules in the form that network.ParseModules reads, with
// every width: "omega>omega:50; both>gamma:20x10".
func modulesText(a network.Architecture) string {
	parts := make([]string, len(a.Modules))
	for i, m := range a.Modules {
		widths := "0"
		if len(m.Hidden) > 0 {
			texts := make([]string, len(m.Hidden))
			for l, h := range m.Hidden {
				texts[l] = strconv.Itoa(h)
			}
			widths = strings.Join(texts, "x")
		}
		parts[i] = blocksText(m.Reads) + ">" + blocksText(m.Writes) + ":" + widths
	}
	return strings.Join(parts, "; ")
}

// blocksText is the word that network.ParseModules reads.
func blocksText(b dataset.Blocks) string {
	if b == dataset.Both {
		return "both"
	}
	return b.String()
}
