package compare

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/train/cpu"
	"modspec/engine/train/reference"
)

// A Truth is what the networks of a check end with, and how far from it a right
// computation in float32 can be.
type Truth struct {
	// Answers are the answers to all examples, outputs × examples, of every network.
	// Maps are compared by what they answer: outside of what the inputs span a map
	// is whatever it started as, and a reduced form has none.
	Answers []*mat.Dense
	// Bound is on the largest deviation, relative to the largest answer.
	Bound float64
}

// Bound trains the check's networks in float64 on the reference backend and
// derives the bound.
//
// A step in float32 rounds sums of k products in all (inputs, hidden units, outputs;
// [Setting.roundings]), so it leaves weights that are off by at most k·u relative
// to those of an exact step, for a learning rate that training survives takes no
// more than the size of the targets. Later steps turn a relative error of the
// weights into one of the answers that is κ times as large. κ is measured, not
// guessed: weights are disturbed at random by ε at the start and at seven later
// steps, and trained to the end in float64; the largest deviation over ε is κ, at
// least 1. The errors of T steps add up to at most
//
//	T · k · u · κ
//
// which counts every rounding at its worst and all of them in one direction.
func Bound(ctx context.Context, s Setting, starts []*network.Weights) (*Truth, error) {
	oracle := reference.New(0)
	defer oracle.Close()
	truth := &Truth{}
	ends, err := endings(ctx, oracle, s.from(starts, s.CheckSteps))
	if err != nil {
		return nil, err
	}
	arch, err := s.Architecture.At(s.Point)
	if err != nil {
		return nil, err
	}
	for _, w := range ends {
		truth.Answers = append(truth.Answers, s.Point.Apply(w.Map(arch, s.Point), dataset.Both))
	}
	fast, err := cpu.New(cpu.Options{Precision: cpu.Float64})
	if err != nil {
		return nil, err
	}
	defer fast.Close()
	const moments, epsilon = 8, 1e-6
	condition := 1.0
	for at := range moments {
		done := s.CheckSteps * at / moments
		here, err := endings(ctx, fast, s.from(starts, done))
		if err != nil {
			return nil, err
		}
		disturbed := make([]*network.Weights, len(here))
		for i, w := range here {
			disturbed[i] = disturb(w, epsilon, random.Stream{Seed: uint64(at), Point: uint64(i)})
		}
		exact, err := endings(ctx, fast, s.from(here, s.CheckSteps-done))
		if err != nil {
			return nil, err
		}
		other, err := endings(ctx, fast, s.from(disturbed, s.CheckSteps-done))
		if err != nil {
			return nil, err
		}
		for i := range exact {
			a := s.Point.Apply(exact[i].Map(arch, s.Point), dataset.Both)
			b := s.Point.Apply(other[i].Map(arch, s.Point), dataset.Both)
			condition = max(condition, deviation(b, a)/epsilon)
		}
	}
	truth.Bound = float64(s.CheckSteps) * float64(s.roundings()) * unitRoundoff * condition
	return truth, nil
}

// endings trains a job and returns the weights that its copies end with.
func endings(ctx context.Context, b linear.Backend, job *linear.Job) ([]*network.Weights, error) {
	runs, err := linear.Collect(ctx, b, job)
	if err != nil {
		return nil, err
	}
	ends := make([]*network.Weights, len(runs))
	for i, r := range runs {
		if r.Final.Diverged {
			return nil, fmt.Errorf("network %d of the check diverged at step %d", i+1, r.Final.Step)
		}
		ends[i] = r.Final.Weights
	}
	return ends, nil
}

// disturb returns weights with normal relative errors of standard deviation epsilon.
func disturb(w *network.Weights, epsilon float64, stream random.Stream) *network.Weights {
	w = w.Clone()
	layer := uint32(0)
	for _, layers := range w.Modules {
		for _, m := range layers {
			rows, cols := m.Dims()
			normals := make([]float64, rows*cols)
			stream.Normals(normals, layer)
			layer++
			m.Apply(func(i, j int, v float64) float64 { return v * (1 + epsilon*normals[i*cols+j]) }, m)
		}
	}
	return w
}

// deviation is the largest difference, relative to the largest element of want. It
// is NaN if anything is.
func deviation(got, want *mat.Dense) float64 {
	worst, size := 0.0, 0.0
	rows, cols := want.Dims()
	for i := range rows {
		for j := range cols {
			worst = math.Max(worst, math.Abs(got.At(i, j)-want.At(i, j)))
			size = math.Max(size, math.Abs(want.At(i, j)))
		}
	}
	return worst / size
}

// Check holds the maps that a contender wrote (copies × outputs × inputs) against
// the truth and returns the largest deviation; past the bound, or not a number, it
// is an error.
func (t *Truth) Check(p dataset.Point, path string) (float64, error) {
	size := p.Outputs() * p.Inputs()
	values, err := readNumbers[float64](path, len(t.Answers)*size)
	if err != nil {
		return math.NaN(), err
	}
	worst := 0.0
	for i, want := range t.Answers {
		m := mat.NewDense(p.Outputs(), p.Inputs(), values[i*size:][:size])
		worst = math.Max(worst, deviation(p.Apply(m, dataset.Both), want))
	}
	if !(worst <= t.Bound) {
		return worst, fmt.Errorf("its networks differ from float64's by %.2g of the largest answer, more than the %.2g that roundings explain", worst, t.Bound)
	}
	return worst, nil
}
