package dataset_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"modspec/engine/dataset"
)

func TestValidateNamesTheValueAndWhatIsAllowed(t *testing.T) {
	rows := func(in, out []int) dataset.Point {
		return dataset.Point{Bits: 3, InputBits: in, OutputBits: out, KX: 1, KY: 1, R: 1}
	}
	withR := func(r float64) dataset.Point { return dataset.NewPoint(3, 3, 1, 3, 1, r) }
	for _, c := range []struct {
		point dataset.Point
		want  string
	}{
		{dataset.Point{}, "bits is 0, but must be 1 to 12"},
		{dataset.NewPoint(0, 0, 0, 1, 1, 1), "bits is 0, but must be 1 to 12"},
		{dataset.NewPoint(-1, 0, 0, 1, 1, 1), "bits is -1, but must be 1 to 12"},
		{dataset.NewPoint(40, 3, 1, 1, 1, 1), "bits is 40, but must be 1 to 12"},
		{dataset.NewPoint(13, 3, 1, 1, 1, 1), "bits is 13, but must be 1 to 12"},
		{dataset.NewPoint(3, 4, 1, 1, 1, 1), "n_x is 4, but must be at most bits = 3"},
		{dataset.NewPoint(3, 3, 5, 1, 1, 1), "n_y is 5, but must be at most bits = 3"},
		{dataset.NewPoint(3, math.MaxInt, 1, 1, 1, 1), "n_x is 13, but must be at most bits = 3"},
		{dataset.NewPoint(12, 13, 1, 1, 1, 1), "n_x is 13, but must be at most bits = 12"},
		{dataset.NewPoint(3, -1, 0, 1, 1, 1), "input bits hold row -1, but rows are 0 to 2"},
		{dataset.NewPoint(3, 3, math.MinInt, 1, 1, 1), "output bits hold row -1, but rows are 0 to 2"},
		{dataset.NewPoint(3, 1, 2, 1, 1, 1), "n_y is 2, but must be at most n_x = 1"},
		{rows([]int{0, 3}, nil), "input bits hold row 3, but rows are 0 to 2"},
		{rows([]int{-1}, nil), "input bits hold row -1, but rows are 0 to 2"},
		{rows([]int{0, 1}, []int{7}), "output bits hold row 7, but rows are 0 to 2"},
		{rows([]int{1, 0}, nil), "input bits are [1 0], but must be ascending without repeats"},
		{rows([]int{0, 1, 1}, nil), "input bits are [0 1 1], but must be ascending without repeats"},
		{rows([]int{0, 1, 2}, []int{2, 0}), "output bits are [2 0], but must be ascending without repeats"},
		{rows([]int{0, 1, 2, 2}, nil), "n_x is 4, but must be at most bits = 3"},
		{dataset.NewPoint(3, 3, 1, -1, 1, 1), "k_x is -1, but must be 0 to 1024"},
		{dataset.NewPoint(3, 3, 1, 1, -2, 1), "k_y is -2, but must be 0 to 1024"},
		{dataset.NewPoint(3, 3, 1, 1025, 1, 1), "k_x is 1025, but must be 0 to 1024"},
		{dataset.NewPoint(3, 3, 1, 1, math.MaxInt, 1), "k_y is 9223372036854775807, but must be 0 to 1024"},
		{withR(math.NaN()), "r is NaN, but must be a finite number ≥ 0"},
		{withR(math.Inf(1)), "r is +Inf, but must be a finite number ≥ 0"},
		{withR(math.Inf(-1)), "r is -Inf, but must be a finite number ≥ 0"},
		{withR(-1), "r is -1, but must be a finite number ≥ 0"},
		{withR(-math.SmallestNonzeroFloat64), "but must be a finite number ≥ 0"},
		{withR(1e31), "r is 1e+31, but must be 0 or 1e-30 to 1e+30"},
		{withR(1e-31), "r is 1e-31, but must be 0 or 1e-30 to 1e+30"},
		{dataset.NewPoint(3, 0, 0, 0, 1, 1), "the input is empty"},
		{dataset.NewPoint(3, 3, 0, 1, 0, 1), "the output is empty"},
	} {
		if err := c.point.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: the error is %v, want one with %q", c.point, err, c.want)
		}
	}
}

