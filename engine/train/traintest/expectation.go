package traintest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"modspec/engine/backend/reference"
	"modspec/engine/program"
	"modspec/engine/train"
)

// noises is how many times the reference trains with errors.
const noises = 8

// margin is how many times the largest deviation of these a backend may deviate; see
// the package comment.
const margin = 16

// unit bounds the unit in the last place of a metric, relative to it: a metric is
// float64 in every precision.
const unit = 0x1p-52

// An expectation is what the reference says of a run: the metrics at each recorded
// step, and how far a backend may be from them.
type expectation struct {
	metrics, bounds [][]float64
	initial         [][]float64
	// A backend's run diverges from step from to the recorded step to; −1 where it does
	// not.
	from, to int
}

// expect trains run i of a job on the reference, once exactly and several times with
// errors.
func expect(j *train.Job, i int) (*expectation, error) {
	model := j.Runs[i].Model
	t, err := model.Program()
	if err != nil {
		return nil, err
	}
	a := arithmeticOf(j.Precision)
	e := &expectation{from: -1, to: -1}
	if err := e.follow(j, i, t, a); err != nil || e.to >= 0 {
		return e, err
	}
	for range e.metrics {
		e.bounds = append(e.bounds, make([]float64, len(j.Kind.Metrics())))
	}
	for k := range uint64(noises) {
		source := rand.New(rand.NewPCG(k, 2023))
		noisy := *t
		noisy.Start, noisy.Step, noisy.Observe = withErrors(t.Start, a.u, source), withErrors(t.Step, a.u, source), withErrors(t.Observe, a.u, source)
		metrics, err := trajectory(j, i, &noisy)
		if err != nil {
			return nil, err
		}
		for s := range metrics {
			for m, v := range metrics[s] {
				want := e.metrics[s][m]
				e.bounds[s][m] = math.Max(e.bounds[s][m], margin*(math.Abs(v-want)+unit*math.Abs(want)))
			}
		}
	}
	return e, nil
}

// follow trains exactly, and notes where the numbers leave the range of the backend.
func (e *expectation) follow(j *train.Job, i int, t *program.Training, a arithmetic) error {
	m, err := reference.NewMachine(t, j.Runs[i].Model.Run(j.Runs[i].Stream))
	if err != nil {
		return err
	}
	e.initial = m.Place().Variables
	all := *t.Step // with every node as a result
	all.Outputs = nil
	for v := range all.Nodes {
		all.Outputs = append(all.Outputs, program.Output{Value: program.Value(v)})
	}
	for _, step := range j.Schedule.Steps(j.Steps) {
		for m.Place().Step < step {
			values, err := reference.Evaluate(&all, m.Place())
			if err != nil {
				return err
			}
			// A sum of n terms may leave the range at one nth of its limit.
			if e.from < 0 && slices.ContainsFunc(values, func(v []float64) bool { return !(largest(v) <= a.largest/float64(2*max(len(v), 1024))) }) {
				e.from = m.Place().Step + 1
			}
			if err := m.Step(); err != nil {
				return err
			}
		}
		if slices.ContainsFunc(m.Place().Variables, func(v []float64) bool { return !(largest(v) <= a.largest) }) {
			e.to = step
			if e.from < 0 {
				e.from = step
			}
			return nil
		}
		observed, err := m.Observe()
		if err != nil {
			return err
		}
		e.metrics = append(e.metrics, measure(j, i, observed))
	}
	return nil
}

// trajectory trains and returns the metrics at the recorded steps.
func trajectory(j *train.Job, i int, t *program.Training) (list [][]float64, err error) {
	m, err := reference.NewMachine(t, j.Runs[i].Model.Run(j.Runs[i].Stream))
	if err != nil {
		return nil, err
	}
	for _, step := range j.Schedule.Steps(j.Steps) {
		for m.Place().Step < step {
			if err := m.Step(); err != nil {
				return nil, err
			}
		}
		observed, err := m.Observe()
		if err != nil {
			return nil, err
		}
		list = append(list, measure(j, i, observed))
	}
	return list, nil
}

// measure returns metrics, NaN for one that the model does not write.
func measure(j *train.Job, i int, observed [][]float64) []float64 {
	metrics := slices.Repeat([]float64{math.NaN()}, len(j.Kind.Metrics()))
	j.Runs[i].Model.Measure(observed, metrics)
	return metrics
}

// largest is the largest magnitude, NaN if there is one.
func largest(v []float64) float64 {
	most := 0.0
	for _, x := range v {
		most = math.Max(most, math.Abs(x))
	}
	return most
}

// fits returns an error unless the metrics of an outcome are as expected.
func (e *expectation) fits(j *train.Job, o *outcome) error {
	if o.end.Diverged {
		return fmt.Errorf("it diverged at step %d", o.end.Step)
	}
	columns := j.Kind.Metrics()
	names := columns.Names()
	for s, observed := range o.observed {
		for m, got := range observed.metrics {
			want, bound := e.metrics[s][m], e.bounds[s][m]
			if math.IsNaN(want) && !columns[m].Null {
				return fmt.Errorf("at step %d the model has no %s: Measure writes every metric, and one that may not exist (NaN) has Null in Kind.Metrics", observed.step, names[m])
			}
			if got != want && !(math.IsNaN(got) && math.IsNaN(want)) && !(math.Abs(got-want) <= bound) {
				return fmt.Errorf("at step %d %s is %v, want %v to within %.2g", observed.step, names[m], got, want, bound)
			}
		}
	}
	summary := train.SummaryOf(j.Kind)
	for m, last := range o.observed[len(o.observed)-1].metrics {
		if got := o.summary[summary.Index(names[m])].Number; !equalBits([]float64{got}, []float64{last}) {
			return fmt.Errorf("its summary has %s %v, but the last observation %v", names[m], got, last)
		}
	}
	return nil
}

