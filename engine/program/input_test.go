package program_test

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"modspec/engine/backend/reference"
	"modspec/engine/program"
	"modspec/engine/random"
	"modspec/engine/results"
	"modspec/engine/train"
	"modspec/engine/train/traintest"
)

const inputSteps = 7

// toyTraining is the training of a toy network and one of its runs.
func toyTraining(t *testing.T, optimizer string) (*program.Training, program.Run) {
	t.Helper()
	s, err := train.NewSetting(traintest.Toy{})
	if err != nil {
		t.Fatal(err)
	}
	s.Set(traintest.Toy{}.Parameters().Index("optimizer"), results.Value{Text: optimizer})
	m, err := traintest.Toy{}.Resolve(s)
	if err != nil {
		t.Fatal(err)
	}
	training, err := m.Program()
	if err != nil {
		t.Fatal(err)
	}
	return training, m.Run(random.Stream{Seed: 4, Point: 2})
}

// trace trains a run and returns all that is observed, and all variables, at each step.
func trace(t *testing.T, training *program.Training, run program.Run) (observed, variables [][][]float64) {
	t.Helper()
	m, err := reference.NewMachine(training, run)
	if err != nil {
		t.Fatal(err)
	}
	for step := range inputSteps + 1 {
		o, err := m.Observe()
		if err != nil {
			t.Fatal(err)
		}
		observed, variables = append(observed, o), append(variables, m.Place().Variables)
		if step < inputSteps {
			if err := m.Step(); err != nil {
				t.Fatal(err)
			}
		}
	}
	return observed, variables
}

// drawnTables are the inputs that a run draws, as tables: the draws of package random,
// by their numbers in the toy.
func drawnTables(run program.Run, steps int) map[string]program.Tensor {
	c, x := make([]float64, 0, 4*steps), make([]float64, 0, 8*steps)
	for step := range steps {
		at := run.Streams[1].At(uint64(step))
		for i := range uint32(4) {
			c = append(c, math.Floor(float64(at.Uint64(random.FirstWordLayer, i)>>11)/(1<<53)*3))
		}
		for i := range uint32(8) {
			x = append(x, at.Normal(1, i))
		}
	}
	return map[string]program.Tensor{"c": {Shape: []int{steps, 4}, Data: c}, "x": {Shape: []int{steps, 4, 2}, Data: x}}
}

// named are the variables of a step by name.
func named(training *program.Training, variables [][]float64) map[string]program.Tensor {
	out := map[string]program.Tensor{}
	for v, info := range training.Variables {
		out[info.Name] = program.Tensor{Shape: info.Shape, Data: variables[v]}
	}
	return out
}

// TestTablesOfDraws: tables of what would be drawn, and initial values that would be
// drawn, train to the same bits; no draw is left in the steps.
func TestTablesOfDraws(t *testing.T) {
	for _, optimizer := range []string{"sgd", "adam"} {
		training, run := toyTraining(t, optimizer)
		observed, variables := trace(t, training, run)
		given, err := program.WithTables(training, drawnTables(run, inputSteps+3), inputSteps)
		if err != nil {
			t.Fatal(err)
		}
		if given, err = program.WithInitial(given, named(training, variables[0])); err != nil {
			t.Fatal(err)
		}
		again, after := trace(t, given, program.Run{Streams: make([]random.Stream, 2), Settings: run.Settings})
		if !reflect.DeepEqual(observed, again) || !reflect.DeepEqual(variables, after) {
			t.Errorf("%s: given what would be drawn, the training has other bits", optimizer)
		}
		for _, p := range []*program.Program{given.Start, given.Step, given.Observe} {
			if text := p.String(); strings.Contains(text, "Normal") || strings.Contains(text, "Whole") {
				t.Errorf("%s: a draw is left:\n%s", optimizer, text)
			}
		}
	}
}

// TestTablesAreRead: another value of one step changes that step and those after it,
// and nothing before.
func TestTablesAreRead(t *testing.T) {
	training, run := toyTraining(t, "sgd")
	_, variables := trace(t, training, run)
	for step := range inputSteps {
		tables := drawnTables(run, inputSteps+1)
		tables["x"].Data[8*step+3] += 1
		given, err := program.WithTables(training, tables, inputSteps)
		if err != nil {
			t.Fatal(err)
		}
		_, after := trace(t, given, run)
		for at := range variables {
			if equal := reflect.DeepEqual(variables[at], after[at]); equal != (at <= step) {
				t.Errorf("another x at step %d: after %d steps the variables are equal: %v", step, at, equal)
			}
		}
	}
}

