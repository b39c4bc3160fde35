package mixture_test

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"modspec/engine/backend/reference"
	"modspec/engine/kind/mixture"
	"modspec/engine/program"
	"modspec/engine/random"
	"modspec/engine/results"
	"modspec/engine/train"
)

var kind mixture.Kind

var cores = []string{"monolithic", "modular", "modular-op", "ground-truth"}

// setting has the given values, and defaults for the rest.
func setting(t *testing.T, values map[string]any) train.Setting {
	t.Helper()
	var s train.Setting
	schema := kind.Parameters()
	for _, p := range schema {
		text := p.Default
		v, given := values[p.Name]
		if given {
			text = fmt.Sprint(v)
		}
		value := results.Value{Text: text}
		if number, err := strconv.ParseFloat(text, 64); err == nil && p.Type != results.Text {
			value = results.Value{Number: number}
		} else if !slices.Contains(p.Words, text) {
			t.Fatalf("%s is %q, but must be a number or one of %q", p.Name, text, p.Words)
		}
		s.Values, s.Given = append(s.Values, value), append(s.Given, given)
	}
	for name := range values {
		if schema.Index(name) < 0 {
			t.Fatalf("there is no parameter %q", name)
		}
	}
	return s
}

func resolve(t *testing.T, values map[string]any) train.Model {
	t.Helper()
	m, err := kind.Resolve(setting(t, values))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func training(t *testing.T, m train.Model) *program.Training {
	t.Helper()
	p, err := m.Program()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// measure returns the metrics by name.
func measure(m train.Model, observed [][]float64) map[string]float64 {
	schema := kind.Metrics()
	metrics := make([]float64, len(schema))
	m.Measure(observed, metrics)
	out := map[string]float64{}
	for i, c := range schema {
		out[c.Name] = metrics[i]
	}
	return out
}

// Every parameter and metric is declared in full, and defaults lie in their domains.
func TestSchemas(t *testing.T) {
	for _, schema := range []results.Schema{kind.Parameters(), kind.Metrics()} {
		for i, c := range schema {
			if c.Name == "" || c.Label == "" || c.Doc == "" || strings.HasSuffix(c.Doc, ".") || schema.Index(c.Name) != i {
				t.Errorf("column %d is not declared in full: %+v", i, c)
			}
		}
	}
	s := setting(t, nil)
	for i, p := range kind.Parameters() {
		if v := s.Values[i]; v.Text == "" && !(v.Number >= p.Min && v.Number <= p.Max) {
			t.Errorf("%s is %v, but must be %v to %v", p.Name, v.Number, p.Min, p.Max)
		}
	}
	if kind.Parameters().Index(train.StepsParameter) < 0 {
		t.Errorf("there is no parameter %s", train.StepsParameter)
	}
}

// The numbers of weights at E = 32, D = 128. Encoders of x and of the rule have
// E² + 3E and E² + (R + 2)·E, the decoder (D + 2)·E + 1. The monolithic core has
// (3E + 1)·D + (D + 1)·D; that of modules (3E + 1)·D + D² + R·D, since their D/R
// units make D in all; the gate D + R of them, or (E + 1)·R on the rule.
// The study gives them in thousands.
func TestNumberOfWeights(t *testing.T) {
	const e, d = 32, 128
	for _, c := range []struct {
		core      string
		of        func(r int) int
		thousands string
	}{
		{"monolithic", func(int) int { return d*d + d }, "35.4 35.6 36.3"},
		{"modular", func(r int) int { return d*d + r*d + d + r }, "35.6 36.6 40.4"},
		{"modular-op", func(r int) int { return d*d + r*d + (e+1)*r }, "35.6 36.7 41.3"},
		{"ground-truth", func(r int) int { return d*d + r*d }, "35.5 36.4 40.3"},
	} {
		for i, r := range []int{2, 8, 32} {
			got := 0
			for _, v := range training(t, resolve(t, map[string]any{"core": c.core, "rules": r})).Variables {
				if v.Trained {
					got += program.Size(v.Shape)
				}
			}
			want := e*e + 3*e + e*e + (r+2)*e + (d+2)*e + 1 + (3*e+1)*d + c.of(r)
			if got != want || fmt.Sprintf("%.1f", float64(got)/1000) != strings.Fields(c.thousands)[i] {
				t.Errorf("%s, %d rules: %d weights, want %d, %sk", c.core, r, got, want, strings.Fields(c.thousands)[i])
			}
		}
	}
}

// Where the modules do not divide the width, units are missing: 3 modules of a
// width of 8 have 2 units each. The multiply-adds of a forward pass do not depend
// on the number of modules but for the biases and the gate, so modules are not
// computed one by one over all outputs.
func TestHiddenUnits(t *testing.T) {
	shapes := map[string][]int{}
	for _, v := range training(t, resolve(t, map[string]any{"rules": 3, "embedding": 2})).Variables {
		shapes[v.Name] = v.Shape
	}
	for name, want := range map[string][]int{"core.1.weight": {6, 6}, "core.2.weight": {8, 6}, "core.2.bias": {3, 8}, "gate.weight": {3, 2}, "decoder.1.weight": {2, 8}} {
		if !slices.Equal(shapes[name], want) {
			t.Errorf("%s has the shape %v, want %v", name, shapes[name], want)
		}
	}
	const e, d, batch = 32, 128, 64
	for _, r := range []int{2, 8, 32} {
		got := training(t, resolve(t, map[string]any{"core": "ground-truth", "rules": r, "samples": 1})).Step.Cost().Products
		forward := batch*(2*(e+e*e)+3*e*d+d*d+r*d+d*e+e) + r*e*e
		// Backward each product has two of its size, but that with x, which needs one,
		// and those with one-hot gates. The gradient of Gather is a product as well.
		backward := 2*forward - batch*2*e - batch*r*d + batch*r*e
		if want := int64(forward + backward); got != want {
			t.Errorf("%d rules: a step has %d multiply-adds, want %d", r, got, want)
		}
	}
}

// Settings that are no network, and words that stand for numbers.
func TestResolve(t *testing.T) {
	for _, c := range []struct {
		values map[string]any
		want   string
	}{
		{map[string]any{"core": "ground-truth", "modules": 4}, `modules is 4, but a ground-truth core has one for each of the 8 rules; leave modules out or set it to rules`},
		{map[string]any{"width": 7}, "width is 7, but must be 8 or more for 8 modules: each has ⌊width/modules⌋ hidden units"},
		{map[string]any{"batch": 1 << 20, "width": 16384}, "batch is 1048576 and rules × samples is 512: with 16384 units a layer that is more than 2147483647 numbers in one tensor; lower them"},
		{map[string]any{"samples": 1 << 20, "rules": 1024, "width": 1024}, "batch is 64 and rules × samples is 1073741824: with 1024 units a layer that is more than 2147483647 numbers in one tensor; lower them"},
	} {
		if _, err := kind.Resolve(setting(t, c.values)); err == nil || err.Error() != c.want {
			t.Errorf("%v: %v, want %s", c.values, err, c.want)
		}
	}
	value := func(m train.Model, name string) float64 {
		return m.Parameters()[kind.Parameters().Index(name)].Number
	}
	for _, c := range []struct {
		values         map[string]any
		modules, width float64
	}{
		{nil, 8, 128},
		{map[string]any{"rules": 4, "embedding": 8}, 4, 32},
		{map[string]any{"rules": 4, "modules": 5, "width": 9}, 5, 9},
		{map[string]any{"core": "monolithic", "modules": 5}, 0, 128},
		{map[string]any{"core": "monolithic", "modules": 0}, 0, 128},
		{map[string]any{"core": "ground-truth", "rules": 4, "modules": 4}, 4, 128},
	} {
		m := resolve(t, c.values)
		if got := []float64{value(m, "modules"), value(m, "width")}; !slices.Equal(got, []float64{c.modules, c.width}) {
			t.Errorf("%v: modules and width are %v, want %v and %v", c.values, got, c.modules, c.width)
		}
		for i, c := range kind.Parameters() {
			without := c.Name == "modules" && value(m, "modules") == 0
			if why := m.(train.Selective).Ignores(i); (why != "") != without {
				t.Errorf("%v: %s is ignored, since %q, want %v", m.Shape(), c.Name, why, without)
			}
		}
		// The values in their one form are the same network.
		again, err := kind.Resolve(train.Setting{Values: m.Parameters(), Given: make([]bool, len(m.Parameters()))})
		if err != nil || again.Shape() != m.Shape() {
			t.Errorf("%v: resolved again it is %v, want %s (%v)", c.values, again, m.Shape(), err)
		}
	}
	one, two := resolve(t, map[string]any{"lr": 0.1, "data_seed": 1}), resolve(t, map[string]any{"lr": 0.2, "data_seed": 2})
	if one.Shape() != two.Shape() {
		t.Errorf("learning rate and data seed are of the run, but the shapes are %s and %s", one.Shape(), two.Shape())
	}
}

// drawn returns the numbers that a program draws from a stream, in the order of its
// nodes, at a step.
func drawn(p *program.Program, run program.Run, stream, step int) [][]float64 {
	var out [][]float64
	for i := range p.Nodes {
		n := &p.Nodes[i]
		switch n.Op {
		case program.Normal, program.Uniform, program.Whole:
			if n.Draw.Stream == stream {
				data := make([]float64, n.Size())
				n.Sample(data, run.Streams[stream], step)
				out = append(out, data)
			}
		}
	}
	return out
}

// Networks of equal data seed see equal data, whatever their core and seed; a
// record's loss is that of the batch of the next step; and initial weights are
// uniform on ±1/√inputs, of the run's stream.
func TestDraws(t *testing.T) {
	var first [3][][]float64
	for i, core := range cores {
		m := resolve(t, map[string]any{"core": core, "data_seed": 7})
		p := training(t, m)
		run := m.Run(random.Stream{Seed: uint64(i), Point: uint64(100 + i)})
		if err := run.Check(p); err != nil {
			t.Fatal(err)
		}
		data := [3][][]float64{drawn(p.Start, run, 1, -1), drawn(p.Step, run, 1, 3), drawn(p.Observe, run, 1, 3)}
		if len(data[0]) != 1 || len(data[1]) != 2 || len(data[2]) != 3 || len(drawn(p.Step, run, 0, 3))+len(drawn(p.Observe, run, 0, 3)) != 0 {
			t.Fatalf("%s: there are %d, %d and %d draws of data, want 1, 2 and 3, and none else in steps and records", core, len(data[0]), len(data[1]), len(data[2]))
		}
		if i == 0 {
			first = data
			for _, part := range data[1] {
				if !slices.ContainsFunc(data[2], func(o []float64) bool { return slices.Equal(o, part) }) {
					t.Error("a record does not draw the batch of the next step")
				}
			}
			other := resolve(t, map[string]any{"core": core, "data_seed": 8})
			if fmt.Sprint(drawn(p.Step, other.Run(run.Streams[0]), 1, 3)) == fmt.Sprint(data[1]) {
				t.Error("two data seeds give the same batch")
			}
		}
		if fmt.Sprint(data) != fmt.Sprint(first) {
			t.Errorf("%s: the data are not those of %s", core, cores[0])
		}
	}

	m := resolve(t, map[string]any{"core": "modular", "rules": 3, "embedding": 20, "width": 80})
	p := training(t, m)
	values, err := reference.Evaluate(p.Start, program.Place{Run: m.Run(random.Stream{Seed: 1}), Step: -1})
	if err != nil {
		t.Fatal(err)
	}
	inputs := map[string]float64{"digit.1": 1, "digit.2": 20, "rule.1": 3, "rule.2": 20, "core.1": 60, "core.2": 26, "gate": 26, "decoder.1": 80, "decoder.2": 20}
	for i, v := range p.Variables {
		if !v.Trained {
			continue
		}
		limit := 1 / math.Sqrt(inputs[v.Name[:strings.LastIndexByte(v.Name, '.')]])
		largest, squares, n := 0.0, 0.0, float64(len(values[i]))
		for _, w := range values[i] {
			largest = max(largest, math.Abs(w))
			squares += w * w
		}
		// w² of the uniform distribution has mean limit²/3 and variance 4·limit⁴/45; its
		// mean over n is within six standard deviations, and the largest of n leaves out
		// a share of e^−14 of cases below 1 − 14/n.
		if off := math.Abs(3*squares/n/(limit*limit) - 1); largest > limit || largest < limit*(1-14/n) || off > 6*3*math.Sqrt(4/45.0/n) {
			t.Errorf("%s: the largest weight is %v and the mean square %v, want at most %v and %v", v.Name, largest, squares/n, limit, limit*limit/3)
		}
	}
}

// A step of gradient descent is w − η·gradient, with the gradient of which the first
// moment after a step of Adam is 1 − β₁ times.
func TestGradientDescent(t *testing.T) {
	after := func(optimizer string) (map[string][]float64, map[string][]float64) {
		m := resolve(t, map[string]any{"embedding": 4, "rules": 2, "batch": 8, "lr": 0.5, "optimizer": optimizer})
		p := training(t, m)
		machine, err := reference.NewMachine(p, m.Run(random.Stream{Seed: 1}))
		if err != nil {
			t.Fatal(err)
		}
		values := [2]map[string][]float64{{}, {}}
		for k := range values {
			for i, v := range p.Variables {
				values[k][v.Name] = machine.Place().Variables[i]
			}
			if err := machine.Step(); err != nil {
				t.Fatal(err)
			}
		}
		return values[0], values[1]
	}
	beta := 0.9 // a variable, so that 1 − β is rounded as in the program
	before, moved := after("sgd")
	_, adam := after("adam")
	for name, w := range before {
		moment, trained := adam[name+".first-moment"]
		for i := range w {
			want := w[i]
			if trained {
				want -= 0.5 * (moment[i] / (1 - beta))
			}
			// Four roundings: of the moment, of the quotient, and of both differences.
			if bound := 4 * 0x1p-53 * (math.Abs(w[i]) + math.Abs(want)); math.Abs(moved[name][i]-want) > bound {
				t.Errorf("%s, element %d: %v, want %v", name, i, moved[name][i], want)
			}
		}
	}
	if len(before) != 19 {
		t.Errorf("there are %d variables, want the coefficients and 9 layers of two, and no state for gradient descent", len(before))
	}
}

// A short training learns: the loss on fresh samples falls to less than half of
// that of a network that always answers 0. For the regression that is the mean of
// |α_c·x1 + β_c·x2|, √(2/π)·√(α_c² + β_c²), and for the classification ln 2.
func TestTraining(t *testing.T) {
	for _, core := range cores {
		for _, task := range []string{"regression", "classification"} {
			t.Run(core+" "+task, func(t *testing.T) {
				m := resolve(t, map[string]any{"core": core, "task": task, "rules": 2, "embedding": 8, "batch": 32, "lr": 0.01, "samples": 64, "data_seed": 1})
				p := training(t, m)
				machine, err := reference.NewMachine(p, m.Run(random.Stream{Seed: 1, Point: 2}))
				if err != nil {
					t.Fatal(err)
				}
				for range 300 {
					if err := machine.Step(); err != nil {
						t.Fatal(err)
					}
				}
				observed, err := machine.Observe()
				if err != nil {
					t.Fatal(err)
				}
				zero := math.Ln2
				if task == "regression" {
					coefficients := machine.Place().Variables[slices.IndexFunc(p.Variables, func(v program.VariableInfo) bool { return v.Name == "coefficients" })]
					zero = 0
					for r := range 2 {
						zero += math.Sqrt(2/math.Pi) * math.Hypot(coefficients[2*r], coefficients[2*r+1]) / 2
					}
				}
				got := measure(m, observed)
				if !(got["test_loss"] < zero/2 && got["train_loss"] < zero/2) {
					t.Errorf("the losses are %v and %v, want less than half of %v", got["train_loss"], got["test_loss"], zero)
				}
				if classes := task == "classification"; math.IsNaN(got["test_error"]) == classes || math.IsNaN(got["ood_error"]) == classes || classes && got["test_error"] > 0.2 {
					t.Errorf("the errors are %v and %v", got["test_error"], got["ood_error"])
				}
				if core == "ground-truth" {
					for _, name := range []string{"collapse_avg", "collapse_worst", "alignment", "adaptation"} {
						if got[name] != 0 {
							t.Errorf("%s of the ground truth is %v, want 0", name, got[name])
						}
					}
				}
			})
		}
	}
}

// TestWhatIsShownUnasked: reports and the page opened on the training loss.
func TestWhatIsShownUnasked(t *testing.T) {
	if got, want := kind.Metrics().Shown().Names(), []string{"ood_loss", "test_loss", "alignment", "imi"}; !slices.Equal(got, want) {
		t.Errorf("shown are %v, want %v", got, want)
	}
}
