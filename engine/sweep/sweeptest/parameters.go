package sweeptest

import (
	"reflect"

	"modspec/engine/results"
	"modspec/engine/sweep/space"
)

// Parameters are those of a linear network, by name, in the order of its kind.
type Parameters struct {
	Bits, NX, NY, KX, KY                 int
	R                                    float64
	InputBits, OutputBits, Arch, Modules string
	Hidden, Depth                        int
	Rule                                 string
	Gamma, Beta, LR, InitScale           float64
	Steps, TrainExamples, Batch          int
}

// Typed returns values as parameters.
func Typed(values []results.Value) (p Parameters) {
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

// Values is the inverse of typed.
func (p Parameters) Values() []results.Value {
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

// Point returns point i of a space of linear networks.
func Point(s *space.Space, i int) Parameters { return Typed(s.Point(i)) }