// TestInitialVariables: parameters and variables that no step changes are taken; an
// optimizer's state begins as it does without; what is not given is drawn.
func TestInitialVariables(t *testing.T) {
	training, run := toyTraining(t, "adam")
	_, variables := trace(t, training, run)
	end := named(training, variables[inputSteps])
	for name := range end {
		for i := range end[name].Data {
			end[name].Data[i] = float64(i) + 0.5
		}
	}
	given, err := program.WithInitial(training, end)
	if err != nil {
		t.Fatal(err)
	}
	_, after := trace(t, given, run)
	_, drawn := trace(t, training, run)
	for v, info := range training.Variables {
		want := end[info.Name].Data
		if strings.Contains(info.Name, "moment") {
			want = drawn[0][v]
		}
		if !slices.Equal(after[0][v], want) {
			t.Errorf("%s begins with %v, want %v", info.Name, after[0][v], want)
		}
	}
	for _, name := range slices.Collect(maps.Keys(end)) {
		if !slices.Contains([]string{"hidden.weight", "hidden.bias", "output.weight"}, name) {
			delete(end, name)
		}
	}
	if given, err = program.WithInitial(training, end); err != nil {
		t.Fatal(err)
	}
	_, after = trace(t, given, run)
	if slopes := len(end); !slices.Equal(after[0][slopes], drawn[0][slopes]) {
		t.Errorf("slopes that are not given are %v, want the drawn %v", after[0][slopes], drawn[0][slopes])
	}
}

// TestBadTables: each fault is named by the first sentence that would mend it.
func TestBadTables(t *testing.T) {
	training, run := toyTraining(t, "sgd")
	_, variables := trace(t, training, run)
	for _, c := range []struct {
		name  string
		spoil func(tables, initial map[string]program.Tensor)
		says  string
	}{
		{"no x", func(tables, _ map[string]program.Tensor) { delete(tables, "x") }, `the input "x" is missing; it has a value of the shape [4 2] for each step`},
		{"another name", func(tables, _ map[string]program.Tensor) { tables["X"] = tables["x"] }, `unknown input "X": the nearest of the 2 that there are is "x"`},
		{"too few steps", func(tables, _ map[string]program.Tensor) { maps.Copy(tables, drawnTables(run, inputSteps)) }, `the input "c" has values for 7 steps, but must have 8, for 7 steps and the observation after the last`},
		{"one step", func(tables, _ map[string]program.Tensor) {
			tables["x"] = program.Tensor{Shape: []int{1, 4, 2}, Data: tables["x"].Data[:8]}
		}, `the input "x" has values for 1 step, but must have`},
		{"a scalar", func(tables, _ map[string]program.Tensor) { tables["x"] = program.Tensor{Data: []float64{1}} }, `the input "x" is a single number, but its first axis must be the step`},
		{"another shape", func(tables, _ map[string]program.Tensor) {
			tables["x"] = program.Tensor{Shape: []int{8, 2, 4}, Data: tables["x"].Data}
		}, `the input "x" has the shape [8 2 4], but must have [8 4 2]`},
		{"NaN", func(tables, _ map[string]program.Tensor) { tables["x"].Data[8*2+3] = math.NaN() }, `the input "x" has the value NaN at [2 1 1], but must be finite`},
		{"half a class", func(tables, _ map[string]program.Tensor) { tables["c"].Data[5] = 0.5 }, `the input "c" has the value 0.5 at [1 1], but must be a whole number of 0 to 2`},
		{"too large a class", func(tables, _ map[string]program.Tensor) { tables["c"].Data[0] = 3 }, `has the value 3 at [0 0]`},
		{"no weights", func(_, initial map[string]program.Tensor) { delete(initial, "hidden.bias") }, `the parameter "hidden.bias" of the shape [5] is missing`},
		{"weights of another name", func(_, initial map[string]program.Tensor) { initial["hidden.wight"] = initial["hidden.weight"] }, `is "hidden.weight"`},
		{"weights of another shape", func(_, initial map[string]program.Tensor) {
			initial["hidden.bias"] = program.Tensor{Shape: []int{1, 5}, Data: make([]float64, 5)}
		}, `the variable "hidden.bias" has the shape [1 5], but must have [5]`},
		{"infinite weights", func(_, initial map[string]program.Tensor) { initial["slopes"].Data[1] = math.Inf(-1) }, `the variable "slopes" has the value -Inf at [1], but must be finite`},
	} {
		tables, initial := drawnTables(run, inputSteps+1), named(training, variables[0])
		for name, x := range initial {
			initial[name] = program.Tensor{Shape: x.Shape, Data: slices.Clone(x.Data)}
		}
		c.spoil(tables, initial)
		_, err := program.WithTables(training, tables, inputSteps)
		if err == nil {
			_, err = program.WithInitial(training, initial)
		}
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
		}
	}
}

