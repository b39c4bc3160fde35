package dataset_test

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
)

// X and Y hold copies of ±1 and r, so they equal the literal construction exactly.
func TestXAndYAreTheDefinition(t *testing.T) {
	eachPoint(t, 1, 60, 6, func(t *testing.T, p dataset.Point, _ *rand.Rand) {
		x, err := p.X()
		if err != nil {
			t.Fatal(err)
		}
		identical(t, "X", x, literalX(p, nil))
		y, err := p.Y()
		if err != nil {
			t.Fatal(err)
		}
		identical(t, "Y", y, literalY(p, nil))
		if rows, cols := x.Dims(); rows != p.Inputs() || cols != p.Examples() {
			t.Errorf("Inputs, Examples are %d, %d, but X is %d × %d", p.Inputs(), p.Examples(), rows, cols)
		}
		if rows, _ := y.Dims(); rows != p.Outputs() {
			t.Errorf("Outputs is %d, but Y has %d rows", p.Outputs(), rows)
		}
	})
}

// The paper's own order, written out by hand: first column all +1, row 0 slowest.
func TestColumnsStandInThePapersOrder(t *testing.T) {
	x, err := dataset.NewPoint(3, 3, 1, 0, 1, 1).X()
	if err != nil {
		t.Fatal(err)
	}
	identical(t, "Ω", x, mat.NewDense(3, 8, []float64{
		1, 1, 1, 1, -1, -1, -1, -1,
		1, 1, -1, -1, 1, 1, -1, -1,
		1, -1, 1, -1, 1, -1, 1, -1,
	}))
	for bits := dataset.MinBits; bits <= 6; bits++ {
		p := dataset.NewPoint(bits, bits, 0, 0, 1, 1)
		for row := range bits {
			if p.Omega(row, 0) != 1 || p.Omega(row, p.Examples()-1) != -1 {
				t.Errorf("bits %d, row %d: the first column must be +1 and the last −1", bits, row)
			}
			for e := range p.Examples() {
				// Row 0 changes once, half way; each later row twice as often.
				slow := 1.0
				if e>>(bits-1-row)&1 == 1 {
					slow = -1
				}
				if p.Omega(row, e) != slow {
					t.Errorf("bits %d: Ω[%d][%d] = %v, want %v", bits, row, e, p.Omega(row, e), slow)
				}
			}
		}
	}
}

// Apply adds n_x terms and k_x more into each element, where the literal product
// adds those and zeros; both are within γ of the exact value, relative to the
// product of the absolute values.
func TestApplyIsTheProductWithX(t *testing.T) {
	eachPoint(t, 2, 40, 5, func(t *testing.T, p dataset.Point, rng *rand.Rand) {
		x := literalX(p, nil)
		for _, reads := range []dataset.Blocks{dataset.Omega, dataset.Gamma, dataset.Both} {
			lo, hi := p.InputRange(reads)
			if lo == hi {
				continue
			}
			m := randomMatrix(rng, 1+rng.IntN(4), hi-lo)
			part := x.Slice(lo, hi, 0, p.Examples())
			size := product(absolute(m), absolute(part))
			tolerance := 2 * gamma(p.NX()+p.KX+1)
			within(t, "m·X", p.Apply(m, reads), product(m, part), func(i, j int) float64 { return tolerance * size.At(i, j) })
		}
	})
}

func TestApplyRefusesOtherShapes(t *testing.T) {
	p := dataset.NewPoint(2, 2, 1, 1, 1, 1)
	for _, cols := range []int{1, p.Inputs() - 1, p.Inputs() + 1} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a map of %d columns was applied to %d inputs", cols, p.Inputs())
				}
			}()
			p.Apply(mat.NewDense(1, cols, nil), dataset.Both)
		}()
	}
}
