package prediction

import (
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/results"
)

// TestKind: theory knows gradient descent on all examples to the end, from the strengths
// of the initial weights with at most one hidden layer, from given ones with any number.
func TestKind(t *testing.T) {
	first, err := paperPoint.FirstExamples(5)
	if err != nil {
		t.Fatal(err)
	}
	overlapping := network.Architecture{Name: "custom", Modules: []network.Module{
		{Reads: dataset.Omega, Writes: dataset.Omega}, {Reads: dataset.Both, Writes: dataset.Both},
	}}
	const discrete, asymptote, none = results.PredictionDiscrete, results.PredictionAsymptote, results.PredictionNone
	for _, c := range []struct {
		name       string
		arch       network.Architecture
		copy       linear.Copy
		own, given string
	}{
		{"gradient descent", network.Dense(4), linear.Copy{}, discrete, discrete},
		{"without hidden layer", network.Shallow(), linear.Copy{}, discrete, discrete},
		{"two hidden layers", network.Dense(4, 4), linear.Copy{}, asymptote, discrete},
		{"a batch of all", network.Dense(4), linear.Copy{Task: &linear.Task{Batch: 8}}, discrete, discrete},
		{"batches", network.Dense(4), linear.Copy{Task: &linear.Task{Batch: 2}}, asymptote, asymptote},
		{"some examples", network.Dense(4), linear.Copy{Task: &linear.Task{Examples: first}}, none, none},
		{"a teacher", network.Dense(4), linear.Copy{Task: &linear.Task{Teacher: new(mat.Dense)}}, none, none},
		{"another rule", network.Dense(4), linear.Copy{Rule: network.Rule{Beta: 1}}, none, none},
		{"overlapping outputs", overlapping, linear.Copy{}, none, none},
	} {
		if c.copy.Task == nil {
			c.copy.Task = new(linear.Task)
		}
		c.copy.Task.Point = paperPoint
		f := New(paperPoint, c.arch)
		for given, want := range map[bool]string{false: c.own, true: c.given} {
			kind, why := f.Kind(&c.copy, given)
			if kind != want || (why == "") != (want == discrete) {
				t.Errorf("%s, given starts %v: %q because %q, want %q", c.name, given, kind, why, want)
			}
		}
		for _, mode := range f.Modes {
			if want := int(mode.Kind) - 1; c.arch.Overlaps() && mode.Column != -1 || !c.arch.Overlaps() && mode.Column != want {
				t.Errorf("%s: the column of a mode of kind %v is %d", c.name, mode.Kind, mode.Column)
			}
		}
	}
}
