package explorer

import (
	"fmt"

	"modspec/engine/network"
	"modspec/engine/serve"
)

// Limits of a request: a network must train while the user waits.
const (
	maxBits     = 6
	maxCopies   = 8
	maxHidden   = 256
	maxDepth    = 4
	maxSteps    = 20000
	maxStrength = 100 // r and learning rates
	maxScale    = 10
	maxWork     = 2e10 // multiply-adds of a training
)

// Theory of a copy that was trained elsewhere is bounded by its own work: the
// directions of a large dataset are orthogonalised, and each is followed step by
// step.
const (
	maxWeights    = 1 << 23
	maxElements   = 1 << 27 // directions² × (hidden units + directions)
	maxRecursions = 1 << 27 // directions × steps
)

// Controls implements serve.Networks.
func (e *Explorer) Controls() serve.Controls {
	d := serve.Controls{
		Defaults: map[string]any{}, Limits: map[string][2]float64{}, MaxWork: maxWork,
		Arch: network.Names, Rule: network.RuleNames,
	}
	for _, s := range settings {
		if s.ranged() {
			d.Limits[s.name] = [2]float64{s.low, s.high}
		}
		switch {
		case s.initial == "":
		case s.initial == all:
			d.Defaults[s.name] = defaultBits
		case s.kind == textKind || s.kind == seedKind:
			d.Defaults[s.name] = s.initial
		default:
			v, _ := s.number(s.initial)
			d.Defaults[s.name] = v
		}
	}
	for _, name := range []string{"train_examples", "batch"} {
		d.Defaults[name] = all
	}
	return d
}

// work returns how many multiply-adds a training takes: for each layer a product
// in the map and two in the gradient, each over all of the module's inputs.
func work(shapes [][]int, steps int) float64 {
	sum := 0.0
	for _, shape := range shapes {
		for l := range len(shape) - 1 {
			sum += 3 * float64(shape[l+1]) * float64(shape[l]) * float64(shape[0])
		}
	}
	return sum * float64(steps)
}

func weights(shapes [][]int) int {
	sum := 0
	for _, shape := range shapes {
		for l := range len(shape) - 1 {
			sum += shape[l+1] * shape[l]
		}
	}
	return sum
}

// checkWork refuses a training that takes too long for a page.
func checkWork(work float64) error {
	if work > maxWork {
		return fmt.Errorf("to train this network takes %.2g multiply-adds, but at most %.2g are allowed here; choose fewer steps, units or copies, or modspec train", work, float64(maxWork))
	}
	return nil
}
