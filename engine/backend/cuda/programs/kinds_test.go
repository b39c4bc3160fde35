//go:build gpu

package programs_test

import (
	"testing"

	"modspec/engine/backend"
	"modspec/engine/backend/cuda/programs"
	"modspec/engine/cuda"
	"modspec/engine/train"
	"modspec/engine/train/traintest"
)

func TestKinds(t *testing.T) {
	if _, err := cuda.DriverVersion(); err != nil {
		t.Skipf("no device: %v (`make test-gpu-emulated` runs this on the stand-in)", err)
	}
	cases := traintest.Cases(t)
	if testing.Short() { // where sanitizers and races are looked for: the suite of operations launches each kernel
		cases = traintest.Toys()
	}
	for _, precision := range []programs.Precision{programs.Float32, programs.Float64} {
		t.Run(string(precision), func(t *testing.T) {
			traintest.Suite(t, traintest.Subject{Precision: string(precision), Open: func(int) (train.Backend, error) {
				executor, err := programs.Open(nil, programs.Options{Precision: precision})
				if err != nil {
					return nil, err
				}
				return backend.New(executor), nil
			}}, cases...)
		})
	}
}
