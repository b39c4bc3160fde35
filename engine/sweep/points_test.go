package sweep_test

import (
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/results"
	"modspec/engine/sweep"
)

// TestBuildAndDescribe: Build is Describe's inverse at every point of a space
// with all that parameters can say.
func TestBuildAndDescribe(t *testing.T) {
	s := enumerate(t, everything)
	more := enumerate(t, `
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
`)
	for _, s := range []*sweep.Space{s, more} {
		for i := range s.Len() {
			p := s.Point(i)
			arch, c, err := sweep.Build(p, 3)
			if err != nil {
				t.Fatalf("%+v: %v", p, err)
			}
			if c.Stream != sweep.Stream(p, 3) {
				t.Fatalf("%+v: the stream is %+v", p, c.Stream)
			}
			again, err := sweep.Describe(arch, &c, p.Steps, p.Precision)
			if err != nil || again != p {
				t.Fatalf("%+v is described as %+v, %v", p, again, err)
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
		want := enumerate(t, "method: grid\nparameters:\n  "+forms[0]+"\n").Point(0)
		for _, form := range forms[1:] {
			if got := enumerate(t, "method: grid\nparameters:\n  "+form+"\n").Point(0); got != want {
				t.Errorf("%s gives\n%+v, but %s\n%+v", form, got, forms[0], want)
			}
		}
	}
}

// TestBuildRefuses what is not in resolved form, or no network.
func TestBuildRefuses(t *testing.T) {
	for _, c := range []struct {
		change func(*results.Parameters)
		word   string
	}{
		{func(p *results.Parameters) { p.Bits = 99 }, "bits is 99"},
		{func(p *results.Parameters) { p.NX = 2 }, "resolved form"},
		{func(p *results.Parameters) { p.InputBits = "2,1" }, "ascending"},
		{func(p *results.Parameters) { p.Arch = "dence" }, `did you mean "dense"?`},
		{func(p *results.Parameters) { p.Arch = "shallow" }, "resolved form"},
		{func(p *results.Parameters) { p.Depth = 1 << 40 }, "depth is"},
		{func(p *results.Parameters) { p.Rule = "hebbian" }, "resolved form"},
		{func(p *results.Parameters) { p.Gamma, p.Beta = 1, 1 }, "both gamma = 1 and beta = 1"},
		{func(p *results.Parameters) { p.TrainExamples = 0 }, "training examples is 0"},
		{func(p *results.Parameters) { p.Batch = 9 }, "batch is 9"},
		{func(p *results.Parameters) { p.Batch = 0 }, "resolved form"},
		{func(p *results.Parameters) { p.LR = -1 }, "learning rate is -1"},
		{func(p *results.Parameters) { p.Steps = -1 }, "steps is -1"},
		{func(p *results.Parameters) { p.Arch, p.Modules = "custom", "both>omga:3" }, "omga"},
	} {
		p := dense
		c.change(&p)
		if _, _, err := sweep.Build(p, 0); err == nil || !strings.Contains(err.Error(), c.word) {
			t.Errorf("%+v: the error is %v, want one with %q", p, err, c.word)
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
		if _, err := sweep.Describe(network.Dense(3), &c, 1, "float64"); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("the error is %v, want one with %q", err, word)
		}
	}
}
