//go:build gpu

package programs

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"modspec/engine/backend/reference"
	"modspec/engine/cuda"
	"modspec/engine/program"
	"modspec/engine/program/programtest"
	"modspec/engine/random"
)

// kept is what a sink took.
type kept struct {
	observed  map[string][][]float64 // by run and step
	final     map[int][][]float64
	finished  map[int]int // the step
	diverged  map[int]bool
	fail      error // of Observe
	onObserve func(step int)
}

func newKept() *kept {
	return &kept{observed: map[string][][]float64{}, final: map[int][][]float64{}, finished: map[int]int{}, diverged: map[int]bool{}}
}

func (k *kept) Observe(run, step int, observed [][]float64) error {
	k.observed[fmt.Sprint(run, " ", step)] = observed
	if k.onObserve != nil {
		k.onObserve(step)
	}
	return k.fail
}

func (*kept) Due(int, int) bool                    { return false }
func (*kept) Keep(int, []int, [][][]float64) error { return nil }

func (k *kept) Finish(run, step int, diverged bool, variables [][]float64) error {
	if _, twice := k.final[run]; twice {
		return fmt.Errorf("run %d finishes twice", run)
	}
	k.final[run], k.finished[run], k.diverged[run] = variables, step, diverged
	return nil
}

// runsOf returns runs of a training with one setting, each with streams of its own.
func runsOf(t *program.Training, rates ...float64) []program.Run {
	var runs []program.Run
	for i, rate := range rates {
		r := program.Run{Settings: []float64{rate}}
		for s := range t.Streams {
			r.Streams = append(r.Streams, random.Stream{Seed: uint64(i), Point: uint64(s)})
		}
		runs = append(runs, r)
	}
	return runs
}

func compiled(t *testing.T, d *cuda.Device, training *program.Training, o Options) *Executable {
	t.Helper()
	x, err := Compile(d, training, o)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func trained(t *testing.T, x *Executable, runs []program.Run, steps int, record ...int) *kept {
	t.Helper()
	k := newKept()
	if err := x.Train(context.Background(), &Job{Runs: runs, Steps: steps, Record: record, Variables: true}, k); err != nil {
		t.Fatal(err)
	}
	return k
}

// minibatches is the training of a line on examples that all runs share, in mini-batches
// of an epoch's order, with momentum; a variable keeps the old value of another, two more
// are exchanged at each step, and one never changes.
func minibatches(t *testing.T) *program.Training {
	d := program.NewDraft()
	const examples, width = 10, 3
	data := make([]float64, examples*width)
	for i := range data {
		data[i] = random.Stream{Seed: 5}.Normal(0, uint32(i))
	}
	w := d.Parameter("w", d.Start.Normal(program.Draw{}, width))
	previous := d.State("previous", d.Start.Zeros(width))
	left, right := d.State("left", d.Start.Fill(d.Start.Scalar(1), 2)), d.State("right", d.Start.Constant([]float64{2, 3}, 2))
	fixed := d.State("fixed", d.Start.Uniform(program.Draw{Number: 1}, 5))
	b := d.Step
	table := b.Constant(data, examples, width)
	x := b.Gather(table, b.Batch(program.Draw{Number: 2}, examples, 4))
	read := b.Read(w)
	y := b.Sum(b.Multiply(x, b.Broadcast(read, 0, 4)), 1)
	loss := b.Mean(b.SquareLoss(y, b.Sum(x, 1)))
	program.SGD{Momentum: b.Scalar(0.5)}.Update(d, b.Setting("lr"), []program.Variable{w}, b.Gradient(loss, []program.Value{read}))
	d.Set(previous, read)
	d.Set(left, b.Read(right))
	d.Set(right, b.Read(left))
	for _, v := range []program.Variable{w, previous, left, right, fixed} {
		d.Observe.Output(fmt.Sprint("variable ", v), d.Observe.Read(v))
	}
	d.Observe.Output("first of w", d.Observe.Slice(d.Observe.Read(w), 0, 1, 3))
	training, err := d.Training()
	if err != nil {
		t.Fatal(err)
	}
	return training
}

// Whole trainings: every step's variables follow from those before it to within the bound
// of the arithmetic, the first ones from nothing, and what is observed from the variables;
// and in float64 the variables stay near those of the reference: errors of 2^-53 a step,
// which 8 steps enlarge by 10^4 at most.
func TestTrainings(t *testing.T) {
	d := opened(t)
	for name, training := range map[string]*program.Training{
		"mixture":     mixture{rules: 3, encoding: 5, width: 9, batch: 7}.training(t),
		"minibatches": minibatches(t),
	} {
		for _, o := range []Options{{}, {Precision: Float64}} {
			t.Run(fmt.Sprint(name, o.suffix()), func(t *testing.T) {
				x := compiled(t, d, training, o)
				u := evaluator{d, o}.Roundoff()
				runs := runsOf(training, 0.01, 0.02, 0.03)
				steps := 8
				if testing.Short() {
					steps = 2
				}
				before := trained(t, x, runs, 0, 0)
				for run := range runs {
					if err := programtest.Compare(training.Start, program.Place{Run: runs[run], Step: -1}, before.final[run], u); err != nil {
						t.Fatal(err)
					}
				}
				for at := range steps {
					after := trained(t, x, runs, at+1, at, at+1)
					for run := range runs {
						place := program.Place{Run: runs[run], Step: at, Variables: before.final[run]}
						if err := programtest.Compare(training.Step, place, after.final[run], u); err != nil {
							t.Fatalf("run %d, step %d: %v", run, at+1, err)
						}
						if err := programtest.Compare(training.Observe, place, after.observed[fmt.Sprint(run, " ", at)], u); err != nil {
							t.Fatalf("run %d, observed at step %d: %v", run, at, err)
						}
					}
					before = after
				}
				if o.Precision != Float64 {
					return
				}
				for run := range runs {
					m, err := reference.NewMachine(training, runs[run])
					if err != nil {
						t.Fatal(err)
					}
					for range steps {
						if err := m.Step(); err != nil {
							t.Fatal(err)
						}
					}
					for v, want := range m.Place().Variables {
						for i := range want {
							if got := before.final[run][v][i]; !(math.Abs(got-want[i]) <= 1e4*float64(steps)*u*math.Max(1, math.Abs(want[i]))) {
								t.Fatalf("run %d, %s, element %d: %v, the reference has %v", run, training.Variables[v].Name, i, got, want[i])
							}
						}
					}
				}
			})
		}
	}
}

// A run has the same bits in groups of any size, and through one recording as through
// others.
func TestGroupsKeepBits(t *testing.T) {
	d := opened(t)
	training := mixture{rules: 2, encoding: 3, width: 4, batch: 5}.training(t)
	list := []Options{{}, {TF32: true}}
	if testing.Short() {
		list = list[:1]
	}
	for _, o := range list {
		x := compiled(t, d, training, o)
		runs := runsOf(training, 0.01, 0.02, 0.03, 0.04, 0.05)
		want := trained(t, x, runs, 3, 0, 1, 3)
		for _, most := range []int{1, 2, 4} {
			x.most = most
			same(t, fmt.Sprint("groups of ", most), trained(t, x, runs, 3, 3), want)
		}
	}
}

// same compares the final variables bit by bit.
func same(t *testing.T, what string, got, want *kept) {
	t.Helper()
	for run := range want.final {
		if got.finished[run] != want.finished[run] || got.diverged[run] != want.diverged[run] {
			t.Errorf("%s: run %d finishes at %d (%v), want %d (%v)", what, run, got.finished[run], got.diverged[run], want.finished[run], want.diverged[run])
		}
		for v := range want.final[run] {
			if !slices.EqualFunc(got.final[run][v], want.final[run][v], func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) }) {
				t.Fatalf("%s: run %d, variable %d: %v, want %v", what, run, v, got.final[run][v], want.final[run][v])
			}
		}
	}
}

