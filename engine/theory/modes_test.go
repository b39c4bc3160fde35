package theory_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/theory"
)

// Every Walsh function belongs to exactly one kind, and its vectors are unit,
// orthogonal to all others and singular vectors of the explicit Σ_yx and
// eigenvectors of the explicit Σ_x.
//
// Entries of the vectors are a handful of roundings from exact ones, as are those
// of Σ (whole-number sums, or one term): elementwise a product of n terms is
// within γ_{n+20} of the exact value, relative to the absolute values.
func TestVectorsAreSingularVectors(t *testing.T) {
	eachView(t, 1, 30, func(t *testing.T, p dataset.Point, view dataset.View) {
		m := write(t, p, view)
		bound := gamma(m.dimension + 20)
		seen := map[uint]bool{}
		var us, vs [][]float64
		for _, kind := range kinds {
			for _, set := range theory.Sets(p, view, kind) {
				if seen[set] {
					t.Fatalf("set %b is of two kinds", set)
				}
				seen[set] = true
				u, v := theory.Vectors(p, view, set)
				lambda := math.Sqrt(p.InputPower(set, view.Reads)*p.OutputPower(set, view.Writes)) / float64(p.Examples())
				delta := p.InputPower(set, view.Reads) / float64(p.Examples())
				eigen(t, fmt.Sprintf("Σ_yx v of set %b", set), m.sigmaYX, v, lambda, u, bound)
				eigen(t, fmt.Sprintf("Σ_yxᵀu of set %b", set), m.sigmaYX.T(), u, lambda, v, bound)
				eigen(t, fmt.Sprintf("Σ_x v of set %b", set), m.sigmaX, v, delta, v, bound)
				if floats.Norm(u, 2) > 0 {
					us = append(us, u)
				}
				if floats.Norm(v, 2) > 0 {
					vs = append(vs, v)
				}
			}
		}
		if len(seen) != p.Examples() {
			t.Errorf("the kinds hold %d Walsh functions, want all P = %d", len(seen), p.Examples())
		}
		orthonormal(t, "left vectors", us, bound)
		orthonormal(t, "right vectors", vs, bound)
	})
}

// eigen fails unless a·x = λ·y, elementwise.
func eigen(t *testing.T, name string, a mat.Matrix, x []float64, lambda float64, y []float64, bound float64) {
	t.Helper()
	rows, _ := a.Dims()
	for i := range rows {
		sum, size := 0.0, 0.0
		for j, v := range x {
			sum += a.At(i, j) * v
			size += math.Abs(a.At(i, j) * v)
		}
		if !(math.Abs(sum-lambda*y[i]) <= bound*(size+lambda*math.Abs(y[i]))) {
			t.Errorf("%s: element %d is %v, want %v", name, i, sum, lambda*y[i])
		}
	}
}

func orthonormal(t *testing.T, name string, vectors [][]float64, bound float64) {
	t.Helper()
	for i, a := range vectors {
		for j, b := range vectors[:i+1] {
			want := 0.0
			if i == j {
				want = 1
			}
			// The absolute values sum to 1 at most, by Cauchy and Schwarz.
			near(t, fmt.Sprintf("%s, product of %d and %d", name, i, j), floats.Dot(a, b), want, bound)
		}
	}
}

// A kind is decided by which of the view's blocks hold the bit.
func TestKindsFollowTheBits(t *testing.T) {
	p := dataset.Point{Bits: 4, InputBits: []int{0, 1}, OutputBits: []int{1, 2}, KX: 1, KY: 1, R: 1}
	bit := func(rows ...int) (sets []uint) {
		for _, r := range rows {
			sets = append(sets, 1<<r)
		}
		return sets
	}
	gammaOnly := dataset.View{Reads: dataset.Gamma, Writes: dataset.Gamma}
	for _, c := range []struct {
		view dataset.View
		kind theory.Kind
		want []uint
	}{
		{dataset.Whole, theory.Asked, bit(1)},
		{dataset.Whole, theory.LeftOut, bit(0)},
		{dataset.Whole, theory.NotGiven, bit(2)},
		{dataset.View{Reads: dataset.Gamma, Writes: dataset.Both}, theory.NotGiven, bit(1, 2)},
		{dataset.View{Reads: dataset.Both, Writes: dataset.Gamma}, theory.LeftOut, bit(0, 1)},
		{gammaOnly, theory.Asked, nil},
		{gammaOnly, theory.LeftOut, nil},
		{gammaOnly, theory.NotGiven, nil},
	} {
		if got := theory.Sets(p, c.view, c.kind); !slices.Equal(got, c.want) {
			t.Errorf("%v modes of %v→%v are %b, want %b", c.kind, c.view.Reads, c.view.Writes, got, c.want)
		}
	}
	if n := len(theory.Sets(p, dataset.Whole, theory.Other)); n != 16-3 {
		t.Errorf("there are %d other modes, want 13", n)
	}
}

func TestKindsHaveNames(t *testing.T) {
	for kind, want := range map[theory.Kind]string{
		theory.Asked: "asked", theory.LeftOut: "left-out", theory.Other: "other", theory.NotGiven: "not-given", 9: "Kind(9)",
	} {
		if got := kind.String(); got != want {
			t.Errorf("kind %d is named %q, want %q", int(kind), got, want)
		}
	}
}

