package train_test

import (
	"strings"
	"testing"

	"modspec/engine/kind/mixture"
	"modspec/engine/results"
	"modspec/engine/train"
	"modspec/engine/train/traintest"
)

// declared is a kind with other declarations than those of the toy.
type declared struct {
	traintest.Toy
	name                string
	parameters, metrics results.Schema
}

func (d declared) Name() string               { return d.name }
func (d declared) Parameters() results.Schema { return d.parameters }
func (d declared) Metrics() results.Schema    { return d.metrics }

func TestCheckKind(t *testing.T) {
	for _, k := range []train.Kind{traintest.Toy{}, mixture.Kind{}} {
		if err := train.CheckKind(k); err != nil {
			t.Error(err)
		}
	}
	for want, spoil := range map[string]func(d *declared){
		`the name "two words" must be`:                                       func(d *declared) { d.name = "two words" },
		`two columns are called "seed"`:                                      func(d *declared) { d.parameters[0].Name = "seed" },
		`two columns are called "step"`:                                      func(d *declared) { d.metrics[0].Name = "step" },
		`two columns are called "` + traintest.Toy{}.Metrics()[0].Name + `"`: func(d *declared) { d.parameters[0].Name = d.metrics[0].Name },
		`the metric ` + traintest.Toy{}.Metrics()[0].Name + ` is a text`:     func(d *declared) { d.metrics[0].Type = results.Text },
		`has no parameter steps of whole numbers`:                            func(d *declared) { d.parameters[d.parameters.Index("steps")].Name = "updates" },
		`the kind toy: the default of lr is 0.1, but must be 0 to 0`: func(d *declared) {
			lr := &d.parameters[d.parameters.Index("lr")]
			lr.Default, lr.Max = "0.1", 0
		},
		`the default of lr is "much", but must be a finite number`: func(d *declared) { d.parameters[d.parameters.Index("lr")].Default = "much" },
	} {
		toy := traintest.Toy{}
		d := declared{toy, toy.Name(), toy.Parameters(), toy.Metrics()}
		spoil(&d)
		if err := train.CheckKind(d); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want one with %q", err, want)
		}
	}
}

// value is a model that cannot be compared.
type value struct {
	train.Model
	_ []int
}

// TestModelsArePointers: a model that is no pointer is refused, not compared.
func TestModelsArePointers(t *testing.T) {
	job := train.Job{Kind: traintest.Toy{}, Runs: []train.Run{{Model: value{}}, {Model: value{}}}}
	if err := job.Check(); err == nil || !strings.Contains(err.Error(), "the model of run 0 is of the type train_test.value, but must be a pointer") {
		t.Errorf("the error is %v", err)
	}
}
