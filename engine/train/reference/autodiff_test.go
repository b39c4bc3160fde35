package reference_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/train/reference"
)

// unitRoundoff is the largest relative error of one rounding in float64.
const unitRoundoff = 0x1p-53

// gamma bounds the relative error of sums of products of n roundings a term,
// relative to the sum of absolute values.
func gamma(n int) float64 {
	nu := float64(n) * unitRoundoff
	return nu / (1 - nu)
}

// problem is a network with weights on a task, whose gradient is asked for.
type problem struct {
	arch    network.Architecture
	point   dataset.Point
	weights *network.Weights
	x, y    *mat.Dense // the training examples' columns
	task    *linear.Task
}

func newProblem(t *testing.T, arch network.Architecture, p dataset.Point, examples []int) problem {
	t.Helper()
	w, err := network.Initial(arch, p, random.Stream{Seed: 8, Point: 3}, 0.5)
	if err != nil {
		t.Fatal(err)
	}
	x, err := p.X()
	if err != nil {
		t.Fatal(err)
	}
	y, err := p.Y()
	if err != nil {
		t.Fatal(err)
	}
	return problem{arch, p, w, columns(x, examples), columns(y, examples), &linear.Task{Point: p, Examples: examples}}
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

// A loss turns the residuals y − ŷ of all outputs and examples into a number.
type loss func(residual *gorgonia.Node, outputs, examples int) (*gorgonia.Node, error)

// scaledSquares is the loss Σ(y − ŷ)² times a factor of the sizes.
func scaledSquares(factor func(outputs, examples int) float64) loss {
	return func(residual *gorgonia.Node, outputs, examples int) (*gorgonia.Node, error) {
		squares, err := gorgonia.Square(residual)
		if err != nil {
			return nil, err
		}
		sum, err := gorgonia.Sum(squares)
		if err != nil {
			return nil, err
		}
		return gorgonia.Mul(sum, gorgonia.NewConstant(factor(outputs, examples)))
	}
}

// halfMeanSquare is the loss that the engine descends, ½ · mean over examples of ‖y − ŷ‖².
var halfMeanSquare = scaledSquares(func(_, examples int) float64 { return 0.5 / float64(examples) })

// node puts a matrix into a graph.
func node(g *gorgonia.ExprGraph, name string, m *mat.Dense) *gorgonia.Node {
	rows, cols := m.Dims()
	backing := mat.DenseCopyOf(m).RawMatrix().Data
	value := tensor.New(tensor.WithShape(rows, cols), tensor.WithBacking(backing))
	return gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithShape(rows, cols), gorgonia.WithName(name), gorgonia.WithValue(value))
}

// gradients returns ∂L/∂W of every layer by automatic differentiation of the network
// written out as ŷ = Σ_m S_m W_L ⋯ W_1 R_m x: R_m picks the inputs that module m reads
// and S_m puts its outputs where it writes.
func (p problem) gradients(l loss) ([][]*mat.Dense, error) {
	g := gorgonia.NewGraph()
	x, residual := node(g, "x", p.x), node(g, "y", p.y)
	var weights gorgonia.Nodes
	for m, module := range p.arch.Modules {
		inLo, inHi := p.point.InputRange(module.Reads)
		outLo, outHi := p.point.OutputRange(module.Writes)
		answer, err := gorgonia.Mul(node(g, fmt.Sprintf("R%d", m), selection(inLo, inHi, p.point.Inputs())), x)
		if err != nil {
			return nil, err
		}
		for k, layer := range p.weights.Modules[m] {
			w := node(g, fmt.Sprintf("W%d of module %d", k+1, m), layer)
			weights = append(weights, w)
			if answer, err = gorgonia.Mul(w, answer); err != nil {
				return nil, err
			}
		}
		place := mat.DenseCopyOf(selection(outLo, outHi, p.point.Outputs()).T())
		if answer, err = gorgonia.Mul(node(g, fmt.Sprintf("S%d", m), place), answer); err != nil {
			return nil, err
		}
		if residual, err = gorgonia.Sub(residual, answer); err != nil {
			return nil, err
		}
	}
	outputs, examples := p.y.Dims()
	cost, err := l(residual, outputs, examples)
	if err != nil {
		return nil, err
	}
	derivatives, err := gorgonia.Grad(cost, weights...)
	if err != nil {
		return nil, err
	}
	machine := gorgonia.NewTapeMachine(g)
	defer machine.Close()
	if err := machine.RunAll(); err != nil {
		return nil, err
	}
	out := make([][]*mat.Dense, len(p.arch.Modules))
	at := 0
	for m, layers := range p.weights.Modules {
		for _, layer := range layers {
			rows, cols := layer.Dims()
			out[m] = append(out[m], mat.NewDense(rows, cols, derivatives[at].Value().Data().([]float64)))
			at++
		}
	}
	return out, nil
}

