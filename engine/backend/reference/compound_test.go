package reference_test

import (
	"math"
	"slices"
	"testing"

	"modspec/engine/backend/reference"
	"modspec/engine/program"
)

// Only a whole number of the range has a 1, at its own place.
func TestOneHot(t *testing.T) {
	b := program.NewBuilder()
	x := []float64{0, 2, -1, 0.5, 3, math.NaN(), math.Inf(1), math.Inf(-1)}
	b.Output("one-hot", b.OneHot(b.Constant(x, 2, 4), 3))
	p, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	got, err := reference.Evaluate(p, program.Place{})
	if err != nil {
		t.Fatal(err)
	}
	want := make([]float64, 3*len(x))
	want[0], want[3+2] = 1, 1
	if !slices.Equal(got[0], want) {
		t.Errorf("the rows are %v, want %v", got[0], want)
	}
}
