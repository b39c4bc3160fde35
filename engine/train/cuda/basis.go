//go:build gpu

package cuda

import (
	"errors"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
)

// basis is the coordinates that a module's first layer trains in. The learned ones
// come first: those directions that the training examples span.
//
// The others have no input in training, and d is 0 on them. The directions that the
// other examples add are included so that the weights outside the coordinates are
// orthogonal to all examples: the modes' vectors, which are made of all examples, then
// lie within. Where β ≠ 0 changes the weights outside too, the basis is one of all
// inputs.
type basis struct {
	q       *mat.Dense // inputs × coordinates; nil: the coordinates are the inputs, none of them learned
	d       []float64
	yx      *mat.Dense // Σ_yx·Q of the learned ones
	learned int
}

// newBasis returns the coordinates for a dataset and its training examples (nil: all).
func newBasis(p dataset.Point, examples []int, all bool) (*basis, error) {
	r, err := p.Reduce(examples)
	if err != nil {
		if !zeroInput(p) {
			return nil, err
		}
		return &basis{d: make([]float64, p.Inputs())}, nil
	}
	b := &basis{q: r.Q, d: r.D, yx: r.YX, learned: len(r.D)}
	var more *mat.Dense
	switch {
	case all:
		more, err = complement(r.Q)
	case examples != nil:
		var whole *dataset.Reduced
		if whole, err = p.Reduce(nil); err != nil {
			return nil, err
		}
		more, err = rest(whole.Q, r.Q)
	}
	if err != nil || more == nil {
		return b, err
	}
	_, count := more.Dims()
	q := mat.NewDense(p.Inputs(), b.learned+count, nil)
	q.Augment(r.Q, more)
	b.q, b.d = q, append(b.d, make([]float64, count)...)
	return b, nil
}

// zeroInput reports whether every input of a dataset is zero.
func zeroInput(p dataset.Point) bool { return p.NX() == 0 && (p.KX == 0 || p.R == 0) }

// complement returns an orthonormal basis of what is orthogonal to the columns of q,
// which are orthonormal; nil where there is nothing.
func complement(q *mat.Dense) (more *mat.Dense, err error) {
	rows, cols := q.Dims()
	if rows == cols {
		return nil, nil
	}
	defer func() {
		if r := recover(); r != nil {
			more, err = nil, errors.New("the basis of the inputs cannot be completed")
		}
	}()
	var qr mat.QR
	qr.Factorize(q)
	var full mat.Dense
	qr.QTo(&full)
	return mat.DenseCopyOf(full.Slice(0, rows, cols, rows)), nil
}

// rest returns an orthonormal basis of what the columns of whole span beyond those of
// part; both are orthonormal, and whole spans part.
func rest(whole, part *mat.Dense) (*mat.Dense, error) {
	var inside mat.Dense
	inside.Mul(whole.T(), part)
	more, err := complement(&inside)
	if err != nil || more == nil {
		return nil, err
	}
	var out mat.Dense
	out.Mul(whole, more)
	return &out, nil
}
