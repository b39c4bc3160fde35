package model_test

import (
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/model"
	"modspec/engine/network"
	"modspec/engine/results"
	"modspec/engine/sweep/space"
	"modspec/engine/sweep/sweeptest"
	"modspec/engine/train"
)

// drawn is a sweep with every kind of value.
const drawn = `
method: random
run_cap: 40
skip_invalid: true
steps: 1e3
zip:
  - [rule, lr]
  - [input_bits, kx]
parameters:
  bits: {values: [2, 3]}
  ny: {values: [all, 1]}
  kx: {min: 1, max: 3}
  ky: {min: 0, max: 3}
  r: {min: 0.5, max: 1.5e0}
  input_bits: {values: [[0, 1], "0", []]}
  modules: {value: "omega>omega;  both>gamma:20x10"}
  hidden: {min: 4, max: 64, distribution: log_uniform_values}
  depth: {value: 2}
  rule: {values: [gd, hebbian]}
  lr: {values: [.05, 0.1]}
  beta: {value: 0.002}
  init_scale: {min: 1e-4, max: 1e-2, distribution: log_uniform_values}
  batch: {values: [1, all]}
`

// TestBuildIsTheInverseOfParameters at every point of a space with all that parameters
// can say, and of Describe.
func TestBuildIsTheInverseOfParameters(t *testing.T) {
	for _, s := range []*space.Space{sweeptest.Enumerate(t, drawn), sweeptest.Enumerate(t, `
method: grid
skip_invalid: true
parameters:
  bits: {values: [2, 3]}
  arch: {values: [dense, shallow, split, partitioned]}
  rule: {values: [gd, hebbian, anti-hebbian, contrastive-hebbian, predictive-coding]}
  depth: {values: [1, 2]}
  hidden: {values: [3, 5]}
  train_examples: {values: [3, all]}
  batch: {values: [2, all]}
`)} {
		for i := range s.Len() {
			p := s.Point(i)
			m, err := model.Build(p)
			if err != nil {
				t.Fatalf("%v: %v", p, err)
			}
			c := m.Copy(train.Stream(model.Kind, p, 3))
			again, err := model.Describe(m.Architecture(), &c, m.Steps())
			if err != nil || !slices.Equal(again, p) || !slices.Equal(m.Parameters(), p) {
				t.Fatalf("%v is described as %v, %v", p, again, err)
			}
		}
	}
}

// TestOneNetworkOneForm: however a network is asked for, its parameters are the
// same, and so is the id.
func TestOneNetworkOneForm(t *testing.T) {
	for _, forms := range [][]string{
		{"nx: {value: 3}", "nx: {value: all}", "input_bits: {value: [0, 1, 2]}", "input_bits: {value: \"0, 1,2\"}"},
		{"ny: {value: 1}", "output_bits: {value: [0]}", "output_bits: {value: 0}"},
		{"modules: {value: both>omega}", "modules: {value: ' both > omega :50'}"},
		{"rule: {value: hebbian}", "rule: {value: hebbian}\n  beta: {value: 1e-3}"},
		{"batch: {value: all}", "batch: {value: 8}", "train_examples: {value: 8}"},
		{"r: {value: 1}", "r: {value: 1.0}", "r: {value: 10e-1}"},
		{"gamma: {value: -1}\n  rule: {value: predictive-coding}", "rule: {value: predictive-coding}"},
	} {
		want := sweeptest.Enumerate(t, "method: grid\nparameters:\n  "+forms[0]+"\n").Point(0)
		for _, form := range forms[1:] {
			if got := sweeptest.Enumerate(t, "method: grid\nparameters:\n  "+form+"\n").Point(0); !slices.Equal(got, want) {
				t.Errorf("%s gives\n%v, but %s\n%v", form, got, forms[0], want)
			}
		}
	}
}

// TestBuildRefuses what is not in resolved form, or no network.
func TestBuildRefuses(t *testing.T) {
	dense := sweeptest.Enumerate(t, "method: grid\n").Point(0)
	number, text := func(v float64) results.Value { return results.Value{Number: v} }, func(v string) results.Value { return results.Value{Text: v} }
	for _, c := range []struct {
		change map[string]results.Value
		word   string
	}{
		{map[string]results.Value{"bits": number(99)}, "bits is 99"},
		{map[string]results.Value{"nx": number(2)}, "resolved form"},
		{map[string]results.Value{"input_bits": text("2,1")}, "ascending"},
		{map[string]results.Value{"arch": text("dence")}, `did you mean "dense"?`},
		{map[string]results.Value{"arch": text("shallow")}, "resolved form"},
		{map[string]results.Value{"depth": number(1 << 40)}, "depth is"},
		{map[string]results.Value{"rule": text("hebbian")}, "resolved form"},
		{map[string]results.Value{"gamma": number(1), "beta": number(1)}, "both gamma = 1 and beta = 1"},
		{map[string]results.Value{"train_examples": number(0)}, "training examples is 0"},
		{map[string]results.Value{"batch": number(9)}, "batch is 9"},
		{map[string]results.Value{"batch": number(0)}, "resolved form"},
		{map[string]results.Value{"lr": number(-1)}, "learning rate is -1"},
		{map[string]results.Value{"steps": number(-1)}, "steps is -1"},
		{map[string]results.Value{"arch": text("custom"), "modules": text("both>omga:3")}, "omga"},
	} {
		p := slices.Clone(dense)
		for name, v := range c.change {
			p[linear.Parameters.Index(name)] = v
		}
		if _, err := model.Build(p); err == nil || !strings.Contains(err.Error(), c.word) {
			t.Errorf("%v: the error is %v, want one with %q", p, err, c.word)
		}
	}
}

// TestDescribeRefuses copies that parameters cannot tell.
func TestDescribeRefuses(t *testing.T) {
	p := dataset.NewPoint(2, 2, 1, 1, 1, 1)
	for word, c := range map[string]linear.Copy{
		"teacher":          {Task: &linear.Task{Point: p, Teacher: mat.NewDense(5, 6, nil)}},
		"weights of its":   {Task: &linear.Task{Point: p}, Weights: &network.Weights{}},
		"example 3":        {Task: &linear.Task{Point: p, Examples: []int{0, 3}}},
		"both gamma = 1":   {Task: &linear.Task{Point: p}, Rule: network.Rule{Gamma: 1, Beta: 1}},
		"example 1 in pla": {Task: &linear.Task{Point: p, Examples: []int{1, 0}}},
	} {
		if _, err := model.Describe(network.Dense(3), &c, 1); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("the error is %v, want one with %q", err, word)
		}
	}
}
