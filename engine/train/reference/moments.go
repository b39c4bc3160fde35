package reference

import (
	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
)

// stepMoments are the second moments of a step's examples.
type stepMoments struct {
	*dataset.Correlations
	Y *mat.Dense // Σ_y, for a rule with γ ≠ 0; else nil
}

func newStepMoments(task *linear.Task, examples []int, rule network.Rule) (*stepMoments, error) {
	c, err := task.Correlations(examples)
	if err != nil {
		return nil, err
	}
	m := &stepMoments{Correlations: c}
	if rule.Gamma != 0 {
		m.Y, err = task.OutputCorrelations(examples)
	}
	return m, err
}

// moments gives the second moments of each step's examples: always the same ones for
// full-batch training, else those of the next mini-batch.
type moments struct {
	copy     *linear.Copy
	full     *stepMoments // nil for mini-batches
	examples []int        // the training examples
	order    []int        // this epoch's order of them
	epoch    int
	at       int // how many of this epoch's examples have been used
}

func newMoments(c *linear.Copy, cache *momentCache) (*moments, error) {
	task := c.Task
	if task.Batch == 0 || task.Batch == task.TrainCount() {
		full, err := cache.of(task, c.Rule)
		return &moments{full: full}, err
	}
	examples, err := task.Point.Select(task.Examples)
	return &moments{copy: c, examples: examples}, err
}

// next returns the second moments for the next step.
func (m *moments) next() (*stepMoments, error) {
	if m.full != nil {
		return m.full, nil
	}
	if m.at == len(m.order) {
		m.order = m.copy.Stream.Permutation(len(m.examples), uint32(m.epoch))
		m.epoch++
		m.at = 0
	}
	end := min(m.at+m.copy.Task.Batch, len(m.order))
	batch := make([]int, 0, end-m.at)
	for _, i := range m.order[m.at:end] {
		batch = append(batch, m.examples[i])
	}
	m.at = end
	return newStepMoments(m.copy.Task, batch, m.copy.Rule)
}
