package backendtest

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
)

// failures returns the checks whose names begin with a prefix and that a backend
// fails, with what they say.
func failures(b linear.Backend, tol Tolerance, prefix string) (list []string) {
	for _, c := range checks() {
		if strings.HasPrefix(c.name, prefix) {
			if err := c.run(b, tol); err != nil {
				list = append(list, c.name+": "+err.Error())
			}
		}
	}
	return list
}

// oneThread skips a test of long loops on one thread where the tests are to be
// short, as they are under the race detector.
func oneThread(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("long loops on one thread")
	}
}

// The suite's own loops pass their own suite.
func TestLiteralBackendPasses(t *testing.T) {
	oneThread(t)
	Run(t, "literal", func() (linear.Backend, error) { return literal{}, nil }, Float64)
}

// single rounds to float32.
func single(v float64) float64 { return float64(float32(v)) }

// inSingle keeps the weights and labels in float32, and so disturbs every step as
// such a backend does.
var inSingle = literal{
	prepare: func(o *oracle) { o.y = o.y.each(single) },
	step: func(o *oracle, w weights, step int) weights {
		w = w.each(func(l matrix) matrix { return l.each(single) })
		return o.step(w, o.batch(step), false).each(func(l matrix) matrix { return l.each(single) })
	},
}

// Float32 weights pass with float32's tolerance, and are told from float64 ones.
func TestPrecisionsAreToldApart(t *testing.T) {
	oneThread(t)
	for _, prefix := range []string{"one step/", "training/", "theory/"} {
		for _, failure := range failures(inSingle, Float32, prefix) {
			t.Errorf("float32 weights with float32's tolerance: %s", failure)
		}
	}
	for _, name := range []string{"one step/dense", "training/dense", "theory/dense"} {
		if len(failures(inSingle, Float64, name)) == 0 {
			t.Errorf("%s: float32 weights pass with float64's tolerance", name)
		}
	}
}

// scaledStep is a step whose increments are multiplied by a factor.
func scaledStep(factor float64) func(o *oracle, w weights, step int) weights {
	return func(o *oracle, w weights, step int) weights {
		next := o.step(w, o.batch(step), false)
		for m := range next {
			for l := range next[m] {
				for i, row := range next[m][l] {
					for j := range row {
						row[j] = w[m][l][i][j] + factor*(row[j]-w[m][l][i][j])
					}
				}
			}
		}
		return next
	}
}

// changedCopy plants a fault in a copy's hyper-parameters.
func changedCopy(change func(c *linear.Copy)) func(o *oracle) {
	return func(o *oracle) {
		c := *o.copy
		task := *c.Task
		c.Task = &task
		change(&c)
		o.copy = &c
	}
}

