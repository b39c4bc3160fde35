package model

import (
	"fmt"
	"strings"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/theory/rank"
)

// describeShape returns what copies must share to be trained in one linear.Job with the
// same work for each: dimensions, architecture, the kind of rule, the number of steps,
// of training examples and of examples in a step. What may differ from copy to copy are
// the values of r, η, σ, γ and β, which rows of Ω are used, and the seed.
//
// Widths stand as inputs(rank)-hidden-outputs of each module that the dataset has a use
// for. Modules of the user's own stand in full in place of the architecture's name, for
// which modules the network has does not follow from that.
func (m *Model) describeShape() (string, error) {
	layers, err := m.layers()
	if err != nil {
		return "", err
	}
	p, task := m.copy.Task.Point, m.copy.Task
	arch := m.arch.Name
	if arch == customArch {
		arch = modulesText(m.arch)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "bits %d, n_x %d, n_y %d, k_x %d, k_y %d: %s ", p.Bits, p.NX(), p.NY(), p.KX, p.KY, arch)
	for i, l := range layers {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%d(%d)", l.inputs, l.rank)
		for _, h := range l.hidden {
			fmt.Fprintf(&b, "-%d", h)
		}
		fmt.Fprintf(&b, "-%d", l.outputs)
	}
	fmt.Fprintf(&b, ", %s, %d steps", m.values[ruleParameter].Text, m.steps)
	batch := whole(m.values, batchParameter)
	if examples := p.Examples(); task.TrainCount() != examples || batch != examples {
		fmt.Fprintf(&b, ", %d examples in batches of %d", task.TrainCount(), batch)
	}
	return b.String(), nil
}

// layers are the widths of one module at a point.
type layers struct {
	inputs  int   // n_in, of the blocks it reads
	rank    int   // ρ, of its inputs over the training examples: the width of W1 in reduced coordinates
	hidden  []int // units of its hidden layers
	outputs int   // n_out, of the blocks it writes
}

// layers returns the layers of the modules that exist at the point.
func (m *Model) layers() ([]layers, error) {
	task := m.copy.Task
	here, err := m.arch.At(task.Point)
	if err != nil {
		return nil, err
	}
	var list []layers
	for _, module := range here.Modules {
		shape := module.Shape(task.Point)
		rank, err := inputRank(task, module.Reads)
		if err != nil {
			return nil, err
		}
		list = append(list, layers{inputs: shape[0], rank: rank, hidden: shape[1 : len(shape)-1], outputs: shape[len(shape)-1]})
	}
	return list, nil
}

// inputRank returns the rank of the inputs of some blocks over the training
// examples. Γ_x gives every example a direction of its own; without it, it is
// the rank of Ω_x's columns.
func inputRank(task *linear.Task, reads dataset.Blocks) (int, error) {
	p := task.Point
	if reads.Has(dataset.Gamma) && p.KX > 0 && p.R > 0 {
		return task.TrainCount(), nil
	}
	if !reads.Has(dataset.Omega) || p.NX() == 0 {
		return 0, nil
	}
	if task.Examples == nil {
		return p.NX(), nil // the rows of Ω are orthogonal over all examples
	}
	var columns [][]int8
	for _, e := range task.Examples {
		column := make([]int8, p.NX())
		for i, bit := range p.InputBits {
			column[i] = int8(p.Omega(bit, e))
		}
		columns = append(columns, column)
	}
	return rank.Of(columns)
}
