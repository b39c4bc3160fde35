package cpu

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
)

// task is what the copies of one task, architecture and kind of rule share, in
// the coordinates that they train in.
type task struct {
	linear  *linear.Task
	arch    network.Architecture
	modules []taskModule
	// diagonal says that a step needs of the inputs only the eigenvalues of Σ_x:
	// full batches, β = 0 and no output shared between modules. Otherwise steps go
	// through the examples.
	diagonal bool
	gamma    bool       // γ ≠ 0
	beta     int        // sign of β
	labels   *mat.Dense // Y over the training examples
	batch    int        // examples in a step
	trained  int        // training examples
	shape    string     // equal for copies that can lie side by side
}

// taskModule is one module of a task. Its coordinates are those of Q, or the
// inputs themselves where q is nil.
type taskModule struct {
	module         network.Module
	inputs, coords int
	lo, hi         int        // the rows of Y that it writes
	q              *mat.Dense // Q, inputs × coords
	d              []float64  // eigenvalues of Σ_x, when diagonal
	yx             *mat.Dense // Σ_yx·Q, when diagonal
	x              *mat.Dense // QᵀX over the training examples, unless diagonal
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
	if rule.Beta > 0 {
		t.beta = 1
	} else if rule.Beta < 0 {
		t.beta = -1
	}
	t.diagonal = t.batch == t.trained && t.beta == 0 && !here.Overlaps()
	for _, m := range here.Modules {
		tm := taskModule{module: m, inputs: m.Shape(p)[0]}
		tm.coords = tm.inputs
		tm.lo, tm.hi = p.OutputRange(m.Writes)
		t.modules = append(t.modules, tm)
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

// reduce gives every module its reduced coordinates. A module whose inputs are
// all zero has none, and a Q may be too large to form: then all stay in plain
// coordinates.
func (t *task) reduce() {
	for i := range t.modules {
		m := &t.modules[i]
		r, err := t.linear.Point.Restrict(m.module.View()).Reduce(t.linear.Examples)
		if err != nil {
			t.diagonal = false
			for j := range t.modules {
				m := &t.modules[j]
				m.q, m.coords = nil, m.inputs
			}
			return
		}
		m.q, m.d, m.yx, m.coords = r.Q, r.D, r.YX, len(r.D)
	}
}

// moments fills in what a step needs of the examples.
func (t *task) moments() error {
	p := t.linear.Point
	examples, err := p.Select(t.linear.Examples)
	if err != nil {
		return err
	}
	if t.diagonal && !t.gamma && t.linear.Teacher == nil {
		return nil
	}
	targets, err := t.linear.Targets()
	if err != nil {
		return err
	}
	t.labels = dataset.Columns(targets, examples)
	for i := range t.modules {
		m := &t.modules[i]
		if t.diagonal && t.linear.Teacher == nil {
			continue
		}
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
			var yx mat.Dense
			yx.Mul(t.labels.Slice(m.lo, m.hi, 0, len(examples)), m.x.T())
			yx.Scale(1/float64(len(examples)), &yx)
			m.yx, m.x = &yx, nil
		}
	}
	return nil
}

// describe names everything that decides which operations a step makes.
func (t *task) describe() string {
	var s strings.Builder
	fmt.Fprint(&s, t.diagonal, t.gamma, t.beta, t.batch, t.trained)
	for _, m := range t.modules {
		fmt.Fprint(&s, ";", m.inputs, m.coords, m.q != nil, m.module.Hidden, m.lo, m.hi)
	}
	return s.String()
}

// weights is the number of trained weights of a copy.
func (t *task) weights() int {
	sum := 0
	for _, m := range t.modules {
		below := m.coords
		for _, h := range m.module.Hidden {
			sum += h * below
			below = h
		}
		sum += below * (m.hi - m.lo)
	}
	return sum
}

// work is about the number of multiply-adds of a copy's step.
func (t *task) work() int {
	widest := 0
	for _, m := range t.modules {
		widest = max(widest, m.coords)
	}
	return 3 * t.weights() * widest
}

// taskCache keeps the tasks that were asked for last. Copies of a sweep mostly
// share theirs with their neighbours; a task that is equal but stored twice is
// still found.
type taskCache struct {
	mu    sync.Mutex
	arch  network.Architecture
	tasks []*task // the latest first
}

// cachedTasks bounds the cache: enough for the points in a group of one vector and the
// groups in training.
const cachedTasks = 64

func (c *taskCache) of(linear *linear.Task, rule network.Rule) (*task, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, t := range c.tasks {
		if t.serves(linear, rule) {
			copy(c.tasks[1:i+1], c.tasks[:i])
			c.tasks[0] = t
			return t, nil
		}
	}
	t, err := newTask(c.arch, linear, rule)
	if err != nil {
		return nil, err
	}
	if len(c.tasks) == cachedTasks {
		c.tasks = c.tasks[:cachedTasks-1]
	}
	c.tasks = slices.Insert(c.tasks, 0, t)
	return t, nil
}

// serves reports whether a prepared task is the one of a copy.
func (t *task) serves(linear *linear.Task, rule network.Rule) bool {
	if t.gamma != (rule.Gamma != 0) || (t.beta > 0) != (rule.Beta > 0) || (t.beta < 0) != (rule.Beta < 0) {
		return false
	}
	if t.linear == linear {
		return true
	}
	a, b := t.linear, linear
	return a.Teacher == b.Teacher && a.Batch == b.Batch && (a.Examples == nil) == (b.Examples == nil) && slices.Equal(a.Examples, b.Examples) &&
		a.Point.Bits == b.Point.Bits && a.Point.KX == b.Point.KX && a.Point.KY == b.Point.KY && a.Point.R == b.Point.R &&
		slices.Equal(a.Point.InputBits, b.Point.InputBits) && slices.Equal(a.Point.OutputBits, b.Point.OutputBits)
}
