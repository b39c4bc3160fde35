package study

import (
	"math"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/kind/linear/model"
	"modspec/engine/network"
	"modspec/engine/train"
)

// startOf returns the network that a run of the kind linear trained, its architecture at
// the dataset, and its initial weights.
func startOf(r *Run) (linear.Copy, network.Architecture, *network.Weights, error) {
	m, err := model.Build(r.Parameters)
	if err != nil {
		return linear.Copy{}, network.Architecture{}, nil, err
	}
	c := m.Copy(train.Stream(model.Kind, r.Parameters, r.Seed))
	job := linear.Job{Architecture: m.Architecture(), Copies: []linear.Copy{c}}
	arch, weights, err := job.Start(0)
	return c, arch, weights, err
}

// quadrants returns the squared quadrant norms of a run at each recorded step.
func (r *Run) quadrants() []dataset.Quadrants {
	list := make([]dataset.Quadrants, len(r.Steps))
	toOmega, toGamma := r.Curve("quadrant_omega_omega"), r.Curve("quadrant_omega_gamma") // from Ω_x
	gammaToOmega, gammaToGamma := r.Curve("quadrant_gamma_omega"), r.Curve("quadrant_gamma_gamma")
	for i := range list {
		list[i] = dataset.Quadrants{OmegaOmega: toOmega[i], GammaOmega: gammaToOmega[i], OmegaGamma: toGamma[i], GammaGamma: gammaToGamma[i]}
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
