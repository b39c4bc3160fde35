//go:build gpu

package large

import (
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
)

// task is what the copies of one task, architecture and kind of rule share on
// the large path, in the coordinates that they train in. It makes the same choices
// as package cpu.
type task struct {
	linear  *linear.Task
	arch    network.Architecture
	modules []module
	// diagonal says that a step needs of the inputs only the eigenvalues of Σ_x: full
	// batches, β = 0 and no output shared between modules. Otherwise steps go through
	// the examples.
	diagonal bool
	gamma    bool       // γ ≠ 0
	beta     int        // sign of β
	labels   *mat.Dense // Y over the training examples; nil where no step needs them
	batch    int        // examples in a step
	trained  int        // training examples
	shape    string     // equal for copies whose steps are made of the same operations
}

// module is one module of a task. Its coordinates are those of Q, or the inputs
// themselves where q is nil.
type module struct {
	module network.Module
	inputs int
	coords int
	lo, hi int        // the rows of Y that it writes
	q      *mat.Dense // Q, inputs × coords
	d      []float64  // eigenvalues of Σ_x, when diagonal
	yx     *mat.Dense // Σ_yx·Q, when diagonal
	yy     *mat.Dense // YYᵀ over the training examples, of its outputs, when diagonal and γ ≠ 0
	x      *mat.Dense // QᵀX over the training examples, unless diagonal
	modes  modeSums
}

// widths are the widths of the module's layers of units, coordinates first.
func (m *module) widths() []int {
	w := append([]int{m.coords}, m.module.Hidden...)
	return append(w, m.hi-m.lo)
}

// newTask prepares a task for a rule.
func newTask(arch network.Architecture, linear *linear.Task, rule network.Rule) (*task, error) {
	p := linear.Point
	here, err := arch.At(p)
	if err != nil {
		return nil, err
	}
	t := &task{linear: linear, arch: here, trained: linear.TrainCount(), gamma: rule.Gamma != 0}
	t.batch = linear.Batch
	if t.batch == 0 {
		t.batch = t.trained
	}
	switch {
	case rule.Beta > 0:
		t.beta = 1
	case rule.Beta < 0:
		t.beta = -1
	}
	t.diagonal = t.batch == t.trained && t.beta == 0 && !here.Overlaps()
	for _, m := range here.Modules {
		lm := module{module: m, inputs: m.Shape(p)[0]}
		lm.coords = lm.inputs
		lm.lo, lm.hi = p.OutputRange(m.Writes)
		lm.modes = newModeSums(p, m.View())
		t.modules = append(t.modules, lm)
	}
	if t.beta == 0 {
		t.reduce()
	}
	if err := t.moments(); err != nil {
		return nil, err
	}
	t.shape = t.describe()
	return t, nil
}

// reduce gives every module its reduced coordinates. A module whose inputs are all
// zero has none, and a Q may be too large to form: then all stay in plain coordinates.
func (t *task) reduce() {
	for i := range t.modules {
		m := &t.modules[i]
		r, err := t.linear.Point.Restrict(m.module.View()).Reduce(t.linear.Examples)
		if err != nil {
			t.diagonal = false
			for j := range t.modules {
				m := &t.modules[j]
				m.q, m.d, m.yx, m.coords = nil, nil, nil, m.inputs
			}
			return
		}
		m.q, m.d, m.yx, m.coords = r.Q, r.D, r.YX, len(r.D)
	}
}

// moments fills in what a step needs of the examples.
func (t *task) moments() error {
	if t.diagonal && !t.gamma && t.linear.Teacher == nil {
		return nil
	}
	p := t.linear.Point
	examples, err := p.Select(t.linear.Examples)
	if err != nil {
		return err
	}
	targets, err := t.linear.Targets()
	if err != nil {
		return err
	}
	t.labels = dataset.Columns(targets, examples)
	for i := range t.modules {
		if err := t.momentsOf(&t.modules[i], examples); err != nil {
			return err
		}
	}
	return nil
}

