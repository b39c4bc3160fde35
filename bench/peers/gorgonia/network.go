package main

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A network is a graph of the loss of all its modules, its gradients, and the machine
// that runs them.
type network struct {
	weights gorgonia.Nodes // module by module, layer by layer
	layers  []int          // of every module
	machine gorgonia.VM
	solver  gorgonia.Solver
}

// newNetwork builds L = ½ Σ_m ‖Y_m − W_L ⋯ W_1 X‖², whose gradients are those of the
// mean over examples (see coordinates).
func newNetwork(s *setting, c *coordinates, start [][]*mat.Dense) (*network, error) {
	g := gorgonia.NewGraph()
	n := &network{solver: gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(s.Rate))}
	x := constant(c.x, "x")
	var loss *gorgonia.Node
	for m, layers := range start {
		answer := x
		var err error
		for l, layer := range layers {
			w := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(layer.Dims()), gorgonia.WithName(fmt.Sprintf("W%d of module %d", l+1, m+1)), gorgonia.WithValue(value(layer)))
			n.weights = append(n.weights, w)
			if answer, err = gorgonia.Mul(w, answer); err != nil {
				return nil, err
			}
		}
		n.layers = append(n.layers, len(layers))
		_, examples := c.y.Dims()
		target := constant(mat.DenseCopyOf(c.y.Slice(s.Modules[m].Lo, s.Modules[m].Hi, 0, examples)), fmt.Sprintf("y%d", m+1))
		part, err := halfSquares(target, answer)
		if err != nil {
			return nil, err
		}
		if loss == nil {
			loss = part
		} else if loss, err = gorgonia.Add(loss, part); err != nil {
			return nil, err
		}
	}
	if _, err := gorgonia.Grad(loss, n.weights...); err != nil {
		return nil, err
	}
	n.machine = gorgonia.NewTapeMachine(g, gorgonia.BindDualValues(n.weights...))
	return n, nil
}

// halfSquares is ½‖a − b‖².
func halfSquares(a, b *gorgonia.Node) (*gorgonia.Node, error) {
	difference, err := gorgonia.Sub(a, b)
	if err != nil {
		return nil, err
	}
	squares, err := gorgonia.Square(difference)
	if err != nil {
		return nil, err
	}
	sum, err := gorgonia.Sum(squares)
	if err != nil {
		return nil, err
	}
	return gorgonia.Mul(sum, gorgonia.NewConstant(float32(0.5)))
}

func constant(m *mat.Dense, name string) *gorgonia.Node {
	return gorgonia.NewConstant(value(m), gorgonia.WithName(name))
}

// value is a matrix as gorgonia's, in float32.
func value(m *mat.Dense) *tensor.Dense {
	rows, cols := m.Dims()
	backing := make([]float32, 0, rows*cols)
	for i := range rows {
		for _, v := range m.RawRowView(i) {
			backing = append(backing, float32(v))
		}
	}
	return tensor.New(tensor.WithShape(rows, cols), tensor.WithBacking(backing))
}

// train takes steps of plain gradient descent.
func (n *network) train(steps int) error {
	defer n.machine.Close()
	for range steps {
		if err := n.machine.RunAll(); err != nil {
			return err
		}
		if err := n.solver.Step(gorgonia.NodesToValueGrads(n.weights)); err != nil {
			return err
		}
		n.machine.Reset()
	}
	return nil
}

// maps are the products of every module's layers.
func (n *network) maps() []*mat.Dense {
	var all []*mat.Dense
	at := 0
	for _, count := range n.layers {
		var product *mat.Dense
		for _, w := range n.weights[at : at+count] {
			values := w.Value().Data().([]float32)
			wide := make([]float64, len(values))
			for i, v := range values {
				wide[i] = float64(v)
			}
			layer := mat.NewDense(w.Shape()[0], w.Shape()[1], wide)
			if product == nil {
				product = layer
				continue
			}
			var next mat.Dense
			next.Mul(layer, product)
			product = &next
		}
		at += count
		all = append(all, product)
	}
	return all
}
