package programs

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"modspec/engine/backend/reference"
	"modspec/engine/program"
	"modspec/engine/program/programtest"
	"modspec/engine/random"
)

// A log keeps what a sink is told.
type log struct {
	discard
	observed  map[[2]int][][]float64 // by run and step
	steps     map[int][]int          // of observations, by run
	ends      map[int]int
	diverged  map[int]bool
	variables map[int][][]float64
	mu        sync.Mutex
}

func newLog() *log {
	return &log{observed: map[[2]int][][]float64{}, steps: map[int][]int{}, ends: map[int]int{}, diverged: map[int]bool{}, variables: map[int][][]float64{}}
}

func deep(values [][]float64) [][]float64 {
	var out [][]float64
	for _, v := range values {
		out = append(out, slices.Clone(v))
	}
	return out
}

func (l *log) Observe(run, step int, observed [][]float64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.observed[[2]int{run, step}] = deep(observed)
	l.steps[run] = append(l.steps[run], step)
	return nil
}

func (l *log) Finish(run, step int, diverged bool, variables [][]float64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ends[run], l.diverged[run], l.variables[run] = step, diverged, deep(variables)
	return nil
}

// train trains runs and returns what the sink was told.
func train(t testing.TB, training *program.Training, o Options, steps int, record []int, runs ...program.Run) *log {
	t.Helper()
	e, err := Compile(training, o)
	if err != nil {
		t.Fatal(err)
	}
	l := newLog()
	if err := e.Train(context.Background(), runs, steps, record, l); err != nil {
		t.Fatal(err)
	}
	return l
}

// same fails unless tensors have the same bits.
func same(t *testing.T, what string, got, want [][]float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: there are %d tensors, want %d", what, len(got), len(want))
	}
	for i := range want {
		for k, w := range want[i] {
			if math.Float64bits(got[i][k]) != math.Float64bits(w) {
				t.Fatalf("%s: tensor %d, element %d is %v, want %v", what, i, k, got[i][k], w)
			}
		}
	}
}

// TestEachStepIsTheProgram trains step by step. Each step must be the program of its
// variables before it, to within the bound of the precision's arithmetic that
// programtest derives, and in float64 as close to the reference backend, which has
// the same bound.
func TestEachStepIsTheProgram(t *testing.T) {
	const steps = 4
	for _, network := range smallNetworks() {
		training := network.training(t)
		forEachSet(t, func(t *testing.T, o Options) {
			roundoff := evaluator{o}.Roundoff()
			place := program.Place{Step: -1, Run: run(3)}
			first := train(t, training, o, 0, []int{0}, place.Run)
			if err := programtest.Compare(training.Start, place, first.variables[0], roundoff); err != nil {
				t.Fatalf("%s, initial values: %v", network.name, err)
			}
			place.Variables, place.Step = first.variables[0], 0
			for ; place.Step < steps; place.Step++ {
				next := train(t, training, o, place.Step+1, []int{place.Step + 1}, place.Run)
				if err := programtest.Compare(training.Step, place, next.variables[0], roundoff); err != nil {
					t.Fatalf("%s, step %d: %v", network.name, place.Step, err)
				}
				if o.Precision == Float64 {
					want, err := reference.Evaluate(training.Step, place)
					if err != nil {
						t.Fatal(err)
					}
					for i := range want {
						for k, w := range want[i] {
							// Programs of this size make fewer than 2¹⁰ roundings that
							// count in any element, of numbers below 2³.
							if g := next.variables[0][i][k]; !(math.Abs(g-w) <= 0x1p-40) {
								t.Fatalf("%s, step %d, %s: %v, but the reference has %v", network.name, place.Step, training.Variables[i].Name, g, w)
							}
						}
					}
				}
				observed := program.Place{Run: place.Run, Step: place.Step + 1, Variables: next.variables[0]}
				if err := programtest.Compare(training.Observe, observed, next.observed[[2]int{0, observed.Step}], roundoff); err != nil {
					t.Fatalf("%s, observation after step %d: %v", network.name, observed.Step, err)
				}
				place.Variables = next.variables[0]
			}
		})
	}
}

// TestSameBits trains runs alone, together, and on several threads and kernel sets.
func TestSameBits(t *testing.T) {
	const steps, most = 5, 7
	network := smallNetworks()[1]
	training := network.training(t)
	record := []int{0, 2, 5}
	var runs []program.Run
	for i := range most {
		runs = append(runs, run(uint64(i)))
	}
	want := map[Precision]*log{}
	forEachSet(t, func(t *testing.T, o Options) {
		for _, threads := range []int{1, 2, 3, 8} {
			for _, count := range []int{1, 3, most} {
				o.Threads = threads
				got := train(t, training, o, steps, record, runs[:count]...)
				if want[o.Precision] == nil {
					// The first set with all runs, one after the other.
					want[o.Precision] = train(t, training, Options{Precision: o.Precision, Threads: 1}, steps, record, runs...)
				}
				for i := range count {
					what := fmt.Sprintf("%d threads, run %d of %d", threads, i, count)
					same(t, what, got.variables[i], want[o.Precision].variables[i])
					if !slices.Equal(got.steps[i], record) || got.ends[i] != steps || got.diverged[i] {
						t.Fatalf("%s: it was observed at %v and ended at %d (diverged: %v)", what, got.steps[i], got.ends[i], got.diverged[i])
					}
					for _, step := range record {
						same(t, what+", observed", got.observed[[2]int{i, step}], want[o.Precision].observed[[2]int{i, step}])
					}
				}
			}
		}
	})
}