// selection is the (hi−lo) × n matrix that picks rows lo to hi of n.
func selection(lo, hi, n int) *mat.Dense {
	s := mat.NewDense(hi-lo, n, nil)
	for i := range hi - lo {
		s.Set(i, lo+i, 1)
	}
	return s
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

// sizes returns the sums of absolute values behind every element of the
// gradients: the gradient's formula with all terms made positive.
func (p problem) sizes() [][]*mat.Dense {
	residual := absolute(p.y)
	for m, module := range p.arch.Modules {
		inLo, inHi := p.point.InputRange(module.Reads)
		outLo, outHi := p.point.OutputRange(module.Writes)
		_, n := p.x.Dims()
		forward := absolute(p.x.Slice(inLo, inHi, 0, n))
		for _, layer := range p.weights.Modules[m] {
			forward = product(absolute(layer), forward)
		}
		part := residual.Slice(outLo, outHi, 0, n).(*mat.Dense)
		part.Add(part, forward)
	}
	out := make([][]*mat.Dense, len(p.arch.Modules))
	for m, module := range p.arch.Modules {
		inLo, inHi := p.point.InputRange(module.Reads)
		outLo, outHi := p.point.OutputRange(module.Writes)
		_, n := p.x.Dims()
		layers := p.weights.Modules[m]
		out[m] = make([]*mat.Dense, len(layers))
		for l := range layers {
			below := absolute(p.x.Slice(inLo, inHi, 0, n))
			for _, layer := range layers[:l] {
				below = product(absolute(layer), below)
			}
			back := mat.DenseCopyOf(residual.Slice(outLo, outHi, 0, n))
			for k := len(layers) - 1; k > l; k-- {
				back = product(absolute(layers[k]).T(), back)
			}
			out[m][l] = product(back, below.T())
			out[m][l].Scale(1/float64(n), out[m][l])
		}
	}
	return out
}

// disagreement makes one step of the backend and returns how far the new weights
// are from W − η ∂L/∂W, as a share of what rounding explains.
//
// Either side adds nested sums over inputs, outputs, examples and hidden units,
// each entering the error and what it is multiplied with, so γ of twice their
// lengths, relative to |W| + η·(sum of absolute values), on both sides.
func (p problem) disagreement(t *testing.T, l loss) float64 {
	t.Helper()
	const eta = 0.1
	job := &linear.Job{Architecture: p.arch, Steps: 1, Copies: []linear.Copy{{Task: p.task, LearningRate: eta, Weights: p.weights}}}
	runs, err := linear.Collect(context.Background(), reference.New(1), job)
	if err != nil {
		t.Fatal(err)
	}
	derivatives, err := p.gradients(l)
	if err != nil {
		t.Fatal(err)
	}
	length := p.point.Inputs() + p.point.Outputs() + p.point.Examples()
	for _, m := range p.arch.Modules {
		length += 4
		for _, h := range m.Hidden {
			length += h + 4
		}
	}
	bound, worst := 2*gamma(2*length), 0.0
	sizes := p.sizes()
	for m, layers := range p.weights.Modules {
		for l, before := range layers {
			after := runs[0].Final.Weights.Modules[m][l]
			rows, cols := before.Dims()
			for i := range rows {
				for j := range cols {
					want := before.At(i, j) - eta*derivatives[m][l].At(i, j)
					explained := bound * (math.Abs(before.At(i, j)) + eta*sizes[m][l].At(i, j))
					worst = math.Max(worst, math.Abs(after.At(i, j)-want)/explained)
				}
			}
		}
	}
	return worst
}

// problems are networks of every architecture and of one, two and three hidden
// layers, on all examples or some.
func problems(t *testing.T) map[string]problem {
	t.Helper()
	custom := func(text string) network.Architecture {
		a, err := network.ParseModules(text)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	paper := dataset.NewPoint(3, 3, 1, 3, 1, 1)
	strong := dataset.NewPoint(3, 3, 2, 1, 1, 2)
	inside := dataset.Point{Bits: 3, InputBits: []int{0, 2}, OutputBits: []int{1, 2}, KX: 2, KY: 1, R: 1}
	list := map[string]problem{}
	for name, c := range map[string]struct {
		arch  network.Architecture
		point dataset.Point
	}{
		"shallow":                 {network.Shallow(), paper},
		"dense":                   {network.Dense(7), paper},
		"one hidden unit":         {network.Dense(1), paper},
		"split":                   {network.Split(5), paper},
		"partitioned":             {network.Partitioned(4), strong},
		"overlapping":             {custom("both>both:5; omega>omega:4; gamma>both:3"), strong},
		"overlapping, shallow":    {custom("both>both:0; omega>omega:0"), strong},
		"two hidden layers":       {network.Dense(5, 4), inside},
		"three hidden layers":     {network.Split(4, 6, 3), strong},
		"depths of several kinds": {custom("both>omega:3x2; gamma>gamma:0; omega>gamma:5"), inside},
	} {
		list[name] = newProblem(t, c.arch, c.point, nil)
		list[name+", three examples"] = newProblem(t, c.arch, c.point, []int{6, 0, 3})
	}
	return list
}

func TestStepsDescendTheGradient(t *testing.T) {
	for name, p := range problems(t) {
		if worst := p.disagreement(t, halfMeanSquare); !(worst <= 1) {
			t.Errorf("%s: a step is off by %.3g of what rounding explains", name, worst)
		}
	}
}

// A loss that is not quite the right one must be told from it, or the test above
// would say nothing.
func TestPlantedLossesAreNoticed(t *testing.T) {
	planted := map[string]loss{
		"without ½":                scaledSquares(func(_, examples int) float64 { return 1 / float64(examples) }),
		"with the other sign":      scaledSquares(func(_, examples int) float64 { return -0.5 / float64(examples) }),
		"a sum, not a mean":        scaledSquares(func(_, _ int) float64 { return 0.5 }),
		"a mean over the outputs":  scaledSquares(func(outputs, examples int) float64 { return 0.5 / float64(outputs*examples) }),
		"larger by a part in 10¹¹": scaledSquares(func(_, examples int) float64 { return 0.5 * (1 + 1e-11) / float64(examples) }),
		"not of squares but of cubes": func(residual *gorgonia.Node, _, examples int) (*gorgonia.Node, error) {
			cubes, err := gorgonia.Cube(residual)
			if err != nil {
				return nil, err
			}
			sum, err := gorgonia.Sum(cubes)
			if err != nil {
				return nil, err
			}
			return gorgonia.Mul(sum, gorgonia.NewConstant(0.5/float64(examples)))
		},
	}
	for name, p := range problems(t) {
		for fault, l := range planted {
			if worst := p.disagreement(t, l); worst <= 1 {
				t.Errorf("%s: a loss %s goes unnoticed (%.3g of what rounding explains)", name, fault, worst)
			}
		}
	}
}
