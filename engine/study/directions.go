package study

import (
	"fmt"

	"modspec/engine/dataset"
	"modspec/engine/network"
	"modspec/engine/theory"
)

// A directionSet is a mode of one module together with the starting strength of
// each of its directions.
type directionSet struct {
	mode   theory.Mode // with Multiplicity 1: one direction
	hidden int         // hidden layers of its module
	starts []float64
}

// directionSets returns the modes of a network, module by module in the order of
// theory.Modes (and so of linear.Observation.Modes), with a(0) of every direction.
func directionSets(arch network.Architecture, p dataset.Point, weights *network.Weights) ([]directionSet, error) {
	var sets []directionSet
	for i, module := range arch.Modules {
		starts, err := network.DirectionStarts(p, module, weights.Modules[i])
		if err != nil {
			return nil, fmt.Errorf("module %d: %w", i+1, err)
		}
		for k, mode := range theory.Modes(p, module.View()) {
			mode.Multiplicity = 1
			sets = append(sets, directionSet{mode, len(module.Hidden), starts[k]})
		}
	}
	return sets, nil
}
