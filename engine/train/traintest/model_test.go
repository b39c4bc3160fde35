package traintest

import (
	"math"
	"strings"
	"testing"

	"modspec/engine/backend/reference"
	"modspec/engine/program"
	"modspec/engine/random"
	"modspec/engine/train"
)

// A mistaken kind is [Toy] with models in which something is wrong.
type mistaken struct {
	Toy
	model func(train.Model) train.Model
}

func (k mistaken) Resolve(s train.Setting) (train.Model, error) {
	m, err := k.Toy.Resolve(s)
	if err != nil {
		return nil, err
	}
	return k.model(m), nil
}

type oneShape struct{ train.Model }

func (*oneShape) Shape() string { return "toy" }

type swapped struct{ train.Model }

func (m *swapped) Run(s random.Stream) program.Run {
	run := m.Model.Run(s)
	v := run.Settings
	v[0], v[1] = v[1], v[0]
	return run
}

type unmeasured struct{ train.Model }

func (*unmeasured) Measure([][]float64, []float64) {}

type withoutNull struct{ train.Model }

func (*withoutNull) Measure(_ [][]float64, metrics []float64) {
	for i := range metrics {
		metrics[i] = math.NaN()
	}
}

// TestFaultyModels: the suite finds what is wrong in a model, in a case whose settings do
// not show it.
func TestFaultyModels(t *testing.T) {
	s := subject(single{reference.New(1)})
	for _, f := range []struct {
		name  string
		model func(m train.Model) train.Model
		check func(Subject, *Case) error
		want  string
	}{
		{"one shape for several programs", func(m train.Model) train.Model { return &oneShape{m} }, checkModel, "have the shape toy, but other programs"},
		{"settings in another order", func(m train.Model) train.Model { return &swapped{m} }, checkModel, "the settings are, in order"},
		{"a metric that is not written", func(m train.Model) train.Model { return &unmeasured{m} }, checkNumbers, "Measure writes every metric"},
		{"no number, without Null", func(m train.Model) train.Model { return &withoutNull{m} }, checkNumbers, "Measure writes every metric"},
	} {
		c := &Case{Name: f.name, Kind: mistaken{model: f.model}, Settings: []map[string]string{{"lr": "0.1"}, {"lr": "0.2"}}}
		if err := f.check(s, c); err == nil || !strings.Contains(err.Error(), f.want) {
			t.Errorf("%s: the suite says %v, want %q", f.name, err, f.want)
		}
	}
}
