package sweeptest

import (
	"reflect"
	"testing"

	"modspec/engine/kind/linear/model"
	"modspec/engine/results"
)

// TestParametersAreTheKinds keeps the struct above in step with the schema.
func TestParametersAreTheKinds(t *testing.T) {
	if got, want := reflect.TypeFor[Parameters]().NumField(), len(model.Kind.Parameters()); got != want {
		t.Fatalf("%d fields for %d parameters", got, want)
	}
	for i, c := range model.Kind.Parameters() {
		want := map[results.Type]reflect.Kind{results.Whole: reflect.Int, results.Real: reflect.Float64, results.Text: reflect.String}[c.Type]
		if field := reflect.TypeFor[Parameters]().Field(i); field.Type.Kind() != want {
			t.Errorf("%s is no %v", field.Name, c.Name)
		}
	}
}