// growth has a parameter that each step multiplies by a setting, and one result that
// is NaN throughout.
func growth(t testing.TB) *program.Training {
	d := program.NewDraft()
	w := d.Parameter("w", d.Start.Constant([]float64{0x1p-10, 2}, 2))
	s := d.Step
	d.Set(w, s.Multiply(s.Like(s.Setting("factor"), s.Read(w)), s.Read(w)))
	d.Observe.Output("nothing", d.Observe.Log(d.Observe.Scalar(-1)))
	training, err := d.Training()
	if err != nil {
		t.Fatal(err)
	}
	return training
}

// TestDivergence: 2·2⁷ⁿ exceeds the largest float32, below 2¹²⁸, first at n = 19 (2¹³⁴
// after 2¹²⁷), whatever is recorded. A result that is NaN is no divergence, and the
// other runs go on.
func TestDivergence(t *testing.T) {
	training := growth(t)
	for _, record := range [][]int{{0, 30}, {0, 18, 19, 30}, {18, 20, 30}, nil, {0, 10, 19}} {
		runs := []program.Run{{Settings: []float64{1}}, {Settings: []float64{128}}, {Settings: []float64{0.5}}}
		for _, threads := range []int{1, 2} {
			l := train(t, training, Options{Threads: threads}, 30, record, runs...)
			for i, end := range []int{30, 19, 30} {
				if l.ends[i] != end || l.diverged[i] != (i == 1) {
					t.Errorf("recorded %v: run %d ends at %d (diverged: %v)", record, i, l.ends[i], l.diverged[i])
				}
				for _, step := range l.steps[i] {
					if i == 1 && step >= 19 {
						t.Errorf("recorded %v: run 1 was observed at step %d, after it had diverged", record, step)
					}
				}
			}
			if v := l.variables[1][0]; !math.IsInf(v[1], 1) || math.IsInf(v[0], 0) {
				t.Errorf("the run ended with %v, want its variables at step 19", v)
			}
		}
	}
}