func TestValidateAcceptsTheWholeSpace(t *testing.T) {
	for _, p := range append([]dataset.Point{
		dataset.NewPoint(dataset.MaxBits, dataset.MaxBits, dataset.MaxBits, dataset.MaxCopies, dataset.MaxCopies, 0),
		dataset.NewPoint(3, 0, 0, 1, 1, 2), // the paper's motivating settings
		dataset.NewPoint(3, 3, 0, 1, 1, 2),
		dataset.NewPoint(3, 3, 2, 0, 0, 0),
		dataset.NewPoint(3, 3, 2, 1, 0, 2),
		dataset.NewPoint(3, 3, 2, 1, 1, 2),
	}, edges...) {
		if err := p.Validate(); err != nil {
			t.Errorf("%v: %v", p, err)
		}
	}
}

// Points that differ must not share a name: it stands in messages and reports.
func TestStringTellsPointsApart(t *testing.T) {
	for _, c := range []struct {
		point dataset.Point
		want  string
	}{
		{dataset.NewPoint(3, 3, 1, 3, 1, 1), "bits=3 n_x=3 n_y=1 k_x=3 k_y=1 r=1"},
		{dataset.NewPoint(3, 0, 0, 1, 1, 0.5), "bits=3 n_x=0 n_y=0 k_x=1 k_y=1 r=0.5"},
		{dataset.Point{Bits: 3, InputBits: []int{0, 2}, OutputBits: []int{1}, KX: 2}, "bits=3 n_x=2[0 2] n_y=1[1] k_x=2 k_y=0 r=0"},
	} {
		if got := c.point.String(); got != c.want {
			t.Errorf("%+v is named %q, want %q", c.point, got, c.want)
		}
	}
}

// FuzzPointValidate: whatever the numbers, Validate returns, and what it accepts
// has the properties that the rest of the package relies on.
func FuzzPointValidate(f *testing.F) {
	f.Add(3, []byte{0, 1, 2}, []byte{0}, 3, 1, 1.0)
	f.Add(40, []byte{}, []byte{}, -1, 1<<40, math.NaN())
	f.Add(12, []byte{11}, []byte{0, 0}, 0, 0, 0.0)
	f.Fuzz(func(t *testing.T, bits int, input, output []byte, kx, ky int, r float64) {
		p := dataset.Point{Bits: bits, InputBits: signed(input), OutputBits: signed(output), KX: kx, KY: ky, R: r}
		if p.Validate() != nil {
			return
		}
		for _, rows := range [][]int{p.InputBits, p.OutputBits} {
			if !slices.IsSorted(rows) || len(slices.Compact(slices.Clone(rows))) != len(rows) {
				t.Fatalf("%+v: rows are not ascending without repeats", p)
			}
			if len(rows) > 0 && (rows[0] < 0 || rows[len(rows)-1] >= p.Bits) {
				t.Fatalf("%+v: a row does not exist", p)
			}
		}
		if p.Inputs() < 1 || p.Outputs() < 1 || p.Inputs() > math.MaxInt32 || p.Outputs() > math.MaxInt32 {
			t.Fatalf("%+v: %d inputs and %d outputs", p, p.Inputs(), p.Outputs())
		}
		if square := p.R * p.R; p.R != 0 && (square*square == 0 || math.IsInf(square*square, 0)) || math.IsNaN(p.R) {
			t.Fatalf("%+v: r⁴ cannot be represented", p)
		}
		if len(p.OutputBits) > len(p.InputBits) {
			t.Fatalf("%+v: n_y exceeds n_x", p)
		}
	})
}

func signed(rows []byte) []int {
	var out []int
	for _, b := range rows {
		out = append(out, int(int8(b)))
	}
	return out
}
