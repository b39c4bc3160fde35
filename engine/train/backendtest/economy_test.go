package backendtest

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/train"
)

// economyJobs are full-batch trainings by gradient descent of one module that
// reads all of x, for which dataset.Reduced is an exact economy.
func economyJobs() map[string]*linear.Job {
	jobs := map[string]*linear.Job{}
	for name, c := range map[string]struct {
		arch     network.Architecture
		point    dataset.Point
		examples []int
	}{
		"dense":                  {network.Dense(50), paper, nil},
		"shallow":                {network.Shallow(), paper, nil},
		"bits not given":         {network.Dense(9), inside, nil},
		"three examples":         {network.Dense(9), strong, []int{0, 1, 2}},
		"examples in any order":  {network.Dense(9), paper, []int{6, 0, 3, 5, 7}},
		"no Γ_x, rank below P":   {network.Dense(9), dataset.NewPoint(3, 3, 2, 0, 1, 2), nil},
		"no Γ_x, three examples": {network.Dense(9), dataset.NewPoint(3, 3, 2, 0, 1, 2), []int{1, 6, 2}}, // 1 and 6 are opposite: rank 2
		"r next to 0":            {network.Dense(9), dataset.NewPoint(3, 3, 2, 2, 1, 1e-9), []int{0, 1, 2, 3, 4, 6}},
	} {
		jobs[name] = build("", c.arch, c.point, func(j *linear.Job, copy *linear.Copy) {
			j.Steps, j.Schedule = 300, train.Schedule{}
			copy.LearningRate, copy.InitScale = 0.16, 0.05
			copy.Task.Examples = c.examples
		}).Job()
	}
	return jobs
}

func product(a, b mat.Matrix) *mat.Dense {
	var m mat.Dense
	m.Mul(a, b)
	return &m
}

// reducedTraining trains a job's only copy in reduced coordinates: W1·Q in place of
// W1, diag(D) in place of Σ_x and Σ_yx·Q in place of Σ_yx, and puts the part of W1
// orthogonal to Q back at the end.
func reducedTraining(job *linear.Job, red *dataset.Reduced) ([]*mat.Dense, error) {
	_, start, err := job.Start(0)
	if err != nil {
		return nil, err
	}
	layers := start.Modules[0]
	v := product(layers[0], red.Q)
	rest := product(v, red.Q.T())
	rest.Sub(layers[0], rest) // W1(I − QQᵀ)
	d, eta := mat.NewDiagDense(len(red.D), red.D), job.Copies[0].LearningRate
	for range job.Steps {
		if len(layers) == 1 {
			e := product(v, d)
			e.Sub(red.YX, e)
			e.Scale(eta, e)
			v.Add(v, e)
			continue
		}
		w2 := layers[1]
		e := product(product(w2, v), d)
		e.Sub(red.YX, e)
		e.Scale(eta, e)
		dv, dw2 := product(w2.T(), e), product(e, v.T())
		v.Add(v, dv)
		w2.Add(w2, dw2)
	}
	layers[0] = product(v, red.Q.T())
	layers[0].Add(layers[0], rest)
	return layers, nil
}

// After 300 steps the weights are those of plain coordinates, to the roundings of
// either.
func TestReducedInputIsExact(t *testing.T) {
	oneThread(t)
	for name, job := range economyJobs() {
		t.Run(name, func(t *testing.T) {
			x, err := expect(job, 0, Float64)
			if err != nil {
				t.Fatal(err)
			}
			task := job.Copies[0].Task
			red, err := task.Point.Reduce(task.Examples)
			if err != nil {
				t.Fatal(err)
			}
			layers, err := reducedTraining(job, red)
			if err != nil {
				t.Fatal(err)
			}
			for l, layer := range layers {
				want := x.groups[l] // the layers of the only module come first
				d := deviation(want.values, fromDense(layer).flat())
				if !(d <= want.bound) {
					t.Errorf("%s: off by %.3g of %.3g, but rounding explains %.3g at most", want.name, d, want.scale, want.bound)
				}
				t.Logf("%s: off by %.2g of %.2g; bound %.2g", want.name, d, want.scale, want.bound)
			}
		})
	}
}

// The part of W1 orthogonal to the inputs stays what it was under gradient
// descent and the contrastive rules, also under β < 0, but not under β > 0.
//
// I − QQᵀ is a projector, whose rows have absolute sums of √n_in at most: by that
// it carries the roundings of training over, and those of Q itself, which are a
// few for each of its P + n_in long sums, in proportion to what W1 has moved.
func TestOrthogonalPartMovesOnlyUnderOjasRule(t *testing.T) {
	for _, c := range []struct {
		rule  network.Rule
		moves bool
	}{
		{network.Rule{}, false}, {network.Rule{Gamma: 0.5}, false}, {network.Rule{Gamma: -0.5}, false},
		{network.Rule{Beta: -0.002}, false}, {network.Rule{Beta: 0.002}, true},
	} {
		t.Run(fmt.Sprintf("%+v", c.rule), func(t *testing.T) {
			job := build("", network.Dense(6), paper, func(j *linear.Job, copy *linear.Copy) {
				copy.Rule, copy.LearningRate, copy.InitScale = c.rule, 0.04, 0.1
			}).Job()
			_, start, err := job.Start(0)
			if err != nil {
				t.Fatal(err)
			}
			x, err := expect(job, 0, Float64)
			if err != nil {
				t.Fatal(err)
			}
			red, err := paper.Reduce(nil)
			if err != nil {
				t.Fatal(err)
			}
			var moved mat.Dense
			moved.Sub(x.final.network().Modules[0][0], start.Modules[0][0])
			orthogonal := product(product(&moved, red.Q), red.Q.T())
			orthogonal.Sub(&moved, orthogonal)
			n := float64(paper.Inputs())
			bound := math.Sqrt(n) * (x.groups[0].bound + 4*(n+8)*0x1p-53*mat.Norm(&moved, 2))
			values := fromDense(orthogonal).flat()
			if got := deviation(values, make([]float64, len(values))); (got > bound) != c.moves {
				t.Errorf("the orthogonal part moved by %.3g, with %.3g from rounding at most", got, bound)
			}
		})
	}
}
