package study

import (
	"math"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/model"
	"modspec/engine/network"
	"modspec/engine/train"
)

// copyOf returns the network that a run of the kind linear trained, with its seed.
func copyOf(r *Run) (network.Architecture, linear.Copy, error) {
	m, err := model.Build(r.Parameters)
	if err != nil {
		return network.Architecture{}, linear.Copy{}, err
	}
	return m.Architecture(), m.Copy(train.Stream(model.Kind, r.Parameters, r.Seed)), nil
}

// startOf returns the same with its architecture at the dataset, and its initial weights.
func startOf(r *Run) (linear.Copy, network.Architecture, *network.Weights, error) {
	arch, c, err := copyOf(r)
	if err != nil {
		return c, arch, nil, err
	}
	job := linear.Job{Architecture: arch, Copies: []linear.Copy{c}}
	arch, weights, err := job.Start(0)
	return c, arch, weights, err
}

// trainedOn returns the training examples of a copy.
func trainedOn(c *linear.Copy) []int {
	if c.Task.Examples != nil {
		return c.Task.Examples
	}
	all := make([]int, c.Task.Point.Examples())
	for i := range all {
		all[i] = i
	}
	return all
}

// quadrants returns the squared quadrant norms of a run at each recorded step.
func (r *Run) quadrants() []dataset.Quadrants {
	list := make([]dataset.Quadrants, len(r.Steps))
	for i := range list {
		list[i] = dataset.Quadrants{
			OmegaOmega: r.Curve("quadrant_omega_omega")[i], GammaOmega: r.Curve("quadrant_gamma_omega")[i],
			OmegaGamma: r.Curve("quadrant_omega_gamma")[i], GammaGamma: r.Curve("quadrant_gamma_gamma")[i],
		}
	}
	return list
}

// quadrantNorms are the four quadrants as figures name and draw them.
var quadrantNorms = []struct {
	label string
	of    func(dataset.Quadrants) float64 // the Frobenius norm
}{
	{"Ωx→Ωy", func(q dataset.Quadrants) float64 { return math.Sqrt(q.OmegaOmega) }},
	{"Γx→Ωy", func(q dataset.Quadrants) float64 { return math.Sqrt(q.GammaOmega) }},
	{"Ωx→Γy", func(q dataset.Quadrants) float64 { return math.Sqrt(q.OmegaGamma) }},
	{"Γx→Γy", func(q dataset.Quadrants) float64 { return math.Sqrt(q.GammaGamma) }},
}
