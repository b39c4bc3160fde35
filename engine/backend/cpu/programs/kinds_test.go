package programs_test

import (
	"testing"

	"modspec/engine/backend"
	"modspec/engine/backend/cpu/programs"
	"modspec/engine/kind/mixture"
	"modspec/engine/train"
	"modspec/engine/train/traintest"
)

// TestKinds trains kinds in both precisions on the best kernel set of this processor;
// other tests hold the sets against each other.
func TestKinds(t *testing.T) {
	cases := traintest.Toys()
	for _, core := range []string{"monolithic", "modular", "modular-op", "ground-truth"} {
		small := func(task, lr string) map[string]string {
			return map[string]string{"core": core, "task": task, "lr": lr, "rules": "3", "embedding": "5", "batch": "7", "samples": "2", "steps": "6"}
		}
		cases = append(cases,
			traintest.Case{Name: core, Kind: mixture.Kind{}, Settings: []map[string]string{small("regression", "0.001"), small("regression", "0.01")}},
			traintest.Case{Name: core + ", classification", Kind: mixture.Kind{}, Settings: []map[string]string{small("classification", "0.003")}})
	}
	for _, precision := range []programs.Precision{programs.Float32, programs.Float64} {
		t.Run(string(precision), func(t *testing.T) {
			traintest.Suite(t, traintest.Subject{Precision: string(precision), Open: func(threads int) (train.Backend, error) {
				executor, err := programs.New(programs.Options{Precision: precision, Threads: threads})
				if err != nil {
					return nil, err
				}
				return backend.New(executor), nil
			}}, cases...)
		})
	}
}