// everyFailure are faults and the check that has to notice each.
var everyFailure = []struct {
	name    string
	backend literal
	noticed string
}{
	// Faults of the step.
	{"the loss lacks its ½", literal{step: scaledStep(2)}, "one step/shallow"},
	{"the loss lacks its ½, seen over training", literal{step: scaledStep(2)}, "training/dense"},
	{"the sign of the step", literal{step: scaledStep(-1)}, "one step/dense"},
	{"a step is off by 10⁻¹²", literal{step: scaledStep(1 + 1e-12)}, "one step/dense"},
	{"a training is off by 10⁻¹⁰", literal{step: scaledStep(1 + 1e-10)}, "training/dense"},
	{"against theory, off by 10⁻¹⁰", literal{step: scaledStep(1 + 1e-10)}, "theory/dense"},
	{"layers step one after the other", literal{step: func(o *oracle, w weights, step int) weights {
		first := o.step(w, o.batch(step), false)
		for m := range w {
			last := len(w[m]) - 1
			mixed := w.each(matrix.clone)
			copy(mixed[m][:last], first[m][:last])
			first[m][last] = o.step(mixed, o.batch(step), false)[m][last]
		}
		return first
	}}, "one step/dense"},
	{"γ has the other sign", literal{prepare: changedCopy(func(c *linear.Copy) { c.Rule.Gamma *= -1 })}, "one step/contrastive"},
	{"γ is left out", literal{prepare: changedCopy(func(c *linear.Copy) { c.Rule.Gamma = 0 })}, "one step/predictive coding"},
	{"γ is a mean over the examples", literal{prepare: changedCopy(func(c *linear.Copy) { c.Rule.Gamma /= 8 })}, "one step/contrastive"},
	{"β is scaled by η", literal{prepare: changedCopy(func(c *linear.Copy) { c.Rule.Beta *= c.LearningRate })}, "one step/hebbian"},
	{"β is a mean over the examples", literal{prepare: changedCopy(func(c *linear.Copy) { c.Rule.Beta /= 8 })}, "one step/anti-hebbian"},
	{"anti-Hebbian learns with Oja's rule", literal{prepare: changedCopy(func(c *linear.Copy) { c.Rule.Beta = math.Abs(c.Rule.Beta) })}, "one step/anti-hebbian"},

	// Faults of the task.
	{"modules do not share their error", literal{step: func(o *oracle, w weights, step int) weights {
		next := w.each(matrix.clone)
		for m := range w {
			alone := *o
			alone.modules = o.modules[m : m+1]
			next[m] = alone.step(w[m:m+1], o.batch(step), false)[0]
		}
		return next
	}}, "one step/overlapping"},
	{"a teacher is ignored", literal{prepare: func(o *oracle) { o.y = block(o.point, o.point.OutputBits, o.point.KY) }}, "one step/labels of a teacher"},
	{"all examples are trained on", literal{prepare: func(o *oracle) {
		o.trained = append(slices.Clone(o.trained), o.tested...)
	}}, "one step/first three examples"},
	{"batches are ignored", literal{prepare: changedCopy(func(c *linear.Copy) { c.Task.Batch = 0 })}, "one step/batches of three"},
	{"every epoch has the order of the first", literal{step: func(o *oracle, w weights, step int) weights {
		return o.step(w, o.batch(step%3), false)
	}}, "training/batches of three"},
	{"the last batch of an epoch is left out", literal{step: func(o *oracle, w weights, step int) weights {
		return o.step(w, o.batch(step/2*3+step%2), false)
	}}, "training/batches of three"},
	{"the seed is ignored", literal{prepare: changedCopy(func(c *linear.Copy) { c.Stream.Seed = 1 })}, "training/batches of three"},

	// Faults of the record.
	{"losses lack their ½", literal{observe: func(_ *oracle, s *linear.Observation) {
		s.Train = linear.Losses{Total: 2 * s.Train.Total, Omega: 2 * s.Train.Omega, Gamma: 2 * s.Train.Gamma}
	}}, "training/dense"},
	{"test losses are those of training", literal{observe: func(_ *oracle, s *linear.Observation) { s.Test = s.Train }}, "training/first three examples"},
	{"there is a test loss without a test set", literal{observe: func(_ *oracle, s *linear.Observation) { s.Test.Total = 1 }}, "training/dense"},
	{"two quadrants are swapped", literal{observe: func(_ *oracle, s *linear.Observation) {
		s.Quadrants.GammaOmega, s.Quadrants.OmegaGamma = s.Quadrants.OmegaGamma, s.Quadrants.GammaOmega
	}}, "training/dense"},
	{"norms are not squared", literal{observe: func(_ *oracle, s *linear.Observation) { s.Quadrants = s.Quadrants.Norms() }}, "training/dense"},
	{"systematicity is the other share", literal{observe: func(_ *oracle, s *linear.Observation) { s.Systematicity = 1 - s.Systematicity }}, "training/dense"},
	{"modes are in reverse", literal{observe: func(_ *oracle, s *linear.Observation) { slices.Reverse(s.Modes) }}, "training/dense"},
	{"a mode is missing", literal{observe: func(_ *oracle, s *linear.Observation) { s.Modes = s.Modes[1:] }}, "training/dense"},
	{"steps count from 1", literal{observe: func(_ *oracle, s *linear.Observation) { s.Step++ }}, "training/dense"},
	{"NaN is recorded", literal{observe: func(_ *oracle, s *linear.Observation) { s.Quadrants.GammaGamma = math.NaN() }, endless: true}, "training/dense"},
	{"infinity is recorded", literal{observe: func(_ *oracle, s *linear.Observation) { s.Modes[0] = math.Inf(1) }}, "training/dense"},
	{"final weights are NaN", literal{after: func(_ *linear.Job, _ int, f *linear.Final) { f.Weights.Modules[0][0].Set(0, 0, math.NaN()) }}, "training/dense"},
	{"final weights are those of the start", literal{after: func(j *linear.Job, i int, f *linear.Final) { _, f.Weights, _ = j.Start(i) }}, "training/dense"},
	{"there are no final weights", literal{after: func(_ *linear.Job, _ int, f *linear.Final) { f.Weights = nil }}, "given weights"},
	{"the given weights are trained themselves", literal{after: func(j *linear.Job, i int, f *linear.Final) {
		if j.Copies[i].Weights != nil {
			f.Weights = j.Copies[i].Weights
		}
	}}, "given weights"},

	// Faults of the contract.
	{"a copy is finished twice", literal{report: func(r linear.Recorder) linear.Recorder { return twice{r} }}, "training/dense"},
	{"a copy is never finished", literal{report: func(r linear.Recorder) linear.Recorder { return unfinished{r} }}, "training/dense"},
	{"the last observation is missing", literal{report: func(r linear.Recorder) linear.Recorder { return forgetful{r} }}, "training/dense"},
	{"copies are confused", literal{report: func(r linear.Recorder) linear.Recorder { return confused{r} }}, "training/many copies"},
	{"a rate of NaN is trained with", literal{check: func(j *linear.Job) error {
		err := j.Check()
		if err != nil && strings.Contains(err.Error(), "learning rate") {
			return nil
		}
		return err
	}}, "bad jobs"},
	{"errors of the recorder are lost", literal{err: func(error) error { return nil }}, "recorder errors"},
	{"the recorder is called after its error", literal{report: func(r linear.Recorder) linear.Recorder { return stubborn{r} }}, "recorder errors"},
	{"cancelling goes unnoticed", literal{context: func(context.Context) context.Context {
		ctx, cancel := context.WithCancelCause(context.Background())
		cancel(errors.New("too late"))
		return ctx
	}, err: func(error) error { return errors.New("too late") }}, "cancelled before"},
	{"a run gives something else each time", literal{step: func(o *oracle, w weights, step int) weights {
		return scaledStep(1+1e-16*rand.Float64())(o, w, step)
	}, observe: func(_ *oracle, s *linear.Observation) { s.Train.Total *= 1 + 1e-13*rand.Float64() }}, "same twice"},
	{"divergence is never noticed", literal{endless: true}, "divergence"},
	{"divergence is said of a good copy", literal{after: func(_ *linear.Job, i int, f *linear.Final) { f.Diverged = i%2 == 1 }}, "divergence"},
	{"divergence is noticed too late", literal{after: func(_ *linear.Job, _ int, f *linear.Final) {
		if f.Diverged {
			f.Step += 20
		}
	}}, "divergence"},
	{"labels of NaN are recorded", literal{endless: true}, "labels that are not finite"},
}