// A diverging run ends alone, at the first step after which a parameter is not finite,
// whatever is recorded, with the variables of that step; the others have the bits that they
// have without it.
func TestDivergence(t *testing.T) {
	d := opened(t)
	list := []Options{{}, {Precision: Float64}}
	if testing.Short() {
		list = list[:1]
	}
	for _, o := range list {
		x := compiled(t, d, minibatches(t), o)
		high := 1e30
		if o.Precision == Float64 {
			high = 1e200
		}
		runs := runsOf(x.training, 0.01, high, 0.02)
		// Where it diverges, by training alone to each step.
		diverges := 0
		for ; ; diverges++ {
			if k := trained(t, x, runs[1:2], diverges); k.diverged[0] {
				break
			}
			if diverges == 12 {
				t.Fatal("no run diverges")
			}
		}
		for _, record := range [][]int{nil, {0, 6, 9, 12}, {diverges}, {0, diverges + 1}} {
			k := trained(t, x, runs, 12, record...)
			if !k.diverged[1] || k.finished[1] != diverges || k.diverged[0] || k.finished[0] != 12 || k.finished[2] != 12 {
				t.Errorf("record %v: runs diverge: %v, and finish at %v, want run 1 at %d", record, k.diverged, k.finished, diverges)
			}
			for _, at := range record {
				if _, ok := k.observed[fmt.Sprint("1 ", at)]; ok != (at < diverges) {
					t.Errorf("record %v: run 1 is observed at step %d: %v", record, at, ok)
				}
			}
			alone := trained(t, x, runs[1:2], 12)
			want := trained(t, x, []program.Run{runs[0], runs[2]}, 12)
			want.final = map[int][][]float64{0: want.final[0], 1: alone.final[0], 2: want.final[1]}
			want.finished, want.diverged = k.finished, k.diverged
			same(t, "beside a diverging run", k, want)
		}
	}
}

