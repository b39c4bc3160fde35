package linear_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
)

// unitRoundoff is the largest relative error of one rounding in float64.
const unitRoundoff = 0x1p-53

// gamma bounds the relative error of sums of products of n roundings a term,
// relative to the sum of absolute values.
func gamma(n int) float64 {
	nu := float64(n) * unitRoundoff
	return nu / (1 - nu)
}

func product(a, b mat.Matrix) *mat.Dense {
	var m mat.Dense
	m.Mul(a, b)
	return &m
}

func absolute(m mat.Matrix) *mat.Dense {
	var a mat.Dense
	a.Apply(func(_, _ int, v float64) float64 { return math.Abs(v) }, m)
	return &a
}

func normals(rng *rand.Rand, rows, cols int) *mat.Dense {
	m := mat.NewDense(rows, cols, nil)
	for i := range rows {
		for j := range cols {
			m.Set(i, j, rng.NormFloat64())
		}
	}
	return m
}

// inputs returns X and Y; other tests prove them.
func inputs(t *testing.T, p dataset.Point) (x, y *mat.Dense) {
	t.Helper()
	x, err := p.X()
	if err != nil {
		t.Fatal(err)
	}
	if y, err = p.Y(); err != nil {
		t.Fatal(err)
	}
	return x, y
}

// columns returns some columns of a matrix (nil: all).
func columns(m *mat.Dense, which []int) *mat.Dense {
	if which == nil {
		return m
	}
	rows, _ := m.Dims()
	out := mat.NewDense(rows, len(which), nil)
	for j, e := range which {
		for i := range rows {
			out.Set(i, j, m.At(i, e))
		}
	}
	return out
}

func within(t *testing.T, name string, got, want mat.Matrix, bound func(i, j int) float64) {
	t.Helper()
	rows, cols := want.Dims()
	if r, c := got.Dims(); r != rows || c != cols {
		t.Fatalf("%s is %d × %d, want %d × %d", name, r, c, rows, cols)
	}
	for i := range rows {
		for j := range cols {
			if d := math.Abs(got.At(i, j) - want.At(i, j)); !(d <= bound(i, j)) {
				t.Fatalf("%s[%d,%d] is %v, want %v: they differ by %.3g, more than %.3g", name, i, j, got.At(i, j), want.At(i, j), d, bound(i, j))
			}
		}
	}
}

// With a teacher the labels are T·X, and the moments those of T·X: three products
// of n_in terms at most, in either order, relative to the absolute values.
func TestTeacherReplacesTheTargets(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, p := range []dataset.Point{paper, dataset.NewPoint(2, 2, 2, 0, 1, 2), dataset.NewPoint(2, 0, 0, 2, 1, 0.5)} {
		x, y := inputs(t, p)
		teacher := normals(rng, p.Outputs(), p.Inputs())
		for _, examples := range [][]int{nil, {1}, {3, 0, 2}} {
			for _, c := range []struct {
				task          *linear.Task
				labels, sizes *mat.Dense
			}{
				{&linear.Task{Point: p}, y, absolute(y)},
				{&linear.Task{Point: p, Teacher: teacher}, product(teacher, x), product(absolute(teacher), absolute(x))},
			} {
				bound := 2 * gamma(3*p.Inputs()+p.Examples()+3)
				targets, err := c.task.Targets()
				if err != nil {
					t.Fatal(err)
				}
				within(t, "targets", targets, c.labels, func(i, j int) float64 { return bound * c.sizes.At(i, j) })

				got, err := c.task.Correlations(examples)
				if err != nil {
					t.Fatal(err)
				}
				outputs, err := c.task.OutputCorrelations(examples)
				if err != nil {
					t.Fatal(err)
				}
				some, labels, sizes := columns(x, examples), columns(c.labels, examples), columns(c.sizes, examples)
				_, m := some.Dims()
				for _, moment := range []struct {
					name                    string
					got, a, b, sizeA, sizeB *mat.Dense
				}{
					{"Σ_x", got.X, some, some, absolute(some), absolute(some)},
					{"Σ_yx", got.YX, labels, some, sizes, absolute(some)},
					{"Σ_y", outputs, labels, labels, sizes, sizes},
				} {
					want, size := product(moment.a, moment.b.T()), product(moment.sizeA, moment.sizeB.T())
					want.Scale(1/float64(m), want)
					within(t, moment.name, moment.got, want, func(i, j int) float64 { return bound * size.At(i, j) / float64(m) })
				}
			}
		}
	}
}

func TestTrainCount(t *testing.T) {
	if n := (&linear.Task{Point: paper}).TrainCount(); n != 8 {
		t.Errorf("all examples are %d, want 8", n)
	}
	if n := (&linear.Task{Point: paper, Examples: []int{5, 1}}).TrainCount(); n != 2 {
		t.Errorf("two examples are %d", n)
	}
}
