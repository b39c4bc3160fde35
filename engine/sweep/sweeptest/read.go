// Package sweeptest has what tests of sweeps share: kinds, files that must be good, and the
// parameters of linear networks by name.
package sweeptest

import (
	"testing"

	"modspec/engine/kind/linear/model"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/spec"
	"modspec/engine/train"
	"modspec/engine/train/traintest"
	"modspec/engine/yamlfile"
)

// Kinds are those of the sweeps of tests: two, which share some parameters' names.
var Kinds = []train.Kind{model.Kind, traintest.Toy{}}

// Parse reads a sweep file that must be good.
func Parse(t testing.TB, file string) *spec.File {
	t.Helper()
	f, err := spec.Parse("test.yaml", []byte(file), Kinds)
	if err != nil {
		t.Fatalf("%v\n%s", err, err.(yamlfile.Faults).Report())
	}
	return f
}

// Enumerate reads a sweep file and finds its points; both must succeed.
func Enumerate(t testing.TB, file string) *space.Space {
	t.Helper()
	s, err := space.Enumerate(t.Context(), Parse(t, file))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Everything is a file with every key and every kind of value.
const Everything = `
name: "everything: all at once"
method: random
run_cap: 40
sampling_seed: 12
skip_invalid: true
seeds: [4, 2]
steps: 1e3
train_examples: all
record: {log: 20}
precision: float64
zip:
  - [rule, lr]
  - - input_bits
    - kx
parameters:
  bits: {values: [2, 3]}
  ny: {values: [all, 1]}
  kx: {min: 1, max: 3}
  ky: {min: 0, max: 3, distribution: int_uniform}
  r: {min: 0.5, max: 1.5e0}
  input_bits: {values: [[0, 1], "0", []]}
  modules: {value: "omega>omega;  both>gamma:20x10"}
  hidden: {min: 4, max: 64, distribution: log_uniform_values}
  depth: {value: 2}
  rule: {values: [gd, hebbian], distribution: categorical}
  lr: {values: [.05, 0.1]}
  beta: {value: 0.002}
  init_scale: {min: 1e-4, max: 1e-2, distribution: log_uniform_values}
  batch: {values: [1, all]}
`

// Small is a sweep of 72 copies of several shapes, of which one point diverges.
const Small = `
name: small
method: grid
seeds: 6
steps: 30
record: {every: 5}
precision: float64
skip_invalid: true
parameters:
  bits: {value: 2}
  kx: {value: 1}
  ny: {values: [0, 1]}
  hidden: {value: 3}
  arch: {values: [dense, split, shallow]}
  lr: {values: [0.2, 400]}
  init_scale: {value: 0.3}
`
