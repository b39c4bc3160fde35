package dataset_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
)

// unitRoundoff is the largest relative error of one rounding in float64.
const unitRoundoff = 0x1p-53

// gamma bounds the relative error of n roundings one after the other, and so
// that of a sum of products of n roundings a term, relative to the sum of the
// terms' absolute values (Higham, Accuracy and Stability of Numerical
// Algorithms, lemma 3.1).
func gamma(n int) float64 {
	nu := float64(n) * unitRoundoff
	return nu / (1 - nu)
}

// pattern is Ω[row][example] straight from the definition: write P−1−example
// as n binary digits, the slowest first; digit 1 is +1.
func pattern(bits, row, example int) float64 {
	digits := make([]int, bits)
	for value, i := 1<<bits-1-example, bits-1; i >= 0; i-- {
		digits[i] = value % 2
		value /= 2
	}
	return float64(2*digits[row] - 1)
}

// stacked writes out [Ω_b; Γ] with b the rows of Ω and k copies of r·I, for the
// given examples as columns (nil: all).
func stacked(p dataset.Point, rows []int, k int, examples []int) *mat.Dense {
	total := 1 << p.Bits
	if examples == nil {
		for e := range total {
			examples = append(examples, e)
		}
	}
	m := mat.NewDense(len(rows)+k*total, len(examples), nil)
	for c, e := range examples {
		for i, row := range rows {
			m.Set(i, c, pattern(p.Bits, row, e))
		}
		for block := range k {
			m.Set(len(rows)+block*total+e, c, p.R)
		}
	}
	return m
}

func literalX(p dataset.Point, examples []int) *mat.Dense {
	return stacked(p, p.InputBits, p.KX, examples)
}

func literalY(p dataset.Point, examples []int) *mat.Dense {
	return stacked(p, p.OutputBits, p.KY, examples)
}

// absolute returns |m|, element by element.
func absolute(m mat.Matrix) *mat.Dense {
	var a mat.Dense
	a.Apply(func(_, _ int, v float64) float64 { return math.Abs(v) }, m)
	return &a
}

// product returns a·b.
func product(a, b mat.Matrix) *mat.Dense {
	var m mat.Dense
	m.Mul(a, b)
	return &m
}

// sameShape fails unless two matrices have one shape.
func sameShape(t *testing.T, name string, got, want mat.Matrix) {
	t.Helper()
	gr, gc := got.Dims()
	wr, wc := want.Dims()
	if gr != wr || gc != wc {
		t.Fatalf("%s is %d × %d, want %d × %d", name, gr, gc, wr, wc)
	}
}

// identical fails unless two matrices are equal in every element.
func identical(t *testing.T, name string, got, want mat.Matrix) {
	t.Helper()
	sameShape(t, name, got, want)
	if !mat.Equal(got, want) {
		t.Fatalf("%s is\n%v\nwant\n%v", name, mat.Formatted(got), mat.Formatted(want))
	}
}

// within fails where two matrices differ by more than a bound of their element's
// own. A NaN on either side fails.
func within(t *testing.T, name string, got, want mat.Matrix, bound func(i, j int) float64) {
	t.Helper()
	sameShape(t, name, got, want)
	rows, cols := got.Dims()
	for i := range rows {
		for j := range cols {
			if d := math.Abs(got.At(i, j) - want.At(i, j)); !(d <= bound(i, j)) {
				t.Fatalf("%s[%d,%d] = %v, want %v: they differ by %.3g, more than %.3g",
					name, i, j, got.At(i, j), want.At(i, j), d, bound(i, j))
			}
		}
	}
}

// randomPoint returns a valid point of 1 to maxBits bits with any rows of Ω on
// either side, edges (no Ω_x, no Ω_y, no Γ, r = 0) as likely as not.
func randomPoint(rng *rand.Rand, maxBits int) dataset.Point {
	for {
		bits := 1 + rng.IntN(maxBits)
		p := dataset.Point{
			Bits:      bits,
			InputBits: randomRows(rng, bits), OutputBits: randomRows(rng, bits),
			KX: rng.IntN(4), KY: rng.IntN(4),
		}
		if rng.IntN(5) > 0 {
			p.R = math.Exp(rng.NormFloat64())
		}
		if p.Validate() == nil {
			return p
		}
	}
}

func randomRows(rng *rand.Rand, bits int) []int {
	var rows []int
	for row := range bits {
		if rng.IntN(2) == 0 {
			rows = append(rows, row)
		}
	}
	return rows
}

// randomExamples returns nil, for all examples, or some of them in any order.
func randomExamples(rng *rand.Rand, p dataset.Point) []int {
	if rng.IntN(3) == 0 {
		return nil
	}
	return rng.Perm(p.Examples())[:1+rng.IntN(p.Examples())]
}

// randomMatrix returns independent standard normals.
func randomMatrix(rng *rand.Rand, rows, cols int) *mat.Dense {
	m := mat.NewDense(rows, cols, nil)
	for i := range rows {
		for j := range cols {
			m.Set(i, j, rng.NormFloat64())
		}
	}
	return m
}

// edges are points at the rims of the space, beside which random ones are tried.
var edges = []dataset.Point{
	dataset.NewPoint(1, 1, 1, 1, 1, 1),
	dataset.NewPoint(1, 1, 1, 0, 0, 0),
	dataset.NewPoint(1, 0, 0, 1, 1, 1),
	dataset.NewPoint(3, 0, 0, 2, 3, 2),
	dataset.NewPoint(3, 3, 0, 0, 1, 1),
	dataset.NewPoint(3, 3, 3, 0, 0, 1),
	dataset.NewPoint(3, 3, 2, 2, 1, 0),
	dataset.NewPoint(3, 3, 1, 3, 1, dataset.MinR),
	dataset.NewPoint(3, 3, 1, 3, 1, dataset.MaxR),
	{Bits: 3, InputBits: []int{0, 2}, OutputBits: []int{1, 2}, KX: 2, KY: 1, R: 1},
	{Bits: 4, InputBits: []int{1, 3}, OutputBits: []int{0, 2}, KX: 0, KY: 2, R: 0.5},
	dataset.NewPoint(6, 6, 3, 3, 1, 1),
}

// eachPoint runs a test at the edges and at count random points of up to
// maxBits bits.
func eachPoint(t *testing.T, seed uint64, count, maxBits int, test func(t *testing.T, p dataset.Point, rng *rand.Rand)) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 0))
	for _, p := range edges {
		t.Run(p.String(), func(t *testing.T) { test(t, p, rng) })
	}
	for range count {
		p := randomPoint(rng, maxBits)
		t.Run(p.String(), func(t *testing.T) { test(t, p, rng) })
	}
}
