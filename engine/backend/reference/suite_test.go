package reference_test

import (
	"testing"

	"modspec/engine/backend/reference"
	"modspec/engine/program"
	"modspec/engine/program/programtest"
)

type machine struct{}

func (machine) Roundoff() float64 { return 0x1p-53 }

func (machine) Evaluate(p *program.Program, at []program.Place) ([][][]float64, error) {
	var out [][][]float64
	for _, place := range at {
		values, err := reference.Evaluate(p, place)
		if err != nil {
			return nil, err
		}
		out = append(out, values)
	}
	return out, nil
}

func TestSuite(t *testing.T) { programtest.Suite(t, machine{}) }