// TestDivergedIndices: numbers that are not finite become an index at the next step,
// which ends their run as diverged and not the job.
func TestDivergedIndices(t *testing.T) {
	d := program.NewDraft()
	w := d.Parameter("w", d.Start.Constant([]float64{1}, 1))
	s := d.Step
	row := s.Gather(s.Constant([]float64{0, 0, 0}, 3), s.Subtract(s.Read(w), s.Read(w)))
	d.Set(w, s.Add(row, s.Scale(s.Read(w), 0x1p100)))
	d.Observe.Output("w", d.Observe.Read(w))
	training, err := d.Training()
	if err != nil {
		t.Fatal(err)
	}
	l := train(t, training, Options{}, 9, nil, program.Run{})
	if !l.diverged[0] || l.ends[0] != 2 {
		t.Errorf("the run ended at step %d (diverged: %v), want 2, where w is 2²⁰⁰", l.ends[0], l.diverged[0])
	}
	// So has a run whose initial variables are not finite, at once.
	l = train(t, indices(t, math.Inf(1)), Options{}, 9, nil, program.Run{})
	if !l.diverged[0] || l.ends[0] != 0 {
		t.Errorf("the run that begins with ∞ ended at step %d (diverged: %v), want 0", l.ends[0], l.diverged[0])
	}
	// A wrong index of finite variables is an error.
	e, err := Compile(indices(t, 7), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Train(context.Background(), make([]program.Run, 1), 9, nil, newLog()); err == nil || !strings.Contains(err.Error(), "7") {
		t.Errorf("the error of row 7 of 3 is %v", err)
	}
}

// indices has a parameter that is the index of a row of three.
func indices(t *testing.T, initial float64) *program.Training {
	d := program.NewDraft()
	w := d.Parameter("w", d.Start.Constant([]float64{initial}, 1))
	s := d.Step
	d.Set(w, s.Gather(s.Constant([]float64{0, 0, 0}, 3), s.Read(w)))
	d.Observe.Output("w", d.Observe.Read(w))
	training, err := d.Training()
	if err != nil {
		t.Fatal(err)
	}
	return training
}

// TestVariablesAreReadBeforeTheStep swaps two variables, gives a third the old value of
// the first, and lets others be overwritten while what they were is still needed.
func TestVariablesAreReadBeforeTheStep(t *testing.T) {
	d := program.NewDraft()
	names := []string{"a", "b", "c", "e", "f", "g", "h", "k"}
	v := make([]program.Variable, len(names))
	for i, name := range names {
		v[i] = d.Parameter(name, d.Start.Constant([]float64{float64(i), 10}, 2))
	}
	s := d.Step
	a, b, e := s.Read(v[0]), s.Read(v[1]), s.Read(v[3])
	d.Set(v[0], b)
	d.Set(v[1], a)
	d.Set(v[2], a)
	next := s.Scale(e, 3)
	d.Set(v[3], next)
	// f needs the old e in a product, and e in the same chain as its update.
	product := s.Reshape(s.MatMul(s.Reshape(e, 2, 1), s.Reshape(e, 1, 2), false, false), 4)
	d.Set(v[4], s.Add(s.Add(next, e), s.Slice(product, 0, 1, 3)))
	// g could be overwritten at once, but h needs what it was at the end of a chain of
	// products.
	g := s.Read(v[5])
	d.Set(v[5], s.Scale(g, 2))
	d.Set(v[7], g)
	late := s.Reshape(g, 1, 2)
	for range 3 {
		late = s.MatMul(late, s.Constant([]float64{1, 0, 1, 1}, 2, 2), false, false)
	}
	d.Set(v[6], s.Reshape(s.MatMul(late, s.MatMul(s.Reshape(g, 2, 1), s.Reshape(g, 1, 2), false, false), false, false), 2))
	d.Observe.Output("f", d.Observe.Read(v[4]))
	training, err := d.Training()
	if err != nil {
		t.Fatal(err)
	}
	forEachSet(t, func(t *testing.T, o Options) {
		place := program.Place{Variables: [][]float64{{0, 10}, {1, 10}, {2, 10}, {3, 10}, {4, 10}, {5, 10}, {6, 10}, {7, 10}}}
		for place.Step = range 3 {
			want, err := reference.Evaluate(training.Step, place)
			if err != nil {
				t.Fatal(err)
			}
			got := train(t, training, o, place.Step+1, nil, program.Run{})
			same(t, fmt.Sprint("step ", place.Step), got.variables[0], want)
			place.Variables = want
		}
	})
}

// TestBatches draws mini-batches over several epochs.
func TestBatches(t *testing.T) {
	d := program.NewDraft()
	seen := d.State("seen", d.Start.Zeros(4))
	d.Set(seen, d.Step.Batch(program.Draw{Number: 2}, 10, 4))
	d.Observe.Output("seen", d.Observe.Read(seen))
	training, err := d.Training()
	if err != nil {
		t.Fatal(err)
	}
	stream := random.Stream{Seed: 9, Point: 1}
	l := train(t, training, Options{}, 8, []int{1, 2, 3, 4, 5, 6, 7, 8}, program.Run{Streams: []random.Stream{stream}})
	for step := range 8 {
		want := make([]float64, 4)
		training.Step.Nodes[0].Sample(want, stream, step)
		same(t, fmt.Sprint("step ", step), l.observed[[2]int{0, step + 1}], [][]float64{want})
	}
}

func TestRefused(t *testing.T) {
	e, err := Compile(growth(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	runs := []program.Run{{Settings: []float64{1}}, {}}
	if err := e.Train(context.Background(), runs, 2, nil, newLog()); err == nil || !strings.Contains(err.Error(), "run 1: the run has 0 settings") {
		t.Errorf("the error of a run without its setting is %v", err)
	}
	if _, err := Compile(growth(t), Options{Threads: -1}); err == nil {
		t.Error("−1 threads are no error")
	}
	if _, err := Compile(growth(t), Options{Precision: "float16"}); err == nil {
		t.Error("float16 is no error")
	}
}

// full is a sink that takes nothing.
type full struct{ discard }

var errFull = errors.New("the disk is full")

func (full) Observe(int, int, [][]float64) error { return errFull }

// TestTrainingStops at the error of a sink and when its context ends, long before the
// last step.
func TestTrainingStops(t *testing.T) {
	e, err := Compile(growth(t), Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	const steps = 100_000_000
	runs := slices.Repeat([]program.Run{{Settings: []float64{1}}}, 5)
	if err := e.Train(context.Background(), runs, steps, []int{0}, full{}); !errors.Is(err, errFull) {
		t.Errorf("the error is %v, want that of the sink", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := e.Train(ctx, runs, steps, []int{0}, newLog()); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v, want that of the context", err)
	}
}

// A call is an instruction that calls a function.
type call func()

func (c call) run(*machine[float32]) error { c(); return nil }

// TestInterruptedBetweenInstructions: where the context ends inside the initial values,
// a step or an observation, no further instruction is executed.
func TestInterruptedBetweenInstructions(t *testing.T) {
	for at := range 3 {
		e, err := newExecutable[float32](growth(t), Options{Precision: Float32, Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		p := []*plan[float32]{e.start, e.step, e.observe}[at]
		p.instructions = append(p.instructions, call(cancel), call(func() { t.Errorf("plan %d is executed to its end", at) }))
		if err := e.Train(ctx, []program.Run{{Settings: []float64{1}}}, 3, []int{0, 3}, newLog()); !errors.Is(err, context.Canceled) {
			t.Errorf("plan %d: %v", at, err)
		}
	}
}