func (t *task) momentsOf(m *module, examples []int) error {
	labels := t.labels.Slice(m.lo, m.hi, 0, len(examples))
	if t.diagonal && t.gamma {
		m.yy = new(mat.Dense)
		m.yy.Mul(labels, labels.T())
	}
	if t.diagonal && t.linear.Teacher == nil {
		return nil
	}
	p := t.linear.Point
	if m.q != nil {
		m.x = dataset.Columns(p.Apply(mat.DenseCopyOf(m.q.T()), m.module.Reads), examples)
	} else {
		all, err := p.Restrict(m.module.View()).X()
		if err != nil {
			return err
		}
		m.x = dataset.Columns(all, examples)
	}
	if t.diagonal { // the teacher's labels in place of the dataset's
		m.yx = new(mat.Dense)
		m.yx.Mul(labels, m.x.T())
		m.yx.Scale(1/float64(len(examples)), m.yx)
		m.x = nil
	}
	return nil
}

// bytes is what the task's matrices take.
func (t *task) bytes() int {
	sum := 0
	add := func(m *mat.Dense) {
		if m != nil {
			sum += 8 * len(m.RawMatrix().Data)
		}
	}
	add(t.labels)
	for i := range t.modules {
		m := &t.modules[i]
		add(m.q)
		add(m.yx)
		add(m.yy)
		add(m.x)
	}
	return sum
}

// describe names everything that decides which operations a step and an observation
// are made of.
func (t *task) describe() string {
	var s strings.Builder
	p := t.linear.Point
	fmt.Fprint(&s, t.diagonal, t.gamma, t.beta, t.batch, t.trained, t.linear.Teacher != nil, p.Bits, p.NX(), p.NY(), p.KX, p.KY)
	for i := range t.modules {
		m := &t.modules[i]
		fmt.Fprint(&s, ";", m.module.Reads, m.module.Writes, m.inputs, m.coords, m.q != nil, m.module.Hidden)
	}
	return s.String()
}

// tasks keeps the tasks of the copies that wait for their bundle to be full. A
// task that is equal but stored twice is still found, if it is among the latest.
type tasks struct {
	arch  network.Architecture
	tasks []*task
}

// latestTasks bounds the search: copies of a sweep mostly share their neighbours' task.
const latestTasks = 64

// of returns the task of a copy.
func (c *tasks) of(linear *linear.Task, rule network.Rule) (*task, error) {
	for _, t := range slices.Backward(c.tasks[max(0, len(c.tasks)-latestTasks):]) {
		if t.serves(linear, rule) {
			return t, nil
		}
	}
	t, err := newTask(c.arch, linear, rule)
	if err != nil {
		return nil, err
	}
	c.tasks = append(c.tasks, t)
	return t, nil
}

// keep drops the tasks that no waiting copy has.
func (c *tasks) keep(waiting map[string]*waitingCopies) {
	c.tasks = slices.DeleteFunc(c.tasks, func(t *task) bool {
		w := waiting[t.shape]
		return w == nil || !w.tasks[t]
	})
}

// serves reports whether a prepared task is the one of a copy.
func (t *task) serves(linear *linear.Task, rule network.Rule) bool {
	if t.gamma != (rule.Gamma != 0) || (t.beta > 0) != (rule.Beta > 0) || (t.beta < 0) != (rule.Beta < 0) {
		return false
	}
	a, b := t.linear, linear
	return a == b || a.Teacher == b.Teacher && a.Batch == b.Batch && (a.Examples == nil) == (b.Examples == nil) && slices.Equal(a.Examples, b.Examples) &&
		a.Point.Bits == b.Point.Bits && a.Point.KX == b.Point.KX && a.Point.KY == b.Point.KY && a.Point.R == b.Point.R &&
		slices.Equal(a.Point.InputBits, b.Point.InputBits) && slices.Equal(a.Point.OutputBits, b.Point.OutputBits)
}
