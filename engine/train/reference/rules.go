package reference

import (
	"gonum.org/v1/gonum/mat"
)

// ruleTerms computes what a rule adds to gradient descent in one module. The
// published rules are written with un-normalised sums over the examples; with
// m examples and second moments Σ they are m times the products below:
//
//	YYᵀ − ŶŶᵀ = m (Σ_y − M Σ_x Mᵀ)
//	H_l H_{l−1}ᵀ = m W_l C_{l−1},   H_l H_lᵀ = m C_l,   C_l = W_l C_{l−1} W_lᵀ,   C_0 = Σ_x
//
// where the C are second moments of the hidden layers.
type ruleTerms struct {
	contrast *mat.Dense // Σ_y − MΣ_xMᵀ, n_out × n_out, whole network
	last     *mat.Dense // γ term of the last layer, without η
	hebb     []*mat.Dense
	oja      []*mat.Dense
	inner    []*mat.Dense // C_l of each hidden layer
}

func newRuleTerms(u *update, m *module) *ruleTerms {
	r := &ruleTerms{}
	if u.rule.Gamma != 0 {
		outputs, _ := u.net.total.Dims()
		r.contrast = mat.NewDense(outputs, outputs, nil)
		r.last = sameShape(m.layers[len(m.layers)-1])
	}
	if u.rule.Beta != 0 {
		for _, layer := range m.layers[:len(m.layers)-1] {
			rows, _ := layer.Dims()
			r.hebb = append(r.hebb, sameShape(layer))
			r.oja = append(r.oja, sameShape(layer))
			r.inner = append(r.inner, mat.NewDense(rows, rows, nil))
		}
	}
	return r
}

func sameShape(m *mat.Dense) *mat.Dense {
	rows, cols := m.Dims()
	return mat.NewDense(rows, cols, nil)
}

// compute fills in the terms from the weights as they are.
func (r *ruleTerms) compute(u *update, m *module, c *stepMoments) {
	examples := float64(c.Examples)
	if u.rule.Gamma != 0 {
		r.contrast.Mul(u.response, u.net.total.T())
		r.contrast.Sub(c.Y, r.contrast)
		lo, hi := u.net.point.OutputRange(m.where.Writes)
		r.last.Mul(r.contrast.Slice(lo, hi, lo, hi), m.layers[len(m.layers)-1])
		r.last.Scale(examples, r.last)
	}
	if u.rule.Beta != 0 {
		lo, hi := u.net.point.InputRange(m.where.Reads)
		below := c.X.Slice(lo, hi, lo, hi).(*mat.Dense)
		for l := range r.hebb {
			r.hebbian(u.rule.Beta, l, m.layers[l], below, examples)
			below = r.inner[l]
		}
	}
}

// hebbian computes one hidden layer's β term, H(Xᵀ − HᵀW) for β > 0 and
// diag(1/(1 − ‖w_i‖²)) H Xᵀ for β < 0, where below is the second moment of the
// layer's input, and leaves the layer's own second moment in inner.
func (r *ruleTerms) hebbian(beta float64, l int, w, below *mat.Dense, examples float64) {
	term := r.hebb[l]
	term.Mul(w, below)
	r.inner[l].Mul(term, w.T())
	if beta > 0 {
		r.oja[l].Mul(r.inner[l], w)
		term.Sub(term, r.oja[l])
	} else {
		rows, _ := w.Dims()
		for i := 0; i < rows; i++ {
			norm := 0.0
			for _, v := range w.RawRowView(i) {
				norm += v * v
			}
			row := term.RawRowView(i)
			for j := range row {
				row[j] /= 1 - norm
			}
		}
	}
	term.Scale(examples, term)
}

// add changes the module's layers by the terms that compute has filled in.
func (r *ruleTerms) add(u *update, m *module) {
	if u.rule.Gamma != 0 {
		addScaled(m.layers[len(m.layers)-1], u.eta*u.rule.Gamma, r.last)
	}
	if u.rule.Beta != 0 {
		for l, term := range r.hebb {
			addScaled(m.layers[l], u.rule.Beta, term)
		}
	}
}
