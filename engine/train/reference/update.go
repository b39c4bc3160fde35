package reference

import (
	"gonum.org/v1/gonum/mat"

	"modspec/engine/network"
)

// update changes a net by one step of its rule.
type update struct {
	net  *net
	rule network.Rule
	eta  float64

	response *mat.Dense // M Σ_x, n_out × n_in
	residual *mat.Dense // E = Σ_yx − M Σ_x
	modules  []moduleUpdate
}

// moduleUpdate has one module's views and buffers. Transposes are made once:
// they are views that follow their matrix.
type moduleUpdate struct {
	residual *mat.Dense   // the module's part of E
	layersT  []mat.Matrix // W_lᵀ
	prefixT  []mat.Matrix // (W_l ⋯ W_1)ᵀ
	back     []*mat.Dense // back[l] = (W_L ⋯ W_{l+2})ᵀ E: E carried back to layer l's output
	delta    []*mat.Dense // ΔW_l / η
	rule     *ruleTerms   // nil for plain gradient descent
}

func newUpdate(n *net, rule network.Rule, eta float64) *update {
	rows, cols := n.total.Dims()
	u := &update{
		net: n, rule: rule, eta: eta,
		response: mat.NewDense(rows, cols, nil),
		residual: mat.NewDense(rows, cols, nil),
	}
	for i := range n.modules {
		u.modules = append(u.modules, newModuleUpdate(u, &n.modules[i]))
	}
	return u
}

func newModuleUpdate(u *update, m *module) moduleUpdate {
	last := len(m.layers) - 1
	mu := moduleUpdate{residual: m.where.Part(u.residual, u.net.point)}
	mu.back = make([]*mat.Dense, len(m.layers))
	mu.back[last] = mu.residual
	_, inputs := m.layers[0].Dims()
	for l, layer := range m.layers {
		rows, cols := layer.Dims()
		mu.layersT = append(mu.layersT, layer.T())
		mu.prefixT = append(mu.prefixT, m.prefix[l].T())
		mu.delta = append(mu.delta, mat.NewDense(rows, cols, nil))
		if l < last {
			mu.back[l] = mat.NewDense(rows, inputs, nil)
		}
	}
	if u.rule != (network.Rule{}) {
		mu.rule = newRuleTerms(u, m)
	}
	return mu
}

// apply makes one step. Every increment is computed from the weights before the
// step; only then are the layers changed.
func (u *update) apply(c *stepMoments) {
	u.response.Mul(u.net.total, c.X)
	u.residual.Sub(c.YX, u.response)
	for i := range u.modules {
		m, mu := &u.net.modules[i], &u.modules[i]
		mu.gradient()
		if mu.rule != nil {
			mu.rule.compute(u, m, c)
		}
	}
	for i := range u.modules {
		m, mu := &u.net.modules[i], &u.modules[i]
		for l, layer := range m.layers {
			addScaled(layer, u.eta, mu.delta[l])
		}
		if mu.rule != nil {
			mu.rule.add(u, m)
		}
	}
}

// gradient fills delta with ΔW_l/η = (W_L ⋯ W_{l+1})ᵀ E (W_{l−1} ⋯ W_1)ᵀ, the
// negative gradient of the loss.
func (mu *moduleUpdate) gradient() {
	for l := len(mu.delta) - 1; l > 0; l-- {
		mu.delta[l].Mul(mu.back[l], mu.prefixT[l-1])
		mu.back[l-1].Mul(mu.layersT[l], mu.back[l])
	}
	mu.delta[0].Copy(mu.back[0])
}

// addScaled adds s·b to a, both of one shape and without gaps between rows.
func addScaled(a *mat.Dense, s float64, b *mat.Dense) {
	to, from := a.RawMatrix().Data, b.RawMatrix().Data
	for i, v := range from {
		to[i] += s * v
	}
}
