package study

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
)

// minimumNorm is where gradient descent from vanishing weights takes one module
// that trains on some of the examples: the map of least norm among those that
// fit them,
//
//	M = Y_tr X_tr⁺   (outputs × inputs of the view).
//
// For the rows of W1 only ever move within the span of the training inputs, so
// once the training loss is 0 the map is M on that span and W2·W1(0) on the rest
// of input space, which vanishes with the start. The module's answers on
// examples that it has not seen follow exactly, and so does what a start of
// standard deviation σ does to them (see spread and shift).
type minimumNorm struct {
	mapping  *mat.Dense    // M
	residual *mat.Dense    // Y − MX on the test examples, outputs × test
	unseen   *mat.Dense    // (I − X_tr X_tr⁺)X on the test examples, inputs × test
	balanced *mat.SymDense // (MMᵀ)^½ = W2W2ᵀ, outputs × outputs
}

// newMinimumNorm computes the map of a view that trains on the given examples.
// It returns an error for a point or examples that do not exist or a singular
// value decomposition that does not converge.
func newMinimumNorm(p dataset.Point, view dataset.View, examples []int) (*minimumNorm, error) {
	if _, err := p.Select(examples); err != nil {
		return nil, err
	}
	x, err := p.X()
	if err != nil {
		return nil, err
	}
	y, err := p.Y()
	if err != nil {
		return nil, err
	}
	inLo, inHi := p.InputRange(view.Reads)
	outLo, outHi := p.OutputRange(view.Writes)
	test := p.OtherExamples(examples)
	trainX, testX := columnsOf(x, inLo, inHi, examples), columnsOf(x, inLo, inHi, test)
	trainY, testY := columnsOf(y, outLo, outHi, examples), columnsOf(y, outLo, outHi, test)

	m := &minimumNorm{mapping: &mat.Dense{}, residual: &mat.Dense{}, unseen: &mat.Dense{}}
	left, inverse, err := pseudoinverse(trainX)
	if err != nil {
		return nil, err
	}
	m.mapping.Mul(trainY, inverse)
	m.residual.Mul(m.mapping, testX)
	m.residual.Sub(testY, m.residual)
	var seen mat.Dense
	seen.Mul(left.T(), testX)
	m.unseen.Mul(left, &seen)
	m.unseen.Sub(testX, m.unseen)
	m.balanced, err = balancedPower(m.mapping)
	return m, err
}

// columnsOf returns some columns of the rows [lo, hi) of a matrix.
func columnsOf(m *mat.Dense, lo, hi int, columns []int) *mat.Dense {
	out := mat.NewDense(hi-lo, len(columns), nil)
	for j, c := range columns {
		for i := lo; i < hi; i++ {
			out.Set(i-lo, j, m.At(i, c))
		}
	}
	return out
}

// balancedPower returns (MMᵀ)^½. Gradient descent from small weights keeps
// W2ᵀW2 = W1W1ᵀ, and then W2W2ᵀ = (MMᵀ)^½ for the map M = W2W1.
func balancedPower(m *mat.Dense) (*mat.SymDense, error) {
	var svd mat.SVD
	if !svd.Factorize(m, mat.SVDThin) {
		return nil, errSVD
	}
	var u mat.Dense
	svd.UTo(&u)
	rows, columns := u.Dims()
	values := svd.Values(nil)
	out := mat.NewSymDense(rows, nil)
	for i := range rows {
		for j := i; j < rows; j++ {
			sum := 0.0
			for k := range columns {
				sum += u.At(i, k) * values[k] * u.At(j, k)
			}
			out.SetSym(i, j, sum)
		}
	}
	return out, nil
}

// loss returns the test loss of the outputs [lo, hi), ½ · mean over the test
// examples of their squared error.
func (m *minimumNorm) loss(lo, hi int) float64 {
	sum := 0.0
	for i := lo; i < hi; i++ {
		for _, v := range m.residual.RawRowView(i) {
			sum += v * v
		}
	}
	_, tests := m.residual.Dims()
	return sum / (2 * float64(tests))
}

// spread returns the standard deviation over seeds of the test loss of the
// outputs [lo, hi), to first order in what the random start adds to the answers.
// With R the residual of those outputs, U = unseen and Z = W1(0), the loss moves
// by
//
//	−tr(Rᵀ W2 Z U)/tests,
//
// where W2 is what training made of it plus what it left as it was drawn. For
// given W2 that is a normal of standard deviation σ‖W2ᵀRUᵀ‖/tests; the learned
// part has ‖W2ᵀRUᵀ‖² = tr(URᵀ(W2W2ᵀ)RUᵀ) and the random part hσ²‖RUᵀ‖².
func (m *minimumNorm) spread(lo, hi, hidden int, sigma float64) float64 {
	_, tests := m.residual.Dims()
	var carried, weighted, product mat.Dense
	carried.Mul(m.residual.Slice(lo, hi, 0, tests), m.unseen.T()) // R Uᵀ
	weighted.Mul(m.balanced.SliceSym(lo, hi), &carried)
	product.MulElem(&weighted, &carried)
	norm := mat.Norm(&carried, 2)
	// A learned part that is 0 may come out of rounding below it.
	square := math.Max(mat.Sum(&product), 0) + float64(hidden)*sigma*sigma*norm*norm
	return sigma * math.Sqrt(square) / float64(tests)
}

// shift returns by how much the mean over seeds of that test loss lies above
// loss: ½ · the mean square of W2 Z U over the test examples,
// σ²(tr(W2W2ᵀ) + rows·hσ²)‖U‖²/(2·tests).
func (m *minimumNorm) shift(lo, hi, hidden int, sigma float64) float64 {
	trace := float64(hi-lo) * float64(hidden) * sigma * sigma
	for i := lo; i < hi; i++ {
		trace += m.balanced.At(i, i)
	}
	_, tests := m.residual.Dims()
	norm := mat.Norm(m.unseen, 2)
	return sigma * sigma * trace * norm * norm / (2 * float64(tests))
}

// tolerance bounds how far the mean over so many seeds of the test loss of the
// outputs [lo, hi) lies from loss: five standard deviations of such a mean
// (a chance of 5.7·10⁻⁷) and the shift.
func (m *minimumNorm) tolerance(lo, hi, hidden int, sigma float64, seeds int) float64 {
	return 5*m.spread(lo, hi, hidden, sigma)/math.Sqrt(float64(seeds)) + m.shift(lo, hi, hidden, sigma)
}