type twice struct{ linear.Recorder }

func (r twice) Finish(i int, f linear.Final) error {
	if err := r.Recorder.Finish(i, f); err != nil {
		return err
	}
	return r.Recorder.Finish(i, f)
}

type unfinished struct{ linear.Recorder }

func (r unfinished) Finish(int, linear.Final) error { return nil }

type forgetful struct{ linear.Recorder }

func (r forgetful) Observe(i int, o linear.Observation) error {
	if o.Step == 40 {
		return nil
	}
	return r.Recorder.Observe(i, o)
}

type confused struct{ linear.Recorder }

func (r confused) Observe(i int, o linear.Observation) error { return r.Recorder.Observe(36-i, o) }
func (r confused) Finish(i int, f linear.Final) error        { return r.Recorder.Finish(36-i, f) }

type stubborn struct{ linear.Recorder }

func (r stubborn) Observe(i int, o linear.Observation) error {
	err := r.Recorder.Observe(i, o)
	if err != nil {
		r.Recorder.Observe(i, o)
	}
	return err
}

// Every planted fault is noticed by the check that is there for it.
func TestFaultsAreNoticed(t *testing.T) {
	oneThread(t)
	for _, f := range everyFailure {
		t.Run(f.name, func(t *testing.T) {
			list := failures(f.backend, Float64, f.noticed)
			if len(list) == 0 {
				t.Fatalf("no check of %q noticed", f.noticed)
			}
			first, _, _ := strings.Cut(list[0], "\n")
			t.Log(first)
		})
	}
}

// A call while another is under way is counted, whatever thread it comes from.
func TestClashesAreNoticed(t *testing.T) {
	w := newRecorder(goodJob())
	w.during("Observe", 0, func() {
		if err := w.Observe(1, linear.Observation{}); err != nil {
			t.Error(err)
		}
	})
	if w.clashes.Load() != 1 || len(w.runs[1].Trajectory) != 0 {
		t.Error("a call within a call went unnoticed")
	}
}

// dependent is a backend whose copies depend on how many there are.
type dependent struct{ literal }

func (d dependent) Train(ctx context.Context, job *linear.Job, r linear.Recorder) error {
	d.prepare = changedCopy(func(c *linear.Copy) { c.LearningRate *= 1 + 1e-15*float64(len(job.Copies)) })
	return d.literal.Train(ctx, job, r)
}

func TestDependentCopiesAreNoticed(t *testing.T) {
	if len(failures(dependent{}, Float64, "copies are independent")) == 0 {
		t.Error("no check noticed that copies depend on each other")
	}
	if list := failures(dependent{}, Float64, "training/dense"); len(list) > 0 {
		t.Errorf("the fault was meant to be below rounding, but %s", list)
	}
}

// limited refuses every job as one that it cannot run.
type limited struct{ literal }

func (limited) Train(_ context.Context, job *linear.Job, _ linear.Recorder) error {
	if err := job.Check(); err != nil {
		return err
	}
	return errors.Join(errors.New("at most 0 copies, use another backend"), errors.ErrUnsupported)
}

// A partial backend may refuse; any other fails for it.
func TestRefusalsAreSkippedOnlyWherePartial(t *testing.T) {
	partial := Float64
	partial.Partial = true
	Run(t, "partial", func() (linear.Backend, error) { return limited{}, nil }, partial)
	if len(failures(limited{}, Float64, "training/dense")) == 0 {
		t.Error("a backend that refuses a job passes the check of it")
	}
}

// The oracle's inputs are those of package dataset, which is proven elsewhere.
func TestBlocksAreThoseOfTheDataset(t *testing.T) {
	for _, p := range []dataset.Point{paper, strong, smallest, inside} {
		x, err := p.X()
		if err != nil {
			t.Fatal(err)
		}
		if !sameBits(block(p, p.InputBits, p.KX).flat(), fromDense(mat.DenseCopyOf(x.T())).flat()) {
			t.Errorf("%v: the suite's X is not the dataset's", p)
		}
	}
}
