package sweep_test

import (
	"reflect"
	"testing"

	"modspec/engine/kind/linear/model"
	"modspec/engine/results"
	"modspec/engine/sweep"
	"modspec/engine/train"
)

// kinds are those of the sweeps of tests.
var kinds = []train.Kind{model.Kind}

// parameters are those of a linear network, by name, in the order of its kind.
type parameters struct {
	Bits, NX, NY, KX, KY                 int
	R                                    float64
	InputBits, OutputBits, Arch, Modules string
	Hidden, Depth                        int
	Rule                                 string
	Gamma, Beta, LR, InitScale           float64
	Steps, TrainExamples, Batch          int
}

// typed returns values as parameters.
func typed(values []results.Value) (p parameters) {
	to := reflect.ValueOf(&p).Elem()
	for i, v := range values {
		switch field := to.Field(i); field.Kind() {
		case reflect.Int:
			field.SetInt(int64(v.Number))
		case reflect.Float64:
			field.SetFloat(v.Number)
		default:
			field.SetString(v.Text)
		}
	}
	return p
}

// values is the inverse of typed.
func (p parameters) values() []results.Value {
	from := reflect.ValueOf(p)
	values := make([]results.Value, from.NumField())
	for i := range values {
		switch field := from.Field(i); field.Kind() {
		case reflect.Int:
			values[i].Number = float64(field.Int())
		case reflect.Float64:
			values[i].Number = field.Float()
		default:
			values[i].Text = field.String()
		}
	}
	return values
}

// point returns point i of a space of linear networks.
func point(s *sweep.Space, i int) parameters { return typed(s.Point(i)) }

// TestParametersAreTheKinds keeps the struct above in step with the schema.
func TestParametersAreTheKinds(t *testing.T) {
	if got, want := reflect.TypeFor[parameters]().NumField(), len(model.Kind.Parameters()); got != want {
		t.Fatalf("%d fields for %d parameters", got, want)
	}
	for i, c := range model.Kind.Parameters() {
		want := map[results.Type]reflect.Kind{results.Whole: reflect.Int, results.Real: reflect.Float64, results.Text: reflect.String}[c.Type]
		if field := reflect.TypeFor[parameters]().Field(i); field.Type.Kind() != want {
			t.Errorf("%s is no %v", field.Name, c.Name)
		}
	}
}