// TestGivenBatches: a mini-batch may have fewer examples, in any places, but not none:
// what is averaged over it would be 0/0.
func TestGivenBatches(t *testing.T) {
	d := program.NewDraft()
	d.Set(d.Parameter("w", d.Start.Zeros(2)), d.Step.Input("batch", d.Step.Batch(program.Draw{}, 5, 2)))
	training, err := d.Training()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		data []float64
		says string
	}{
		{[]float64{0, 4, -1, 3, 2, -1}, ""},
		{[]float64{0, 4, 1, -1, -1, -1}, `the input "batch" has only the value -1 at step 2, but a mini-batch must have an example: give it an index of 0 to 4`},
		{[]float64{-1, -1, 1, 2, 3, 4}, "at step 0"},
		{[]float64{0, 4, -2, 3, 2, 1}, "has the value -2 at [1 0], but must be a whole number of -1 to 4"},
	} {
		_, err := program.WithTables(training, map[string]program.Tensor{"batch": {Shape: []int{3, 2}, Data: c.data}}, 3)
		if got := fmt.Sprint(err); c.says == "" && err != nil || !strings.Contains(got, c.says) {
			t.Errorf("%v: %v, want %q", c.data, err, c.says)
		}
	}
}

// TestInputs: what an input may not be is an error of the training.
func TestInputs(t *testing.T) {
	draw := program.Draw{Number: 3}
	for _, c := range []struct {
		name  string
		build func(d *program.Draft, w program.Variable)
		says  string
	}{
		{"computed", func(d *program.Draft, _ program.Variable) {
			d.Observe.Output("y", d.Observe.Input("x", d.Observe.Scale(d.Observe.Normal(draw, 2), 3)))
		}, ""},
		{"named twice alike", func(d *program.Draft, _ program.Variable) {
			o := d.Observe
			o.Output("y", o.Add(o.Input("x", o.Normal(draw, 2)), o.Input("x", o.Normal(draw, 2))))
		}, ""},
		{"of a variable", func(d *program.Draft, w program.Variable) {
			d.Observe.Output("y", d.Observe.Input("x", d.Observe.Scale(d.Observe.Read(w), 2)))
		}, `the input "x" depends on the variable "w"`},
		{"a variable", func(d *program.Draft, w program.Variable) {
			d.Observe.Output("y", d.Observe.Input("x", d.Observe.Read(w)))
		}, `the input "x" depends on the variable "w"`},
		{"a draw beside", func(d *program.Draft, _ program.Variable) {
			o := d.Observe
			n := o.Normal(draw, 2)
			o.Output("y", o.Add(o.Input("x", o.Scale(n, 2)), n))
		}, `draw 3 of stream 0 belongs to the input "x", but is used in another way too`},
		{"a draw of the other program", func(d *program.Draft, w program.Variable) {
			d.Observe.Output("y", d.Observe.Input("x", d.Observe.Normal(draw, 2)))
			d.Set(w, d.Step.Normal(draw, 2))
		}, `draw 3 of stream 0 belongs to the input "x"`},
		{"two shapes", func(d *program.Draft, w program.Variable) {
			d.Observe.Output("y", d.Observe.Input("x", d.Observe.Normal(draw, 3)))
			d.Set(w, d.Step.Input("x", d.Step.Normal(draw, 2)))
		}, `the input "x" has the shape [2] in one program and [3] in another`},
		{"initial", func(d *program.Draft, _ program.Variable) {
			d.State("s", d.Start.Input("x", d.Start.Normal(draw, 2)))
		}, "inputs are of steps"},
		{"no name", func(d *program.Draft, _ program.Variable) { d.Step.Input("", d.Step.Normal(draw, 2)) }, "an input has no name"},
		{"two names", func(d *program.Draft, _ program.Variable) {
			d.Step.Input("y", d.Step.Input("x", d.Step.Normal(draw, 2)))
		}, `the inputs "x" and "y" are one value`},
		{"one name", func(d *program.Draft, _ program.Variable) {
			d.Step.Add(d.Step.Input("x", d.Step.Normal(draw, 2)), d.Step.Input("x", d.Step.Normal(program.Draw{Number: 4}, 2)))
		}, `two inputs are named "x"`},
	} {
		d := program.NewDraft()
		w := d.Parameter("w", d.Start.Zeros(2))
		c.build(d, w)
		_, err := d.Training()
		if got := fmt.Sprint(err); c.says == "" && err != nil || !strings.Contains(got, c.says) {
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
		}
	}
}
