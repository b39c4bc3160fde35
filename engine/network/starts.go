package network

import (
	"errors"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/dataset"
	"modspec/engine/theory"
)

// ModeStarts returns a(0) of each mode of a module, in the order of theory.Modes,
// computed from its initial weights (first layer first): the mean over the
// mode's directions of theory.ShallowStart for a module without hidden layer
// and of theory.DeepStart for one with one. For deeper modules there is no
// parameter-free start; it returns an error.
func ModeStarts(p dataset.Point, m Module, layers []*mat.Dense) ([]float64, error) {
	if len(layers) > 2 {
		return nil, errNoStart
	}
	var starts []float64
	for _, mode := range theory.Modes(p, m.View()) {
		sum := 0.0
		for _, set := range theory.Sets(p, m.View(), mode.Kind) {
			u, v := theory.Vectors(p, m.View(), set)
			if len(layers) == 1 {
				sum += theory.ShallowStart(layers[0], u, v)
			} else {
				sum += theory.DeepStart(layers[0], layers[1], u, v)
			}
		}
		starts = append(starts, sum/float64(mode.Multiplicity))
	}
	return starts, nil
}

var errNoStart = errors.New("two or more hidden layers have no parameter-free start; give the starting strengths, or predict a network with at most one")
