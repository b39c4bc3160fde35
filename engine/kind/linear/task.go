package linear

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
)

// Task is the task of learning a dataset of the paper's space with squared
// error.
type Task struct {
	Point dataset.Point
	// Examples are the training examples (nil: all). The others, if any, are the
	// test set.
	Examples []int
	// Teacher, when not nil, replaces the true targets: labels are Teacher·X, the
	// outputs of that map (n_out × n_in, finite). Iterated learning trains each
	// generation on the outputs of the one before. Losses are then measured
	// against those labels.
	Teacher *mat.Dense
	// Batch is the number of training examples in a step; 0 means all of them. Batches
	// go through a new random order of the examples in each epoch, which is a function
	// of the copy's seed; the last one of an epoch may be smaller.
	Batch int
}

// Check returns an error that names what is wrong with the task and what is
// allowed.
func (t *Task) Check() error {
	if err := t.Point.Validate(); err != nil {
		return err
	}
	if err := t.Point.CheckMap(); err != nil {
		return err
	}
	if t.Examples != nil {
		if _, err := t.Point.Select(t.Examples); err != nil {
			return err
		}
	}
	if t.Batch < 0 || t.Batch > t.TrainCount() {
		return fmt.Errorf("the batch is %d examples, but must be 1 to the %d training examples", t.Batch, t.TrainCount())
	}
	if t.Teacher != nil {
		rows, cols := t.Teacher.Dims()
		if rows != t.Point.Outputs() || cols != t.Point.Inputs() {
			return fmt.Errorf("the teacher is %d × %d, but must be n_out × n_in = %d × %d", rows, cols, t.Point.Outputs(), t.Point.Inputs())
		}
		for i := range rows {
			for j, v := range t.Teacher.RawRowView(i) {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					return fmt.Errorf("the teacher holds %v at output %d, input %d, but must be finite; train on the outputs of a network that has not diverged", v, i, j)
				}
			}
		}
	}
	return nil
}

// TrainCount returns the number of training examples.
func (t *Task) TrainCount() int {
	if t.Examples == nil {
		return t.Point.Examples()
	}
	return len(t.Examples)
}

// Correlations returns the second moments of some examples under the task's
// labels (nil: all examples): with a teacher T, Σ_yx = T·Σ_x.
func (t *Task) Correlations(examples []int) (*dataset.Correlations, error) {
	c, err := t.Point.Correlations(examples)
	if err != nil || t.Teacher == nil {
		return c, err
	}
	c.YX.Mul(t.Teacher, c.X)
	return c, nil
}

// OutputCorrelations returns Σ_y of some examples under the task's labels (nil: all
// examples): with a teacher T, Σ_y = T·Σ_x·Tᵀ.
func (t *Task) OutputCorrelations(examples []int) (*mat.Dense, error) {
	if t.Teacher == nil {
		return t.Point.OutputCorrelations(examples)
	}
	if err := t.Point.CheckOutputCorrelations(); err != nil {
		return nil, err
	}
	c, err := t.Correlations(examples)
	if err != nil {
		return nil, err
	}
	var y mat.Dense
	y.Mul(c.YX, t.Teacher.T())
	return &y, nil
}

// Targets returns the labels of all examples, n_out × P.
func (t *Task) Targets() (*mat.Dense, error) {
	if t.Teacher != nil {
		return t.Point.Apply(t.Teacher, dataset.Both), nil
	}
	return t.Point.Y()
}