// A mode carries what its directions' vectors say, and the shares are the parts
// of their squared lengths that lie in the Ω rows.
func TestModesSummariseTheirDirections(t *testing.T) {
	eachView(t, 2, 30, func(t *testing.T, p dataset.Point, view dataset.View) {
		inLo, inHi := p.InputRange(view.Reads & dataset.Omega)
		outLo, outHi := p.OutputRange(view.Writes & dataset.Omega)
		modes := theory.Modes(p, view)
		for i, m := range modes {
			if i > 0 && modes[i-1].SingularValue < m.SingularValue {
				t.Errorf("modes are not strongest first: %+v", modes)
			}
			if !(m.SingularValue > 0) || !(m.InputEigenvalue > 0) {
				t.Errorf("%+v is never learned", m)
			}
			sets := theory.Sets(p, view, m.Kind)
			if len(sets) != m.Multiplicity {
				t.Errorf("%v: multiplicity %d, but %d sets", m.Kind, m.Multiplicity, len(sets))
			}
			for _, set := range sets {
				u, v := theory.Vectors(p, view, set)
				// Sums of squares: relative γ of their length and of the entries' own roundings.
				near(t, "input share", m.InputShare, squares(v[:inHi-inLo]), gamma(len(v)+16))
				near(t, "output share", m.OutputShare, squares(u[:outHi-outLo]), gamma(len(u)+16))
			}
		}
	})
}

func squares(v []float64) float64 { return floats.Dot(v, v) }

// The table of the package doc for n_x = n, and its edges for bits that are no input,
// as the formulas stand there.
func TestModesAreThoseOfTheTable(t *testing.T) {
	for _, c := range []struct{ bits, nx, ny, kx, ky int }{
		{3, 3, 1, 3, 1}, {3, 3, 2, 1, 1}, {4, 4, 4, 2, 3}, {3, 3, 0, 1, 2}, {5, 5, 2, 0, 1}, {3, 3, 1, 2, 0}, {2, 2, 2, 0, 0},
	} {
		for _, r := range []float64{0.5, 1, 2} {
			p := dataset.NewPoint(c.bits, c.nx, c.ny, c.kx, c.ky, r)
			examples := float64(p.Examples())
			x, y := float64(c.kx)*r*r, float64(c.ky)*r*r
			table := map[theory.Kind]theory.Mode{
				theory.Asked: {
					Multiplicity: c.ny, SingularValue: math.Sqrt((x+examples)*(y+examples)) / examples,
					InputEigenvalue: (x + examples) / examples, InputShare: examples / (x + examples), OutputShare: examples / (y + examples),
				},
				theory.LeftOut: {
					Multiplicity: c.nx - c.ny, SingularValue: math.Sqrt((x+examples)*y) / examples,
					InputEigenvalue: (x + examples) / examples, InputShare: examples / (x + examples),
				},
				theory.Other: {
					Multiplicity: p.Examples() - c.nx, SingularValue: math.Sqrt(float64(c.kx*c.ky)) * r * r / examples,
					InputEigenvalue: x / examples,
				},
			}
			learned := 0
			for _, want := range table {
				if want.Multiplicity > 0 && want.SingularValue > 0 {
					learned++
				}
			}
			modes := theory.Modes(p, dataset.Whole)
			if len(modes) != learned {
				t.Errorf("%v: %d modes are learned, want %d", p, len(modes), learned)
			}
			for _, m := range modes {
				want := table[m.Kind]
				if m.Multiplicity != want.Multiplicity {
					t.Errorf("%v: %d %v modes, want %d", p, m.Multiplicity, m.Kind, want.Multiplicity)
				}
				for _, q := range []struct {
					name      string
					got, want float64
				}{
					{"λ", m.SingularValue, want.SingularValue},
					{"δ", m.InputEigenvalue, want.InputEigenvalue},
					{"λ/δ", m.Asymptote(), want.SingularValue / want.InputEigenvalue},
					{"c_x", m.InputShare, want.InputShare},
					{"c_y", m.OutputShare, want.OutputShare},
				} {
					// Either side is at most ten sums, products, roots and quotients of positive numbers.
					near(t, fmt.Sprintf("%v, %v: %s", p, m.Kind, q.name), q.got, q.want, 2*gamma(10)*q.want)
				}
			}
		}
	}
	p := dataset.Point{Bits: 3, InputBits: []int{0}, OutputBits: []int{2}, KX: 2, KY: 1, R: 1.5}
	for _, m := range theory.Modes(p, dataset.Whole) {
		if m.Kind == theory.NotGiven {
			x, y := 2*1.5*1.5, 1.5*1.5
			near(t, "λ of a bit asked for but not given", m.SingularValue, math.Sqrt(x*(y+8))/8, 2*gamma(10))
			near(t, "δ of a bit asked for but not given", m.InputEigenvalue, x/8, 2*gamma(10))
			return
		}
	}
	t.Error("the bit that is asked for but not given has no mode")
}
