//go:build gpu

package cuda

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
)

// somePoints are datasets with all kinds of modes, tiny and no r, and bits that are
// not given.
var somePoints = []dataset.Point{
	paperPoint, dataset.NewPoint(3, 3, 2, 1, 1, 2), dataset.NewPoint(1, 1, 1, 1, 1, 1), dataset.NewPoint(4, 4, 2, 2, 1, 0.5),
	dataset.NewPoint(3, 0, 0, 1, 1, 2), dataset.NewPoint(3, 3, 0, 1, 1, 2), dataset.NewPoint(3, 3, 2, 0, 0, 1),
	dataset.NewPoint(3, 3, 1, 2, 1, 0), dataset.NewPoint(3, 2, 2, 2, 2, 1e-6), dataset.NewPoint(4, 3, 1, 1, 2, 1e5),
	{Bits: 3, InputBits: []int{0, 2}, OutputBits: []int{1, 2}, KX: 2, KY: 1, R: 1},
}

var someArchitectures = []network.Architecture{network.Dense(4), network.Split(4), network.Partitioned(4), network.Shallow()}

// eachModule calls test for the modules of some networks at some points, with all
// examples and with some, and with bases that are completed and not.
func eachModule(t *testing.T, test func(t *testing.T, p dataset.Point, m network.Module, examples []int, all bool, b *basis)) {
	for _, p := range somePoints {
		for _, a := range someArchitectures {
			here, err := a.At(p)
			if err != nil {
				continue // no module of it has inputs and outputs there
			}
			for _, m := range here.Modules {
				for _, examples := range [][]int{nil, {1}, {1, 0}} {
					for _, all := range []bool{false, true} {
						b, err := newBasis(p.Restrict(m.View()), examples, all)
						if err != nil {
							t.Fatalf("%v, %v, examples %v: %v", p, m, examples, err)
						}
						test(t, p, m, examples, all, b)
					}
				}
			}
		}
	}
}

// Functionals on a map in coordinates give what linear.Observer, which never forms a
// vector, measures of the map in plain ones.
//
// Either is a sum over the map's elements, each with a factor of at most 1, in
// nested sums of length altogether; so they differ by at most 2γ_length times the sum
// of the elements' absolute values. The basis itself is orthonormal and complete up
// to the roundings of as many products as it has elements.
func TestFunctionalsAreTheObserversStrengths(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	eachModule(t, func(t *testing.T, p dataset.Point, m network.Module, examples []int, all bool, b *basis) {
		shape := m.Shape(p)
		inputs, outputs := shape[0], shape[len(shape)-1]
		mapping := mat.NewDense(outputs, inputs, nil)
		size := 0.0
		for i := range outputs {
			for j := range inputs {
				v := rng.NormFloat64()
				mapping.Set(i, j, v)
				size += math.Abs(v)
			}
		}
		alone := network.Architecture{Name: "alone", Modules: []network.Module{m}}
		observer, err := linear.NewObserver(&linear.Task{Point: p}, alone)
		if err != nil {
			t.Fatal(err)
		}
		want := observer.Observe(0, []*mat.Dense{mapping}).Modes

		coords := len(b.d)
		reduced := mapping
		if b.q != nil {
			reduced = mat.NewDense(outputs, coords, nil)
			reduced.Mul(mapping, b.q)
		}
		list := functionals(p, m.View(), b.q, coords)
		if len(list) != len(want)*outputs*coords {
			t.Fatalf("%v, %v: there are %d elements of functionals, want %d", p, m, len(list), len(want)*outputs*coords)
		}
		length := float64(2*inputs+outputs*coords+p.Examples()+10) + float64(inputs*coords)
		bound := 2 * length * 0x1p-53 * size
		for k, w := range want {
			got := 0.0
			for i := range outputs {
				for c := range coords {
					got += list[(k*outputs+i)*coords+c] * reduced.At(i, c)
				}
			}
			if !(math.Abs(got-w) <= bound) {
				t.Errorf("%v, %v, examples %v, all inputs %v: mode %d has strength %v, want %v: off by %.3g, more than %.3g",
					p, m, examples, all, k, got, w, got-w, bound)
			}
		}
	})
}

// A basis is orthonormal, diagonalises the inputs of the training examples with d, and
// leaves of no example anything outside.
//
// Orthonormality is off by the roundings of a product of the basis's size; an example,
// as long as its root of squares, loses no more than that share of itself.
func TestBasesAreOrthonormalAndComplete(t *testing.T) {
	eachModule(t, func(t *testing.T, p dataset.Point, m network.Module, examples []int, all bool, b *basis) {
		seen := p.Restrict(m.View())
		if b.q == nil {
			if !zeroInput(seen) || b.learned != 0 {
				t.Errorf("%v, %v: there is no Q, but inputs", p, m)
			}
			return
		}
		inputs, coords := b.q.Dims()
		if coords != len(b.d) || all && coords != inputs {
			t.Errorf("%v, %v, all inputs %v: Q is %d × %d with %d eigenvalues", p, m, all, inputs, coords, len(b.d))
		}
		roundings := 8 * float64(inputs*coords) * 0x1p-53
		var square mat.Dense
		square.Mul(b.q.T(), b.q)
		for i := range coords {
			for j := range coords {
				want := 0.0
				if i == j {
					want = 1
				}
				if d := math.Abs(square.At(i, j) - want); !(d <= roundings) {
					t.Errorf("%v, %v, examples %v: directions %d and %d have product %v", p, m, examples, i, j, square.At(i, j))
				}
			}
		}
		x, err := seen.X()
		if err != nil {
			t.Fatal(err)
		}
		var inside, back, left mat.Dense
		inside.Mul(b.q.T(), x)
		back.Mul(b.q, &inside)
		left.Sub(x, &back)
		if lost := mat.Norm(&left, 2); !(lost <= roundings*mat.Norm(x, 2)) {
			t.Errorf("%v, %v, examples %v: the basis leaves %v of the examples outside", p, m, examples, lost)
		}
		trained, err := p.Select(examples)
		if err != nil {
			t.Fatal(err)
		}
		some := dataset.Columns(&inside, trained)
		var moments mat.Dense
		moments.Mul(some, some.T())
		moments.Scale(1/float64(len(trained)), &moments)
		size := mat.Norm(&moments, 2)
		for i := range coords {
			for j := range coords {
				want := 0.0
				if i == j {
					want = b.d[i]
				}
				if d := math.Abs(moments.At(i, j) - want); !(d <= 2*roundings*size) {
					t.Errorf("%v, %v, examples %v: moment (%d, %d) is %v, want %v", p, m, examples, i, j, moments.At(i, j), want)
				}
			}
			if i >= b.learned && b.d[i] != 0 {
				t.Errorf("%v, %v: direction %d is not learned but has eigenvalue %v", p, m, i, b.d[i])
			}
		}
	})
}
