package dataset

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// MaxElements is the largest matrix that this package forms, in elements:
// 2²⁷ float64 are 1 GiB. Asked for more, it returns an error that says how much
// would have been needed; [Point.Reduce] and package theory need far less.
const MaxElements = 1 << 27

// checkSize returns an error if a rows × cols matrix is too large to form.
// Sizes are computed in float64, which cannot overflow here.
func checkSize(name string, rows, cols int) error {
	if n := float64(rows) * float64(cols); n > MaxElements {
		return fmt.Errorf("%s would have %d × %d elements (%.1f GiB), more than the %.0f GiB that is formed at once; use fewer bits or copies, or the reduced input",
			name, rows, cols, n*8/(1<<30), float64(MaxElements)*8/(1<<30))
	}
	return nil
}

// CheckMap returns an error if a map of the dataset, n_out × n_in, or its answers to
// all examples, n_out × P, have more than [MaxElements] elements: a network of
// that size cannot be observed.
func (p Point) CheckMap() error {
	if err := checkSize("the learned map", p.Outputs(), p.Inputs()); err != nil {
		return err
	}
	return checkSize("the network's answers", p.Outputs(), p.Examples())
}

// newMatrix returns a zero rows × cols matrix, or the empty matrix (which has
// no data and reports 0 × 0) if either is 0; gonum has no other empty matrix.
func newMatrix(rows, cols int) *mat.Dense {
	if rows == 0 || cols == 0 {
		return &mat.Dense{}
	}
	return mat.NewDense(rows, cols, nil)
}

// X returns the inputs, (n_x + k_x·P) × P, of an already validated point. It
// returns an error if they have more than [MaxElements] elements.
func (p Point) X() (*mat.Dense, error) { return p.form("X", p.inputSide(Both)) }

// Y returns the targets, (n_y + k_y·P) × P, under the same conditions as [Point.X].
func (p Point) Y() (*mat.Dense, error) { return p.form("Y", p.outputSide(Both)) }

func (p Point) form(name string, s side) (*mat.Dense, error) {
	rows, examples := s.rows(p), p.Examples()
	if err := checkSize(name, rows, examples); err != nil {
		return nil, err
	}
	m := newMatrix(rows, examples)
	for i, bit := range s.bits {
		for e := 0; e < examples; e++ {
			m.Set(i, e, p.Omega(bit, e))
		}
	}
	for c := 0; c < s.copies; c++ {
		for e := 0; e < examples; e++ {
			m.Set(len(s.bits)+c*examples+e, e, p.R)
		}
	}
	return m, nil
}

// Apply returns m·X_b, outputs × P, where X_b are the rows of X in the blocks
// that m reads; see [Point.AddApplied].
func (p Point) Apply(m *mat.Dense, reads Blocks) *mat.Dense {
	rows, _ := m.Dims()
	out := mat.NewDense(rows, p.Examples(), nil)
	p.AddApplied(out, m, reads)
	return out
}

// AddApplied adds m·X_b to a matrix, outputs × P, where X_b are the rows of X in the
// blocks that m reads. It uses X's structure and never forms X:
// column e is Σ_i m[:,i] Ω_x[i,e] + r Σ_c m[:, n_x + cP + e].
//
// m must have as many columns as X_b has rows, and the sum m's rows and P
// columns; AddApplied panics otherwise, as gonum does.
func (p Point) AddApplied(sum, m *mat.Dense, reads Blocks) {
	s := p.inputSide(reads)
	examples := p.Examples()
	rows, cols := m.Dims()
	if r, c := sum.Dims(); cols != s.rows(p) || r != rows || c != examples {
		panic(mat.ErrShape)
	}
	for i := 0; i < rows; i++ {
		from, to := m.RawRowView(i), sum.RawRowView(i)
		for j, bit := range s.bits {
			// A row of Ω is +1 and −1 in turns, as long as its bit is slow.
			turn := 1 << (p.Bits - 1 - bit)
			for start := 0; start < examples; start += 2 * turn {
				for e := start; e < start+turn; e++ {
					to[e] += from[j]
					to[e+turn] -= from[j]
				}
			}
		}
		for from = from[len(s.bits):]; len(from) > 0; from = from[examples:] {
			for e, v := range from[:examples] {
				to[e] += p.R * v
			}
		}
	}
}

// Columns returns a copy of some columns of a matrix, such as those of some examples.
func Columns(m *mat.Dense, list []int) *mat.Dense {
	rows, _ := m.Dims()
	out := mat.NewDense(rows, len(list), nil)
	for i := range rows {
		from, to := m.RawRowView(i), out.RawRowView(i)
		for j, c := range list {
			to[j] = from[c]
		}
	}
	return out
}
