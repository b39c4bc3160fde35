package dataset

import (
	"fmt"
	"slices"
)

// FirstExamples returns the examples 0 … count−1, the paper's training set when
// it trains on some examples and tests on the rest. It returns an error unless
// 1 ≤ count ≤ P.
func (p Point) FirstExamples(count int) ([]int, error) {
	if count < 1 || count > p.Examples() {
		return nil, fmt.Errorf("the number of training examples is %d, but must be 1 to P = %d", count, p.Examples())
	}
	return upTo(count), nil
}

// OtherExamples returns the examples that are not in the given set, ascending:
// the test set that belongs to a training set. nil stands for all examples, so
// its complement is empty.
func (p Point) OtherExamples(examples []int) []int {
	if examples == nil {
		return nil
	}
	var others []int
	for e := 0; e < p.Examples(); e++ {
		if !slices.Contains(examples, e) {
			others = append(others, e)
		}
	}
	return others
}

// Select returns the given examples, or all of them for nil, after making sure
// that each exists and stands there once; otherwise it returns an error.
func (p Point) Select(examples []int) ([]int, error) {
	if examples == nil {
		return upTo(p.Examples()), nil
	}
	if len(examples) == 0 {
		return nil, fmt.Errorf("the set of examples is empty; name at least one, or none at all for every example")
	}
	seen := make([]bool, p.Examples())
	for _, e := range examples {
		if e < 0 || e >= len(seen) {
			return nil, fmt.Errorf("example %d does not exist: examples are 0 to %d", e, len(seen)-1)
		}
		if seen[e] {
			return nil, fmt.Errorf("example %d is named twice", e)
		}
		seen[e] = true
	}
	return examples, nil
}
