package sweep

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/results"
)

// customArch is the name of an architecture of the user's own modules.
const customArch = "custom"

// Describe returns the parameters of a network as they are written beside its
// results: fully resolved, one form for one network, however it was asked for.
// The architecture is the one before network.Architecture.At. Hidden and Depth
// are 0 where the modules differ in them and for a shallow network; the widths
// of custom modules stand in Modules.
//
// A copy that parameters cannot tell gives an error: starting weights or a
// teacher of its own, or training examples that are not the first so many.
func Describe(arch network.Architecture, c *linear.Copy, steps int, precision string) (results.Parameters, error) {
	task := c.Task
	switch {
	case c.Weights != nil:
		return results.Parameters{}, errors.New("the copy starts from weights of its own, which no parameters tell")
	case task.Teacher != nil:
		return results.Parameters{}, errors.New("the copy learns from a teacher, which no parameters tell")
	}
	for i, e := range task.Examples {
		if i != e {
			return results.Parameters{}, fmt.Errorf("the copy trains on example %d in place %d, but parameters tell only the first so many examples", e, i)
		}
	}
	rule, err := ruleName(c.Rule)
	if err != nil {
		return results.Parameters{}, err
	}
	p := task.Point
	out := results.Parameters{
		Bits: p.Bits, NX: p.NX(), NY: p.NY(), KX: p.KX, KY: p.KY, R: p.R + 0,
		InputBits: rowsText(p.InputBits), OutputBits: rowsText(p.OutputBits),
		Arch: arch.Name, Hidden: commonWidth(arch), Depth: commonDepth(arch),
		Rule: rule, Gamma: c.Rule.Gamma + 0, Beta: c.Rule.Beta + 0, LR: c.LearningRate + 0, InitScale: c.InitScale + 0,
		Steps: steps, TrainExamples: task.TrainCount(), Batch: task.Batch, Precision: precision,
	}
	if out.Batch == 0 {
		out.Batch = out.TrainExamples
	}
	if arch.Name == customArch {
		out.Modules = modulesText(arch)
	}
	return out, nil
}

// Build returns the architecture and the copy that parameters describe; it is the
// inverse of [Describe], with the copy's stream for the seed filled in. The error
// names what is not allowed, or what is not in resolved form.
func Build(p results.Parameters, seed uint64) (network.Architecture, linear.Copy, error) {
	fail := func(err error) (network.Architecture, linear.Copy, error) {
		return network.Architecture{}, linear.Copy{}, err
	}
	point := dataset.Point{Bits: p.Bits, KX: p.KX, KY: p.KY, R: p.R}
	for _, rows := range []struct {
		text, name string
		to         *[]int
	}{{p.InputBits, "input_bits", &point.InputBits}, {p.OutputBits, "output_bits", &point.OutputBits}} {
		text := rows.text
		if text == "" {
			text = noRows
		}
		list, err := parseRows(text)
		if err != nil {
			return fail(fmt.Errorf("%s: %w", rows.name, err))
		}
		*rows.to = list
	}
	if err := point.Validate(); err != nil {
		return fail(err)
	}
	task := &linear.Task{Point: point}
	if p.TrainExamples != point.Examples() {
		examples, err := point.FirstExamples(p.TrainExamples)
		if err != nil {
			return fail(err)
		}
		task.Examples = examples
	}
	if p.Batch != p.TrainExamples {
		task.Batch = p.Batch
	}
	arch, err := buildArchitecture(p)
	if err != nil {
		return fail(err)
	}
	c := linear.Copy{
		Task: task, Rule: network.Rule{Gamma: p.Gamma, Beta: p.Beta},
		LearningRate: p.LR, InitScale: p.InitScale, Stream: Stream(p, seed),
	}
	m := module{arch: arch, copy: c, steps: p.Steps}
	if err := m.check(); err != nil {
		return fail(err)
	}
	again, err := m.parameters(p.Precision)
	if err != nil {
		return fail(err)
	}
	if again != p {
		return fail(fmt.Errorf("the parameters %+v are not in resolved form; they would be %+v", p, again))
	}
	return arch, c, nil
}

func buildArchitecture(p results.Parameters) (network.Architecture, error) {
	if p.Arch == customArch {
		return network.ParseModules(p.Modules)
	}
	if p.Depth < 0 || p.Depth > network.MaxDepth {
		return network.Architecture{}, fmt.Errorf("depth is %d, but must be 0 to %d", p.Depth, network.MaxDepth)
	}
	return network.ByName(p.Arch, slices.Repeat([]int{p.Hidden}, p.Depth)...)
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
