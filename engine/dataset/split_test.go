package dataset_test

import (
	"slices"
	"strings"
	"testing"

	"modspec/engine/dataset"
)

func TestFirstAndOtherExamplesMakeTheWhole(t *testing.T) {
	p := dataset.NewPoint(3, 3, 2, 1, 1, 2)
	for count := 1; count <= 8; count++ {
		first, err := p.FirstExamples(count)
		if err != nil {
			t.Fatal(err)
		}
		if all := append(slices.Clone(first), p.OtherExamples(first)...); !slices.Equal(all, []int{0, 1, 2, 3, 4, 5, 6, 7}) {
			t.Errorf("the first %d examples and the others are %v", count, all)
		}
	}
	if others := p.OtherExamples([]int{6, 0}); !slices.Equal(others, []int{1, 2, 3, 4, 5, 7}) {
		t.Errorf("beside examples 6 and 0 there are %v", others)
	}
	if others := p.OtherExamples(nil); len(others) != 0 {
		t.Errorf("beside all examples there are %v", others)
	}
}

func TestFirstExamplesRefusesCountsThatDoNotExist(t *testing.T) {
	p := dataset.NewPoint(3, 3, 2, 1, 1, 2)
	for _, count := range []int{-1, 0, 9} {
		if _, err := p.FirstExamples(count); err == nil || !strings.Contains(err.Error(), "must be 1 to P = 8") {
			t.Errorf("%d training examples: the error is %v", count, err)
		}
	}
}

func TestSelectKeepsOrder(t *testing.T) {
	p := dataset.NewPoint(2, 2, 1, 1, 1, 1)
	all, err := p.Select(nil)
	if err != nil || !slices.Equal(all, []int{0, 1, 2, 3}) {
		t.Errorf("all examples are %v, %v", all, err)
	}
	some, err := p.Select([]int{3, 1})
	if err != nil || !slices.Equal(some, []int{3, 1}) {
		t.Errorf("examples 3 and 1 are %v, %v", some, err)
	}
}
