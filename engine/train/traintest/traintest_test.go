package traintest

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"modspec/engine/backend"
	"modspec/engine/backend/reference"
	"modspec/engine/program"
	"modspec/engine/train"
)

// single executes programs with the result of every operation rounded to float32, as
// a backend in float32 does.
type single struct{ backend.Executor }

func (single) Precision() string { return "float32" }

func (e single) Train(ctx context.Context, t *program.Training, runs []program.Run, steps int, record []int, sink backend.Sink) error {
	for i, run := range runs {
		place := program.Place{Run: run, Step: -1}
		if from := run.From; from != nil {
			place.Step, place.Variables = from.Step, from.Variables
		} else {
			variables, err := rounded(t.Start, place)
			if err != nil {
				return err
			}
			place.Step, place.Variables = 0, variables
		}
		diverged := false
		for step := place.Step; step <= steps; step++ {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			finite := !slices.ContainsFunc(place.Variables, func(v []float64) bool { return !(largest(v) <= math.MaxFloat32) })
			if step < steps && sink.Due(i, step) && finite {
				if err := sink.Keep(step, []int{i}, [][][]float64{place.Variables}); err != nil {
					return err
				}
			}
			if slices.Contains(record, step) {
				if diverged = !finite; diverged {
					break
				}
				observed, err := rounded(t.Observe, place)
				if err == nil {
					err = sink.Observe(i, step, observed)
				}
				if err != nil {
					return err
				}
			}
			if step < steps {
				variables, err := rounded(t.Step, place)
				if err != nil {
					return err
				}
				place.Step, place.Variables = step+1, variables
			}
		}
		if err := sink.Finish(i, place.Step, diverged, place.Variables); err != nil {
			return err
		}
	}
	return nil
}

// rounded evaluates a program node by node.
func rounded(p *program.Program, at program.Place) ([][]float64, error) {
	values := make([][]float64, len(p.Nodes))
	for v, n := range p.Nodes {
		one, place := &program.Program{}, at
		if n.Op != program.Read {
			place.Variables = nil
		}
		in := n.In
		n.In = nil
		for i, from := range in {
			one.Nodes = append(one.Nodes, program.Node{Op: program.Read, Count: i, Shape: p.Nodes[from].Shape})
			place.Variables = append(place.Variables, values[from])
			n.In = append(n.In, program.Value(i))
		}
		one.Nodes = append(one.Nodes, n)
		one.Outputs = []program.Output{{Value: program.Value(len(in))}}
		result, err := reference.Evaluate(one, place)
		if err != nil {
			return nil, err
		}
		values[v] = slices.Clone(result[0])
		for i, x := range values[v] {
			values[v][i] = float64(float32(x))
		}
	}
	out := make([][]float64, len(p.Outputs))
	for i, o := range p.Outputs {
		out[i] = values[o.Value]
	}
	return out, nil
}

func subject(e backend.Executor) Subject {
	return Subject{e.Precision(), func(int) (train.Backend, error) { return backend.New(e), nil }}
}

// TestFloat32: an executor whose every operation is rounded to float32 passes.
func TestFloat32(t *testing.T) { Suite(t, subject(single{reference.New(1)}), Toys()...) }

// TestBoundsAreNarrow: what the suite allows says something. In float64 no metric may
// be off by a billionth, and in float32 by a hundredth, of what it is at first.
func TestBoundsAreNarrow(t *testing.T) {
	for precision, most := range map[string]float64{"float64": 1e-9, "float32": 1e-2} {
		for _, c := range Toys() {
			j, err := c.job(precision, c.Settings...)
			if err != nil {
				t.Fatal(err)
			}
			for i := range j.Runs {
				e, err := expect(j, i)
				if err != nil {
					t.Fatal(err)
				}
				for s := range e.bounds {
					for m, bound := range e.bounds[s] {
						if bound > most*math.Max(1, e.metrics[0][m]) {
							t.Errorf("%s in %s, run %d, observation %d: %s may be off by %.2g", c.Name, precision, i, s, j.Kind.Metrics()[m].Name, bound)
						}
					}
				}
			}
		}
	}
}

// faulty is an executor with a fault in what it tells, or in how it trains.
type faulty struct {
	backend.Executor
	train func(e backend.Executor, ctx context.Context, t *program.Training, runs []program.Run, steps int, record []int, sink backend.Sink) error
}

func (f faulty) Train(ctx context.Context, t *program.Training, runs []program.Run, steps int, record []int, sink backend.Sink) error {
	return f.train(f.Executor, ctx, t, runs, steps, record, sink)
}

type sink = backend.Sink

// told is a sink with functions in place of two methods.
type told struct {
	sink
	observe func(run, step int, observed [][]float64) error
	finish  func(run, step int, diverged bool, variables [][]float64) error
}

