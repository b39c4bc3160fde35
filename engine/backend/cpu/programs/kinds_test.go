package programs_test

import (
	"testing"

	"modspec/engine/backend"
	"modspec/engine/backend/cpu/programs"
	"modspec/engine/train"
	"modspec/engine/train/traintest"
)

// TestKinds trains kinds in both precisions on the best kernel set of this processor;
// other tests hold the sets against each other.
func TestKinds(t *testing.T) {
	for _, precision := range []programs.Precision{programs.Float32, programs.Float64} {
		t.Run(string(precision), func(t *testing.T) {
			traintest.Suite(t, traintest.Subject{Precision: string(precision), Open: func(threads int) (train.Backend, error) {
				executor, err := programs.New(programs.Options{Precision: precision, Threads: threads})
				if err != nil {
					return nil, err
				}
				return backend.New(executor), nil
			}}, traintest.Cases(t)...)
		})
	}
}
