package dataset

import (
	"fmt"
	"math"
	"slices"
)

// The limits of the space.
const (
	MinBits = 1
	MaxBits = 12
	// MaxCopies bounds k_x and k_y. The paper uses at most 3; the bound keeps
	// every dimension (n + k·P ≤ 12 + 1024·4096) far inside an int32.
	MaxCopies = 1024
	// MinR and MaxR bound r, unless it is 0. Squares of r enter every correlation
	// and their squares every norm; within these bounds neither r⁴ nor a sum of
	// such terms comes near the ends of float64.
	MinR = 1e-30
	MaxR = 1e30
)

// A Point names one dataset of the space. The zero value is not a dataset; make
// one with [NewPoint] or fill in the fields and call [Point.Validate].
type Point struct {
	Bits       int     // n; there are P = 2ⁿ examples
	InputBits  []int   // the rows of Ω that make up Ω_x, ascending; n_x of them
	OutputBits []int   // the rows of Ω that make up Ω_y, ascending; n_y of them
	KX         int     // k_x, copies of r·I in the input
	KY         int     // k_y, copies of r·I in the output
	R          float64 // r, 0 or MinR to MaxR, the strength of the non-compositional features
}

// NewPoint returns the point whose Ω_x and Ω_y are the first nx and ny rows of Ω.
// It does not check its arguments; [Point.Validate] does.
func NewPoint(bits, nx, ny, kx, ky int, r float64) Point {
	return Point{Bits: bits, InputBits: firstBits(nx), OutputBits: firstBits(ny), KX: kx, KY: ky, R: r}
}

// firstBits returns the rows 0 … n−1 of Ω. Counts that no point has must reach
// Validate without a list of that length being made first: one below 0 becomes
// the row −1, which does not exist, and one above MaxBits becomes MaxBits+1 rows.
func firstBits(n int) []int {
	if n < 0 {
		return []int{-1}
	}
	return upTo(min(n, MaxBits+1))
}

// upTo returns 0 … n−1.
func upTo(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// Validate reports the first thing that keeps p from being a dataset, naming
// the value and what is allowed.
func (p Point) Validate() error {
	if p.Bits < MinBits || p.Bits > MaxBits {
		return fmt.Errorf("bits is %d, but must be %d to %d", p.Bits, MinBits, MaxBits)
	}
	if err := validateRows("n_x", "input bits", p.InputBits, p.Bits); err != nil {
		return err
	}
	if err := validateRows("n_y", "output bits", p.OutputBits, p.Bits); err != nil {
		return err
	}
	if p.NY() > p.NX() {
		return fmt.Errorf("n_y is %d, but must be at most n_x = %d: the output cannot ask for more bits than the input has", p.NY(), p.NX())
	}
	if err := validateCopies("k_x", p.KX); err != nil {
		return err
	}
	if err := validateCopies("k_y", p.KY); err != nil {
		return err
	}
	if math.IsNaN(p.R) || math.IsInf(p.R, 0) || p.R < 0 {
		return fmt.Errorf("r is %v, but must be a finite number ≥ 0", p.R)
	}
	if p.R > MaxR || p.R > 0 && p.R < MinR {
		return fmt.Errorf("r is %v, but must be 0 or %g to %g", p.R, MinR, MaxR)
	}
	if p.Inputs() == 0 {
		return fmt.Errorf("the input is empty: n_x and k_x are both 0; make one of them at least 1")
	}
	if p.Outputs() == 0 {
		return fmt.Errorf("the output is empty: n_y and k_y are both 0; make one of them at least 1")
	}
	return nil
}

func validateRows(count, name string, rows []int, bits int) error {
	if len(rows) > bits {
		return fmt.Errorf("%s is %d, but must be at most bits = %d", count, len(rows), bits)
	}
	for i, row := range rows {
		if row < 0 || row >= bits {
			return fmt.Errorf("%s hold row %d, but rows are 0 to %d", name, row, bits-1)
		}
		if i > 0 && row <= rows[i-1] {
			return fmt.Errorf("%s are %v, but must be ascending without repeats", name, rows)
		}
	}
	return nil
}

func validateCopies(name string, k int) error {
	if k < 0 || k > MaxCopies {
		return fmt.Errorf("%s is %d, but must be 0 to %d", name, k, MaxCopies)
	}
	return nil
}

// Examples returns P = 2ⁿ, the number of examples.
func (p Point) Examples() int { return 1 << p.Bits }

// NX returns n_x, the number of compositional inputs.
func (p Point) NX() int { return len(p.InputBits) }

// NY returns n_y, the number of compositional outputs.
func (p Point) NY() int { return len(p.OutputBits) }

// Inputs returns n_in = n_x + k_x·P, the number of rows of X.
func (p Point) Inputs() int { return p.NX() + p.KX*p.Examples() }

// Outputs returns n_out = n_y + k_y·P, the number of rows of Y.
func (p Point) Outputs() int { return p.NY() + p.KY*p.Examples() }

// String names the point in the field's symbols. Rows of Ω are listed where they
// are not simply the first ones, so that different points have different names.
func (p Point) String() string {
	return fmt.Sprintf("bits=%d n_x=%s n_y=%s k_x=%d k_y=%d r=%g", p.Bits, rowsName(p.InputBits), rowsName(p.OutputBits), p.KX, p.KY, p.R)
}

func rowsName(rows []int) string {
	if slices.Equal(rows, upTo(len(rows))) {
		return fmt.Sprint(len(rows))
	}
	return fmt.Sprintf("%d%v", len(rows), rows)
}

// Omega returns Ω[row][example], +1 or −1: the sign that bit row has in the
// binary pattern of P−1−example, row 0 being the slowest bit.
func (p Point) Omega(row, example int) float64 {
	if (p.Examples()-1-example)>>(p.Bits-1-row)&1 == 1 {
		return 1
	}
	return -1
}

// Walsh returns the Walsh function of a set of bits at an example: the product
// of Ω's rows in the set, where bit i of set stands for row i. The empty set
// gives the constant 1. The P Walsh functions, divided by √P, are the common
// eigenbasis of XᵀX and YᵀY for every point of the space.
func (p Point) Walsh(set uint, example int) float64 {
	w := 1.0
	for row := 0; row < p.Bits; row++ {
		if set>>row&1 == 1 {
			w *= p.Omega(row, example)
		}
	}
	return w
}