func (s told) Observe(run, step int, observed [][]float64) error {
	return s.observe(run, step, observed)
}
func (s told) Finish(run, step int, diverged bool, variables [][]float64) error {
	return s.finish(run, step, diverged, variables)
}

// keeping is a sink that is told other variables where they are to be kept.
type keeping struct {
	sink
	change func(float64) float64
}

func (k keeping) Keep(step int, runs []int, variables [][][]float64) error {
	var all [][][]float64
	for _, of := range variables {
		var changed [][]float64
		for _, v := range of {
			v = slices.Clone(v)
			for i := range v {
				v[i] = k.change(v[i])
			}
			changed = append(changed, v)
		}
		all = append(all, changed)
	}
	return k.sink.Keep(step, runs, all)
}

// TestPlantedFaults: each fault is found by the check that is there for it.
func TestPlantedFaults(t *testing.T) {
	type executor = backend.Executor
	scaled := func(factor func(runs int) float64) func(e executor, ctx context.Context, t *program.Training, runs []program.Run, steps int, record []int, s sink) error {
		return func(e executor, ctx context.Context, t *program.Training, runs []program.Run, steps int, record []int, s sink) error {
			return e.Train(ctx, t, runs, steps, record, told{s, func(run, step int, observed [][]float64) error {
				out := slices.Clone(observed)
				out[0] = slices.Clone(out[0])
				for i := range out[0] {
					out[0][i] *= factor(len(runs))
				}
				return s.Observe(run, step, out)
			}, s.Finish})
		}
	}
	for _, f := range []struct {
		name, check string
		train       func(e executor, ctx context.Context, t *program.Training, runs []program.Run, steps int, record []int, s sink) error
	}{
		{"a wrong number", "numbers", scaled(func(int) float64 { return 1 + 1e-7 })},
		{"a number that depends on the others", "alone and beside others", scaled(func(runs int) float64 { return 1 + float64(runs)*0x1p-52 })},
		{"a step too many", "numbers", func(e executor, ctx context.Context, t *program.Training, runs []program.Run, steps int, record []int, s sink) error {
			later := make([]int, len(record))
			for i := range record {
				later[i] = record[i] + 1
			}
			return e.Train(ctx, t, runs, steps+1, later, told{s, func(run, step int, o [][]float64) error { return s.Observe(run, step-1, o) },
				func(run, step int, d bool, v [][]float64) error { return s.Finish(run, step-1, d, v) }})
		}},
		{"no last observation", "numbers", func(e executor, ctx context.Context, t *program.Training, runs []program.Run, steps int, record []int, s sink) error {
			return e.Train(ctx, t, runs, steps, record, told{s, func(run, step int, o [][]float64) error {
				if step == steps {
					return nil
				}
				return s.Observe(run, step, o)
			}, s.Finish})
		}},
		{"initial variables that are trained", "no step", func(e executor, ctx context.Context, t *program.Training, runs []program.Run, steps int, record []int, s sink) error {
			return e.Train(ctx, t, runs, steps+1, append(slices.Clone(record), steps+1), told{s, func(run, step int, o [][]float64) error {
				if step > steps {
					return nil
				}
				return s.Observe(run, step, o)
			}, func(run, step int, d bool, v [][]float64) error { return s.Finish(run, min(step, steps), d, v) }})
		}},
		{"divergence that is not seen", "divergence", func(e executor, ctx context.Context, t *program.Training, runs []program.Run, steps int, record []int, s sink) error {
			return e.Train(ctx, t, runs, steps, record, told{s, s.Observe, func(run, step int, _ bool, v [][]float64) error { return s.Finish(run, steps, false, v) }})
		}},
		{"divergence too early", "divergence", func(e executor, ctx context.Context, t *program.Training, runs []program.Run, steps int, record []int, s sink) error {
			return e.Train(ctx, t, runs, steps, record, told{s, func(run, step int, o [][]float64) error {
				return s.Observe(run, step, o)
			}, func(run, step int, d bool, v [][]float64) error {
				if d && step > 0 {
					step--
				}
				return s.Finish(run, step, d, v)
			}})
		}},
		{"divergence of all", "divergence", func(e executor, ctx context.Context, t *program.Training, runs []program.Run, steps int, record []int, s sink) error {
			return e.Train(ctx, t, runs, steps, record, told{s, s.Observe, func(run, step int, d bool, v [][]float64) error {
				return s.Finish(run, step, len(runs) == 4, v)
			}})
		}},
		{"tables that are not read", "given inputs", func(e executor, ctx context.Context, t *program.Training, runs []program.Run, steps int, record []int, s sink) error {
			again := *t
			again.Step = withTables(t.Step, 0)
			return e.Train(ctx, &again, runs, steps, record, s)
		}},
		{"checkpoints that are not begun at", "continued", func(e executor, ctx context.Context, t *program.Training, runs []program.Run, steps int, record []int, s sink) error {
			runs = slices.Clone(runs)
			for i := range runs {
				runs[i].From = nil
			}
			return e.Train(ctx, t, runs, steps, record, s)
		}},
		{"checkpoints of the step before", "continued", func(e executor, ctx context.Context, t *program.Training, runs []program.Run, steps int, record []int, s sink) error {
			runs = slices.Clone(runs)
			for i := range runs {
				if from := runs[i].From; from != nil && from.Step > 0 {
					runs[i].From = &program.Checkpoint{Step: from.Step - 1, Variables: from.Variables}
				}
			}
			return e.Train(ctx, t, runs, steps, record, told{s, func(run, step int, o [][]float64) error {
				if from := runs[run].From; from != nil && step == from.Step {
					return nil
				}
				return s.Observe(run, step, o)
			}, s.Finish})
		}},
		{"checkpoints of float32", "continued", func(e executor, ctx context.Context, t *program.Training, runs []program.Run, steps int, record []int, s sink) error {
			return e.Train(ctx, t, runs, steps, record, keeping{s, func(v float64) float64 { return float64(float32(v)) }})
		}},
		{"an observation that is told twice", "continued", func(e executor, ctx context.Context, t *program.Training, runs []program.Run, steps int, record []int, s sink) error {
			return e.Train(ctx, t, runs, steps, record, told{s, func(run, step int, o [][]float64) error {
				if from := runs[run].From; from != nil && step == from.Step && s.Observe(run, step, o) != nil {
					return errors.New("the sink has an error")
				}
				return s.Observe(run, step, o)
			}, s.Finish})
		}},
		{"an error that is lost", "recorder errors", func(e executor, ctx context.Context, t *program.Training, runs []program.Run, steps int, record []int, s sink) error {
			_ = e.Train(ctx, t, runs, steps, record, s)
			return nil
		}},
		{"a cancellation that is lost", "cancelled", func(e executor, ctx context.Context, t *program.Training, runs []program.Run, steps int, record []int, s sink) error {
			if err := e.Train(ctx, t, runs, steps, record, s); !errors.Is(err, context.Canceled) {
				return err
			}
			return nil
		}},
	} {
		c := Toys()[0]
		at := slices.IndexFunc(checks, func(c check) bool { return c.name == f.check })
		if err := checks[at].run(subject(faulty{reference.New(2), f.train}), &c); err == nil {
			t.Errorf("%s passes the check %q", f.name, f.check)
		}
		if err := checks[at].run(subject(reference.New(2)), &c); err != nil {
			t.Errorf("without the fault the check %q fails: %v", f.check, err)
		}
	}
}

