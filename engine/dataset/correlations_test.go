package dataset_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
)

// literalCorrelation returns ABᵀ/m, m the number of columns.
func literalCorrelation(a, b *mat.Dense) *mat.Dense {
	_, m := a.Dims()
	c := product(a, b.T())
	c.Apply(func(_, _ int, v float64) float64 { return v / float64(m) }, c)
	return c
}

// Every element is a sum of ±1 (exact), a single ±r or a single r², times 1/m:
// at most r², 1/m and two products are rounded on one side, r² and a quotient
// on the other.
func TestCorrelationsAreTheProducts(t *testing.T) {
	const roundings = 6
	eachPoint(t, 3, 80, 6, func(t *testing.T, p dataset.Point, rng *rand.Rand) {
		for range 3 {
			examples := randomExamples(rng, p)
			got, err := p.Correlations(examples)
			if err != nil {
				t.Fatal(err)
			}
			outputs, err := p.OutputCorrelations(examples)
			if err != nil {
				t.Fatal(err)
			}
			x, y := literalX(p, examples), literalY(p, examples)
			if _, m := x.Dims(); got.Examples != m {
				t.Errorf("Examples is %d, want %d", got.Examples, m)
			}
			for _, c := range []struct {
				name      string
				got, want *mat.Dense
			}{
				{"Σ_x", got.X, literalCorrelation(x, x)},
				{"Σ_yx", got.YX, literalCorrelation(y, x)},
				{"Σ_y", outputs, literalCorrelation(y, y)},
			} {
				within(t, c.name, c.got, c.want, func(i, j int) float64 {
					return gamma(roundings) * math.Abs(c.want.At(i, j))
				})
			}
		}
	})
}

func TestCorrelationsRefuseBadExamples(t *testing.T) {
	p := dataset.NewPoint(3, 3, 1, 1, 1, 1)
	for _, c := range []struct {
		examples []int
		want     string
	}{
		{[]int{}, "the set of examples is empty"},
		{[]int{8}, "example 8 does not exist: examples are 0 to 7"},
		{[]int{0, -1}, "example -1 does not exist"},
		{[]int{2, 5, 2}, "example 2 is named twice"},
	} {
		if _, err := p.Correlations(c.examples); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("examples %v: the error is %v, want one with %q", c.examples, err, c.want)
		}
		if _, err := p.OutputCorrelations(c.examples); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Σ_y of examples %v: the error is %v, want one with %q", c.examples, err, c.want)
		}
		if _, err := p.Reduce(c.examples); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Reduce of examples %v: the error is %v, want one with %q", c.examples, err, c.want)
		}
	}
}
