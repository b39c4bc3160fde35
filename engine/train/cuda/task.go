//go:build gpu

package cuda

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/theory"
)

// task is what the copies of one task, architecture and kind of rule share: for each
// module what its items learn, in the coordinates that they train in.
type task struct {
	arch    network.Architecture
	modules []moduleTask
	// unanswered is what the labels of outputs that no module writes add to the losses.
	unanswered [fieldTestGamma + 1]float64
	signature  signature // equal for copies that can be trained side by side
	// large says that the copies take the large path.
	large bool
}

// moduleTask is a task as one module sees it. Its coordinates are those of Q, or the
// inputs themselves where q is nil. taskABI has the formulas.
type moduleTask struct {
	shape       shape
	module      network.Module
	point       dataset.Point // as the module sees it
	rows        [2]int        // of Y that it writes
	q           *mat.Dense    // inputs × coordinates
	d           []float64     // by coordinate
	yx          *mat.Dense    // outputs × coordinates
	yy          *mat.Dense    // outputs × outputs; nil without γ
	functionals []float64     // modes × outputs × coordinates
	targets     *mat.Dense    // outputs × examples
	signs       []float64     // rows of Ω_x that it reads × examples
	trained     []float64     // 1 for training examples
	count       int           // of training examples
}

// newTask prepares a task for a rule.
func newTask(arch network.Architecture, linear *linear.Task, rule network.Rule) (*task, error) {
	p := linear.Point
	here, err := arch.At(p)
	if err != nil {
		return nil, err
	}
	t := &task{arch: here}
	if linear.Batch != 0 && linear.Batch != linear.TrainCount() || here.Overlaps() || !t.outline(p, rule) {
		t.large = true
		return t, nil
	}
	examples, err := p.Select(linear.Examples)
	if err != nil {
		return nil, err
	}
	labels, err := linear.Targets()
	if err != nil {
		return nil, err
	}
	t.sumUnanswered(p, labels, examples)
	for i := range t.modules {
		m := &t.modules[i]
		if err := m.learn(linear, rule, labels, examples); err != nil {
			return nil, fmt.Errorf("module %d: %w", i+1, err)
		}
		t.signature.modules[i] = m.shape
	}
	t.signature.count = len(t.modules)
	return t, nil
}

// outline fills in what needs no large array, and reports whether the fused kernels may
// be able to train it.
func (t *task) outline(p dataset.Point, rule network.Rule) bool {
	if len(t.arch.Modules) > mostModules {
		return false
	}
	t.modules = make([]moduleTask, len(t.arch.Modules))
	for i, module := range t.arch.Modules {
		m := &t.modules[i]
		m.module, m.point = module, p.Restrict(module.View())
		m.rows[0], m.rows[1] = p.OutputRange(module.Writes)
		widths := module.Shape(p)
		if len(widths)-1 > maxLayers {
			return false
		}
		s := &m.shape
		s.layers = len(widths) - 1
		for l, w := range widths {
			s.widths[l] = int64(w)
		}
		s.modes = int64(len(theory.Modes(p, module.View())))
		if rule.Gamma != 0 {
			s.rule |= ruleGamma
		}
		switch {
		case rule.Beta > 0:
			s.rule |= ruleHebbian
		case rule.Beta < 0:
			s.rule |= ruleAnti
		}
		s.coords = s.widths[0] // at most
		if rule.Beta == 0 {
			s.coords = min(s.coords, int64(p.Examples()))
		}
		if !s.plausible() {
			return false
		}
	}
	return true
}

// sumUnanswered adds up the labels of outputs that no module writes.
func (t *task) sumUnanswered(p dataset.Point, labels *mat.Dense, examples []int) {
	trained := marks(p.Examples(), examples)
	written := make([]bool, p.Outputs())
	for i := range t.modules {
		for row := t.modules[i].rows[0]; row < t.modules[i].rows[1]; row++ {
			written[row] = true
		}
	}
	for row, done := range written {
		if done {
			continue
		}
		for e, label := range labels.RawRowView(row) {
			field := fieldTestGamma
			switch {
			case row < p.NY() && trained[e] != 0:
				field = fieldTrainOmega
			case row < p.NY():
				field = fieldTestOmega
			case trained[e] != 0:
				field = fieldTrainGamma
			}
			t.unanswered[field] += label * label
		}
	}
	for field := range t.unanswered {
		count := len(examples)
		if field == fieldTestOmega || field == fieldTestGamma {
			count = p.Examples() - count
		}
		if t.unanswered[field] != 0 {
			t.unanswered[field] /= float64(2 * count)
		}
	}
}

// marks is 1 for some examples and 0 for the others.
func marks(total int, examples []int) []float64 {
	list := make([]float64, total)
	for _, e := range examples {
		list[e] = 1
	}
	return list
}

// learn fills in the moments of a module's training examples, and what its observations
// need.
func (m *moduleTask) learn(linear *linear.Task, rule network.Rule, labels *mat.Dense, examples []int) error {
	p := linear.Point
	b, err := newBasis(m.point, linear.Examples, rule.Beta != 0)
	if err != nil {
		return err
	}
	m.q, m.d, m.count = b.q, b.d, len(examples)
	m.shape.coords, m.shape.reduced = int64(len(b.d)), b.q != nil
	m.shape.still = b.q != nil && len(b.d) < int(m.shape.widths[0])
	outputs, coords := m.rows[1]-m.rows[0], len(b.d)

	m.trained = marks(p.Examples(), examples)
	m.targets = labels.Slice(m.rows[0], m.rows[1], 0, p.Examples()).(*mat.Dense)
	mine := dataset.Columns(m.targets, examples)
	m.yx = mat.NewDense(outputs, coords, nil)
	switch {
	case b.learned == 0:
	case linear.Teacher == nil:
		m.yx.Slice(0, outputs, 0, b.learned).(*mat.Dense).Copy(b.yx)
	default:
		learned := b.q.Slice(0, int(m.shape.widths[0]), 0, b.learned)
		x := dataset.Columns(p.Apply(mat.DenseCopyOf(learned.T()), m.module.Reads), examples)
		part := m.yx.Slice(0, outputs, 0, b.learned).(*mat.Dense)
		part.Mul(mine, x.T())
		part.Scale(1/float64(len(examples)), part)
	}
	if m.shape.rule&ruleGamma != 0 {
		m.yy = new(mat.Dense)
		m.yy.Mul(mine, mine.T())
	}
	if m.module.Reads.Has(dataset.Omega) {
		for _, bit := range p.InputBits {
			for e := range p.Examples() {
				m.signs = append(m.signs, p.Omega(bit, e))
			}
		}
	}
	m.functionals = functionals(p, m.module.View(), b.q, coords)
	return nil
}

// omegaIn is how many rows of Ω_x the module reads, gammaIn how many copies of Γ_x,
// and omegaOut how many rows of Ω_y it writes.
func (m *moduleTask) omegaIn() int { return m.point.NX() }

func (m *moduleTask) gammaIn() int { return m.point.KX }

func (m *moduleTask) omegaOut() int { return m.point.NY() }