// withTables returns a program that reads the first row of every table.
func withTables(p *program.Program, row float64) *program.Program {
	out := &program.Program{Nodes: slices.Clone(p.Nodes), Outputs: p.Outputs}
	for v := range out.Nodes {
		if out.Nodes[v].Op == program.Steps {
			out.Nodes[v] = program.Node{Op: program.Constant, Shape: []int{}, Data: []float64{row}}
		}
	}
	return out
}

// TestImagesAreOfAllSorts: the cases of images have smaller batches, runs that go on to a
// second epoch, numbers that no training image has, and no run in which ReLU keeps
// variables from being trained or outputs from depending on the image.
func TestImagesAreOfAllSorts(t *testing.T) {
	for _, c := range Images(t) {
		j, err := c.job("float64", c.Settings...)
		if err != nil {
			t.Fatal(err)
		}
		training, err := j.Runs[0].Model.Program()
		if err != nil {
			t.Fatal(err)
		}
		out, err := subject(reference.New(1)).record(1, j)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range j.Runs {
			run := r.Model.Run(r.Stream)
			drawn, err := Drawn(training, run, j.Steps)
			if err != nil {
				t.Fatal(err)
			}
			batches := drawn["batch"]
			if earlier := batches.Data[:(j.Steps-1)*batches.Shape[1]]; !slices.Contains(earlier, -1) {
				t.Errorf("%s, run %d: no batch before the last step has fewer images: %v", c.Name, i, batches.Data)
			}
			if unseen := out[i].observed[0].metrics[j.Kind.Metrics().Index("unseen_number")]; math.IsNaN(unseen) {
				t.Errorf("%s, run %d: no image has a withheld number", c.Name, i)
			}
			for _, o := range out[i].observed {
				if company := o.metrics[j.Kind.Metrics().Index("company")]; !(company > 0) {
					t.Errorf("%s, run %d: at step %d no digit's outputs depend on another digit: company is %v", c.Name, i, o.step, company)
				}
			}
			initial, err := Initial(training, run)
			if err != nil {
				t.Fatal(err)
			}
			for v, info := range training.Variables {
				if slices.Equal(out[i].variables[v], initial[info.Name].Data) {
					t.Errorf("%s, run %d: %s keeps its initial values", c.Name, i, info.Name)
				}
			}
		}
	}
}
