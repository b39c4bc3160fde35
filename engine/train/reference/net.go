package reference

import (
	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/network"
)

// net is a network with room for one step's intermediate products, so that a
// step allocates nothing.
type net struct {
	point   dataset.Point
	modules []module
	total   *mat.Dense // M, n_out × n_in: the sum of the modules' maps
}

// module is one module of a net. prefix[l] = W_l ⋯ W_1 (prefix[0] is W_1 itself
// and the last is the module's map).
type module struct {
	layers  []*mat.Dense
	prefix  []*mat.Dense
	mapping *mat.Dense
	total   *mat.Dense // the module's part of the net's total
	where   network.Module
}

// newNet wraps weights, which it will change in training.
func newNet(arch network.Architecture, p dataset.Point, w *network.Weights) *net {
	n := &net{point: p, total: mat.NewDense(p.Outputs(), p.Inputs(), nil)}
	for m, where := range arch.Modules {
		mod := module{layers: w.Modules[m], where: where, total: where.Part(n.total, p)}
		mod.prefix = []*mat.Dense{mod.layers[0]}
		_, inputs := mod.layers[0].Dims()
		for _, layer := range mod.layers[1:] {
			rows, _ := layer.Dims()
			mod.prefix = append(mod.prefix, mat.NewDense(rows, inputs, nil))
		}
		mod.mapping = mod.prefix[len(mod.prefix)-1]
		n.modules = append(n.modules, mod)
	}
	return n
}

// forward computes every module's map and their sum M.
func (n *net) forward() {
	n.total.Zero()
	for i := range n.modules {
		m := &n.modules[i]
		for l := 1; l < len(m.layers); l++ {
			m.prefix[l].Mul(m.layers[l], m.prefix[l-1])
		}
		m.total.Add(m.total, m.mapping)
	}
}
