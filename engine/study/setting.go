package study

import "modspec/engine/dataset"

// hidden is the width of the paper's hidden layers.
const hidden = 50

// The standard deviations of the paper's initial weights.
const (
	smallScale = 0.01 / 50 // dense and shallow networks
	splitScale = 0.1 / 50  // split networks
)

// paperPoint is the dataset of the paper's dynamics figures.
var paperPoint = dataset.NewPoint(3, 3, 1, 3, 1, 1)

// eta turns the published scripts' step_size into the learning rate of a loss
// that is a mean over the P examples: η = P·step_size.
func eta(p dataset.Point, stepSize float64) float64 {
	return float64(p.Examples()) * stepSize
}
