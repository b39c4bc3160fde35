package mixture_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"modspec/engine/backend/reference"
	"modspec/engine/program"
	"modspec/engine/train"
)

// goldenCase is a case of mixture.json; see the README beside that file.
type goldenCase struct {
	Name, Core, Task        string
	Rules, Embedding, Width int
	Batch                   int
	LearningRate            float64 `json:"learning_rate"`
	SamplesOfRule           int     `json:"samples_of_rule"`
	Coefficients            [][]float64
	Batches                 []struct {
		C []float64
		X [][]float64
	}
	Samples                   [][]float64
	Initial, Final, Gradients map[string]tensor
	Losses, Errors            map[string]float64
	Gates                     *gates
	Rounding                  float64
}

type gates struct {
	Matrix                     tensor
	CollapseAvg                float64 `json:"collapse_avg"`
	CollapseWorst              float64 `json:"collapse_worst"`
	Alignment, IMI, Adaptation float64
}

// A tensor is a list of numbers, or of lists of equal length.
type tensor struct {
	shape []int
	data  []float64
}

func (x *tensor) UnmarshalJSON(text []byte) error {
	if json.Unmarshal(text, &x.data) == nil {
		x.shape = []int{len(x.data)}
		return nil
	}
	var rows [][]float64
	if err := json.Unmarshal(text, &rows); err != nil {
		return err
	}
	x.shape, x.data = []int{len(rows), len(rows[0])}, slices.Concat(rows...)
	return nil
}

func goldenCases(t *testing.T) []goldenCase {
	t.Helper()
	data, err := os.ReadFile("../../../testdata/golden/mixture.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []goldenCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) == 0 {
		t.Fatal("the file has no cases")
	}
	return cases
}

func (c *goldenCase) model(t *testing.T) train.Model {
	t.Helper()
	return resolve(t, map[string]any{
		"core": c.Core, "task": c.Task, "rules": c.Rules, "embedding": c.Embedding, "width": c.Width,
		"batch": c.Batch, "lr": c.LearningRate, "samples": c.SamplesOfRule,
	})
}

// given returns a program that has numbers in place of its draws, by their shape.
func given(t *testing.T, p *program.Program, numbers ...[]float64) *program.Program {
	t.Helper()
	out := &program.Program{Nodes: slices.Clone(p.Nodes), Outputs: p.Outputs}
	replaced := 0
	for i := range out.Nodes {
		n := &out.Nodes[i]
		if n.Op != program.Normal && n.Op != program.Whole {
			continue
		}
		// A batch has fewer samples than a record; c has half the numbers of x.
		k := slices.IndexFunc(numbers, func(d []float64) bool { return len(d) == n.Size() })
		if k < 0 {
			t.Fatalf("a draw has the shape %v, which no data has", n.Shape)
		}
		*n = program.Node{Op: program.Constant, Shape: n.Shape, Data: numbers[k]}
		replaced++
	}
	if replaced != len(numbers) {
		t.Fatalf("the program has %d draws, want %d", replaced, len(numbers))
	}
	return out
}

// One step's losses, errors, gates and gradients, and the weights after two steps,
// from given weights and data, are those of an independent program.
func TestGolden(t *testing.T) {
	for _, c := range goldenCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			m := c.model(t)
			training, err := m.Program()
			if err != nil {
				t.Fatal(err)
			}
			bound := 2 * c.Rounding * 0x1p-53
			at := program.Place{Run: program.Run{Settings: []float64{c.LearningRate}}}
			weights := 0
			for _, v := range training.Variables {
				data := make([]float64, program.Size(v.Shape)) // of moments
				switch initial, ok := c.Initial[v.Name]; {
				case ok:
					if !slices.Equal(initial.shape, v.Shape) || !v.Trained {
						t.Fatalf("%s has the shape %v and is trained: %v, want %v, true", v.Name, v.Shape, v.Trained, initial.shape)
					}
					data = initial.data
					weights++
				case v.Name == "coefficients":
					data = slices.Concat(c.Coefficients...)
				case v.Trained:
					t.Fatalf("the case has no weights %s", v.Name)
				}
				at.Variables = append(at.Variables, data)
			}
			if weights != len(c.Initial) {
				t.Fatalf("the network has %d weights and biases, want %d", weights, len(c.Initial))
			}

			c.compareObserved(t, m, training, at, bound)
			for step, batch := range c.Batches {
				at.Step = step
				next, err := reference.Evaluate(given(t, training.Step, batch.C, slices.Concat(batch.X...)), at)
				if err != nil {
					t.Fatal(err)
				}
				at.Variables = next
				for i, v := range training.Variables {
					if step == 0 && v.Trained {
						// After one step the first moment is (1 − β₁)·gradient.
						beta := 0.9
						moment := slices.IndexFunc(training.Variables, func(o program.VariableInfo) bool { return o.Name == v.Name+".first-moment" })
						gradient := make([]float64, len(next[moment]))
						for k := range gradient {
							gradient[k] = next[moment][k] / (1 - beta)
						}
						compareGroup(t, "gradient of "+v.Name, gradient, c.Gradients[v.Name].data, bound)
					}
					if step == 1 && v.Trained {
						compareGroup(t, "final "+v.Name, next[i], c.Final[v.Name].data, bound)
					}
				}
			}
		})
	}
}

// compareObserved compares what is measured before the first step.
func (c *goldenCase) compareObserved(t *testing.T, m train.Model, training *program.Training, at program.Place, bound float64) {
	t.Helper()
	batch := c.Batches[0]
	observed, err := reference.Evaluate(given(t, training.Observe, batch.C, slices.Concat(batch.X...), slices.Concat(c.Samples...)), at)
	if err != nil {
		t.Fatal(err)
	}
	got := measure(m, observed)
	compareGroup(t, "losses", []float64{got["train_loss"], got["test_loss"], got["ood_loss"]},
		[]float64{c.Losses["train_loss"], c.Losses["test_loss"], c.Losses["ood_loss"]}, bound)
	for _, name := range []string{"test_error", "ood_error"} {
		want, ok := c.Errors[name]
		if !ok {
			want = math.NaN()
		}
		if fmt.Sprintf("%.15g", got[name]) != fmt.Sprintf("%.15g", want) { // a share: a quotient of counts
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	names := []string{"collapse_avg", "collapse_worst", "alignment", "imi", "adaptation"}
	if c.Gates == nil {
		for _, name := range names {
			if !math.IsNaN(got[name]) {
				t.Errorf("%s is %v, but there are no gates", name, got[name])
			}
		}
		return
	}
	var values []float64
	for _, name := range names {
		values = append(values, got[name])
	}
	for _, sum := range observed[len(observed)-1] {
		values = append(values, sum/float64(c.SamplesOfRule))
	}
	g := c.Gates
	compareGroup(t, "gates", values, append([]float64{g.CollapseAvg, g.CollapseWorst, g.Alignment, g.IMI, g.Adaptation}, g.Matrix.data...), bound)
}

// compareGroup compares numbers that are judged by the largest of them.
func compareGroup(t *testing.T, name string, got, want []float64, bound float64) {
	t.Helper()
	if len(got) != len(want) || len(want) == 0 {
		t.Fatalf("%s: there are %d numbers, want %d", name, len(got), len(want))
	}
	largest := 0.0
	for _, v := range want {
		largest = math.Max(largest, math.Abs(v))
	}
	for i := range want {
		if d := math.Abs(got[i] - want[i]); !(d <= bound*largest) {
			t.Errorf("%s: number %d is %v, want %v: off by %.3g, but rounding explains %.3g at most", name, i, got[i], want[i], d, bound*largest)
		}
	}
}
