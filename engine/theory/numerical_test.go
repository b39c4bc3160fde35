package theory_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/theory"
)

// unitRoundoff is the largest relative error of one rounding in float64.
const unitRoundoff = 0x1p-53

// gamma bounds the relative error of n roundings one after the other, and of
// sums of products of as many, relative to the sum of absolute values.
func gamma(n int) float64 {
	nu := float64(n) * unitRoundoff
	return nu / (1 - nu)
}

// matrices are a view's part of a dataset with its second moments, written out.
type matrices struct {
	x, y            *mat.Dense
	sigmaX, sigmaYX *mat.Dense
	// dimension times ε bounds the relative backward error of the decompositions
	// and products of these matrices: the longest sums in them have this length.
	dimension int
}

// write forms a view's matrices; the view must have inputs and outputs.
func write(t *testing.T, p dataset.Point, v dataset.View) matrices {
	t.Helper()
	whole := func(m *mat.Dense, err error) *mat.Dense {
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	x, y := whole(p.X()), whole(p.Y())
	inLo, inHi := p.InputRange(v.Reads)
	outLo, outHi := p.OutputRange(v.Writes)
	var m matrices
	m.x = x.Slice(inLo, inHi, 0, p.Examples()).(*mat.Dense)
	m.y = y.Slice(outLo, outHi, 0, p.Examples()).(*mat.Dense)
	m.sigmaX, m.sigmaYX = &mat.Dense{}, &mat.Dense{}
	m.sigmaX.Mul(m.x, m.x.T())
	m.sigmaX.Scale(1/float64(p.Examples()), m.sigmaX)
	m.sigmaYX.Mul(m.y, m.x.T())
	m.sigmaYX.Scale(1/float64(p.Examples()), m.sigmaYX)
	m.dimension = inHi - inLo + outHi - outLo + p.Examples()
	return m
}

// leastSquares returns the minimum-norm least-squares map Σ_yxΣ_x⁺ and the
// condition number of Σ_x on its range. Eigenvalues that rounding cannot tell
// from 0 count as 0.
func (m matrices) leastSquares(t *testing.T) (mapping *mat.Dense, condition float64) {
	t.Helper()
	n, _ := m.sigmaX.Dims()
	symmetric := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			symmetric.SetSym(i, j, m.sigmaX.At(i, j))
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(symmetric, true) {
		t.Fatal("the eigenvalues of Σ_x did not converge")
	}
	values := eigen.Values(nil)
	var basis mat.Dense
	eigen.VectorsTo(&basis)
	largest, smallest := values[n-1], values[n-1]
	if largest == 0 {
		return mat.NewDense(m.sigmaYX.RawMatrix().Rows, n, nil), 1
	}
	inverse := make([]float64, n)
	for i, v := range values {
		if v > float64(m.dimension)*2*unitRoundoff*largest {
			inverse[i] = 1 / v
			smallest = math.Min(smallest, v)
		}
	}
	var projected mat.Dense
	projected.Mul(m.sigmaYX, &basis)
	projected.Mul(&projected, mat.NewDiagDense(n, inverse))
	mapping = &mat.Dense{}
	mapping.Mul(&projected, basis.T())
	return mapping, largest / smallest
}

// views are all the parts of a dataset that a module can see.
func views() []dataset.View {
	var all []dataset.View
	blocks := []dataset.Blocks{dataset.Omega, dataset.Gamma, dataset.Both}
	for _, reads := range blocks {
		for _, writes := range blocks {
			all = append(all, dataset.View{Reads: reads, Writes: writes})
		}
	}
	return all
}

// has reports whether a view has inputs and outputs at a point.
func has(p dataset.Point, v dataset.View) bool {
	inLo, inHi := p.InputRange(v.Reads)
	outLo, outHi := p.OutputRange(v.Writes)
	return inLo < inHi && outLo < outHi
}

// points are the edges of the space and seeded random points of up to 5 bits,
// with any rows of Ω on either side. n_y may exceed n_x: Validate refuses that
// for training, but the modes are known there too.
func points(seed uint64, count int) []dataset.Point {
	list := []dataset.Point{
		dataset.NewPoint(3, 3, 1, 3, 1, 1),
		dataset.NewPoint(1, 1, 1, 1, 1, 1),
		dataset.NewPoint(3, 0, 0, 1, 1, 2),
		dataset.NewPoint(3, 3, 2, 0, 0, 0),
		dataset.NewPoint(3, 3, 2, 2, 1, 0),
		dataset.NewPoint(3, 3, 0, 1, 1, 2),
		dataset.NewPoint(3, 0, 2, 1, 1, 1),
		{Bits: 2, InputBits: []int{0}, OutputBits: []int{1}, KX: 1, KY: 1, R: 1}, // LeftOut and NotGiven share λ
		{Bits: 4, InputBits: []int{0, 3}, OutputBits: []int{1, 3}, KX: 2, KY: 3, R: 0.5},
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	rows := func(bits int) (list []int) {
		for row := range bits {
			if rng.IntN(2) == 0 {
				list = append(list, row)
			}
		}
		return list
	}
	for len(list) < count {
		bits := 1 + rng.IntN(5)
		p := dataset.Point{Bits: bits, InputBits: rows(bits), OutputBits: rows(bits), KX: rng.IntN(4), KY: rng.IntN(4)}
		if rng.IntN(5) > 0 {
			p.R = math.Exp(rng.NormFloat64())
		}
		if p.Inputs() > 0 && p.Outputs() > 0 {
			list = append(list, p)
		}
	}
	return list
}

// eachView runs a test on every view of every point that has inputs and outputs.
func eachView(t *testing.T, seed uint64, count int, test func(t *testing.T, p dataset.Point, v dataset.View)) {
	for _, p := range points(seed, count) {
		for _, v := range views() {
			if has(p, v) {
				t.Run(p.String()+" "+v.Reads.String()+"→"+v.Writes.String(), func(t *testing.T) { test(t, p, v) })
			}
		}
	}
}

// kinds are all kinds of mode.
var kinds = []theory.Kind{theory.Asked, theory.LeftOut, theory.Other, theory.NotGiven}

// near fails unless two numbers differ by at most a bound.
func near(t *testing.T, name string, got, want, bound float64) {
	t.Helper()
	if d := math.Abs(got - want); !(d <= bound) {
		t.Errorf("%s is %v, want %v: they differ by %.3g, more than %.3g", name, got, want, d, bound)
	}
}