// Runs that begin with variables of their own, at steps of their own, go on as if they had
// not stopped; without variables they begin at the beginning.
func TestStart(t *testing.T) {
	d := opened(t)
	x := compiled(t, d, mixture{rules: 2, encoding: 3, width: 4, batch: 5}.training(t), Options{})
	runs := runsOf(x.training, 0.01, 0.02, 0.03, 0.04)
	want := trained(t, x, runs, 5, 0, 3, 4, 5)
	for run, begin := range []int{3, 0, 5, 3} {
		if begin > 0 {
			runs[run].From = &program.Checkpoint{Step: begin, Variables: trained(t, x, runs[run:run+1], begin).final[0]}
		}
	}
	job := &Job{Runs: runs, Steps: 5, Record: []int{0, 4, 5}, Variables: true}
	k := newKept()
	if err := x.Train(context.Background(), job, k); err != nil {
		t.Fatal(err)
	}
	same(t, "begun anew", k, want)
	for key, observed := range k.observed {
		if fmt.Sprint(observed) != fmt.Sprint(want.observed[key]) {
			t.Errorf("run and step %s: %v is observed, want %v", key, observed, want.observed[key])
		}
	}
	if len(k.observed) != 2+3+1+2 {
		t.Errorf("%d observations, want those from where runs begin", len(k.observed))
	}
	good := runs[0].From
	for want, from := range map[string]program.Checkpoint{
		"run 0 begins after 6 steps, but must begin after 0 to 5":                  {Step: 6, Variables: good.Variables},
		"run 0: the checkpoint has 1 variables":                                    {Step: 1, Variables: good.Variables[:1]},
		`run 0: the variable "digit.1.weight" of the checkpoint has 0 elements`:    {Step: 1, Variables: append([][]float64{{}}, good.Variables[1:]...)},
		`run 0: the variable "digit.1.weight" of the checkpoint has the value NaN`: {Step: 1, Variables: append([][]float64{slices.Repeat([]float64{math.NaN()}, len(good.Variables[0]))}, good.Variables[1:]...)},
	} {
		runs[0].From = &from
		if err := x.Train(context.Background(), job, newKept()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want one with %q", err, want)
		}
	}
}

// What Train cannot do is refused in a line, and what fails on the way ends it.
func TestWhatCannotBeIsRefused(t *testing.T) {
	d := opened(t)
	training := minibatches(t)
	x := compiled(t, d, training, Options{})
	runs := runsOf(training, 0.01, 0.02)
	for want, train := range map[string]func() error{
		"run 1: the run has 0 settings": func() error {
			return x.Train(context.Background(), &Job{Runs: []program.Run{runs[0], {Streams: runs[1].Streams}}, Steps: 1, Record: nil}, newKept())
		},
		"recorded step number 1 is 2, but": func() error {
			return x.Train(context.Background(), &Job{Runs: runs, Steps: 3, Record: []int{2, 2}}, newKept())
		},
		"recorded step number 0 is 4, but": func() error {
			return x.Train(context.Background(), &Job{Runs: runs, Steps: 3, Record: []int{4}}, newKept())
		},
		"the number of steps is -1": func() error {
			return x.Train(context.Background(), &Job{Runs: runs, Steps: -1, Record: nil}, newKept())
		},
		"planted": func() error {
			k := newKept()
			k.fail = errors.New("planted")
			return x.Train(context.Background(), &Job{Runs: runs, Steps: 3, Record: []int{1}}, k)
		},
		"stopped here": func() error {
			k := newKept()
			ctx, stop := context.WithCancelCause(context.Background())
			k.onObserve = func(int) { stop(errors.New("stopped here")) }
			return x.Train(ctx, &Job{Runs: runs, Steps: 1 << 40, Record: []int{1}}, k)
		},
		"TF32 go with float32": func() error {
			_, err := Compile(d, training, Options{Precision: Float64, TF32: true})
			return err
		},
		`must be "float32" or "float64"`: func() error {
			_, err := Compile(d, training, Options{Precision: "half"})
			return err
		},
	} {
		if err := train(); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("the error is %v, want one line with %q", err, want)
		}
	}
	if err := x.Train(context.Background(), &Job{Runs: nil, Steps: 3, Record: nil}, newKept()); err != nil {
		t.Errorf("no runs: %v", err)
	}
}

// An index that is no row ends the training with the run and the node; a run that has
// ended is not asked.
func TestBadIndexEndsTheTraining(t *testing.T) {
	d := program.NewDraft()
	v := d.State("at", d.Start.Scalar(0))
	b := d.Step
	row := b.Gather(b.Constant([]float64{1, 2, 3}, 3), b.Read(v))
	d.Set(v, b.Add(b.Add(b.Read(v), b.Scale(row, 0)), b.Setting("by")))
	d.Observe.Output("at", d.Observe.Read(v))
	training, err := d.Training()
	if err != nil {
		t.Fatal(err)
	}
	x := compiled(t, opened(t), training, Options{})
	if k := trained(t, x, runsOf(training, 0, 1), 3, 0, 3); k.final[1][0][0] != 3 {
		t.Errorf("after three steps the place is %v", k.final[1])
	}
	err = x.Train(context.Background(), &Job{Runs: runsOf(training, 0, 1), Steps: 5, Record: []int{0, 4}}, newKept())
	if err == nil || !strings.Contains(err.Error(), "run 1, by step 4: Gather, node") || !strings.Contains(err.Error(), "index number 0 is no row of a table of 3") {
		t.Errorf("the error is %v", err)
	}
}
