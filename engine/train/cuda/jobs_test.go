//go:build gpu

package cuda

import (
	"context"
	"math"
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/train"
)

// paperPoint is the paper's dataset.
var paperPoint = dataset.NewPoint(3, 3, 1, 3, 1, 1)

// severalPoints is a job of copies of three points in turn, with rates and seeds of
// their own; every fifth brings its weights.
func severalPoints(t *testing.T, arch network.Architecture, copies, steps int) *linear.Job {
	t.Helper()
	j := &linear.Job{Architecture: arch, Steps: steps, Schedule: train.Schedule{Every: 3}}
	points := []*linear.Task{
		{Point: paperPoint}, {Point: dataset.NewPoint(2, 2, 1, 2, 1, 0.5)}, {Point: paperPoint, Examples: []int{0, 3, 4, 6}},
	}
	for i := range copies {
		c := linear.Copy{
			Task: points[i%len(points)], LearningRate: 0.02 * float64(1+i%4), InitScale: 0.1,
			Stream: random.Stream{Seed: uint64(i), Point: uint64(i % 3)},
		}
		if i%5 == 4 {
			w, err := network.Initial(arch, c.Task.Point, random.Stream{Seed: 7, Point: uint64(i)}, 0.3)
			if err != nil {
				t.Fatal(err)
			}
			c.Weights = w
		}
		j.Copies = append(j.Copies, c)
	}
	return j
}

func collected(t *testing.T, b linear.Backend, j *linear.Job) []linear.Run {
	t.Helper()
	runs, err := linear.Collect(context.Background(), b, j)
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

// agree fails the test unless two lists of runs agree bit by bit.
func agree(t *testing.T, name string, got, want []linear.Run) {
	t.Helper()
	for i := range want {
		g, w := runNumbers(got[i]), runNumbers(want[i])
		if len(g) != len(w) {
			t.Fatalf("%s: copy %d has %d numbers, want %d", name, i, len(g), len(w))
		}
		for k := range w {
			if math.Float64bits(g[k]) != math.Float64bits(w[k]) && !(math.IsNaN(g[k]) && math.IsNaN(w[k])) {
				t.Fatalf("%s: number %d of copy %d is %v, want %v", name, k, i, g[k], w[k])
			}
		}
	}
}

// runNumbers lists all that a run says.
func runNumbers(r linear.Run) []float64 {
	var list []float64
	for _, o := range r.Trajectory {
		list = append(list, observationNumbers(o)...)
	}
	list = append(list, float64(r.Final.Step))
	if r.Final.Diverged {
		list = append(list, 1)
	}
	if r.Final.Weights == nil {
		return list
	}
	for _, layers := range r.Final.Weights.Modules {
		for _, layer := range layers {
			list = append(list, layer.RawMatrix().Data...)
		}
	}
	return list
}

func observationNumbers(o linear.Observation) []float64 {
	q := o.Quadrants
	return append([]float64{
		float64(o.Step), o.Train.Total, o.Train.Omega, o.Train.Gamma, o.Test.Total, o.Test.Omega, o.Test.Gamma,
		q.OmegaOmega, q.GammaOmega, q.OmegaGamma, q.GammaGamma, o.Systematicity,
	}, o.Modes...)
}