// withErrors returns a program that multiplies the result of each operation by
// 1 + ε, ε for each element of its own.
func withErrors(p *program.Program, u float64, source *rand.Rand) *program.Program {
	out := &program.Program{}
	whole := wholes(p)
	moved, exact := make([]program.Value, len(p.Nodes)), make([]program.Value, len(p.Nodes))
	for v, n := range p.Nodes {
		n.In = slices.Clone(n.In)
		for i, in := range n.In {
			n.In[i] = moved[in]
		}
		moved[v], exact[v] = program.Value(len(out.Nodes)), program.Value(len(out.Nodes))
		out.Nodes = append(out.Nodes, n)
		size := errorOf(p, &n, v) * u
		if whole[v] || size == 0 {
			continue
		}
		factors := make([]float64, n.Size())
		for i := range factors {
			factors[i] = 1 + size*(2*source.Float64()-1)
		}
		constant := program.Node{Op: program.Constant, Shape: n.Shape, Data: factors}
		product := program.Node{Op: program.Multiply, Shape: n.Shape, In: []program.Value{moved[v], moved[v] + 1}}
		out.Nodes = append(out.Nodes, constant, product)
		moved[v] += 2
	}
	for _, o := range p.Outputs {
		value := moved[o.Value]
		if p.Nodes[o.Value].Op == program.Read { // a variable that keeps its value
			value = exact[o.Value]
		}
		out.Outputs = append(out.Outputs, program.Output{Name: o.Name, Value: value})
	}
	return out
}

// errorOf is how many times the unit roundoff the result of a node may be wrong by,
// relative to itself: nothing where elements are only moved.
func errorOf(p *program.Program, n *program.Node, v int) float64 {
	in := p.Nodes[v].In
	switch n.Op {
	case program.Reshape, program.Transpose, program.Slice, program.Pad, program.Concat, program.Broadcast, program.Gather, program.Stop,
		program.Select, program.Relu, program.Maximum:
		return 0
	case program.Exp, program.Log, program.Tanh, program.Sigmoid, program.Softplus, program.Erf, program.Sin, program.Cos, program.Atan2:
		return 8 // 4 units in the last place, of 2u each
	case program.Softmax, program.LogSoftmax:
		return 8 + math.Sqrt(float64(n.Shape[len(n.Shape)-1]))
	case program.Sum:
		return 1 + math.Sqrt(float64(p.Nodes[in[0]].Shape[n.Axis]))
	case program.MatMul, program.Conv2D, program.Conv2DInput, program.Conv2DWeights:
		// The terms of an element: all products over all elements.
		alone := program.Program{Nodes: []program.Node{{Shape: p.Nodes[in[0]].Shape}, {Shape: p.Nodes[in[1]].Shape}, p.Nodes[v]}}
		alone.Nodes[2].In = []program.Value{0, 1}
		terms := float64(alone.Cost().Products) / float64(max(n.Size(), 1))
		return 1 + math.Sqrt(terms)
	}
	return 1
}

// wholes says which results are whole numbers in every run, and so exact.
func wholes(p *program.Program) []bool {
	whole := make([]bool, len(p.Nodes))
	isWhole := func(x float64) bool { return x == math.Trunc(x) }
	indices := indexSettings(p)
	for v := range p.Nodes {
		n := &p.Nodes[v]
		switch n.Op {
		case program.Whole, program.Batch, program.Steps, program.Less, program.TopK:
			whole[v] = true
		case program.Setting:
			whole[v] = indices[v]
		case program.Constant:
			whole[v] = !slices.ContainsFunc(n.Data, func(x float64) bool { return !isWhole(x) })
		case program.Gather: // of rows; the index is whole
			whole[v] = whole[n.In[0]]
		case program.Select:
			whole[v] = whole[n.In[1]] && whole[n.In[2]]
		case program.Affine, program.Add, program.Subtract, program.Multiply, program.Maximum, program.Relu, program.Stop, program.Sum, program.MatMul,
			program.Reshape, program.Transpose, program.Slice, program.Pad, program.Concat, program.Broadcast:
			whole[v] = isWhole(n.A) && isWhole(n.B) && !slices.ContainsFunc(n.In, func(in program.Value) bool { return !whole[in] })
		}
	}
	return whole
}

// indexSettings says which nodes are moved to the indices of a Gather. Settings among
// them are whole numbers.
func indexSettings(p *program.Program) []bool {
	indices := make([]bool, len(p.Nodes))
	for v := len(p.Nodes) - 1; v >= 0; v-- {
		n := &p.Nodes[v]
		switch n.Op {
		case program.Gather:
			indices[n.In[1]] = true
		case program.Reshape, program.Transpose, program.Slice, program.Concat, program.Broadcast:
			for _, in := range n.In {
				indices[in] = indices[in] || indices[v]
			}
		}
	}
	return indices
}
