package model

import "modspec/engine/train"

// Work implements train.Estimator, by DOMAIN §4. For a module of layers w_0 (its inputs,
// n_in, or ρ in reduced coordinates), w_1 … w_{L−1} (hidden), w_L (n_out) a step is
//
//	products W_l ⋯ W_1, their transposed partners and ΔW_l    3 Σ_{l=2…L} w_l w_{l−1} w_0
//	E = Σ_yx − M Σ_x                                          w_L w_0², or w_L w_0 where Σ_x is diagonal
//
// multiply-adds; one hidden layer gives DOMAIN §4's 6·n_out·h·ρ + O(n_out ρ) and
// 2(3·n_out·h·n_in + n_out·n_in²) FLOP. To them come a rule's own terms,
//
//	γ:  (Σ_y − MΣ_xMᵀ) W_L           w_L² (w_0 + w_{L−1})
//	β:  H_l H_{l−1}ᵀ and H_l H_lᵀW_l   Σ_l w_l w_{l−1} (w_{l−1} + 2 w_l)
//
// A mini-batch's Σ_x is no diagonal in the basis of all examples and is a new
// one at each step: w_L w_0² and w_0² times the batch.
func (m *Model) Work(p train.Place) train.Work {
	task := m.copy.Task
	point := task.Point
	batch := float64(task.Batch) // 0 for all examples at once
	var w train.Work
	for _, l := range m.sizes() {
		reduced, full := l.widths(l.rank), l.widths(l.inputs)
		step, diagonal := reduced, batch == 0
		if p.Plain {
			step, diagonal = full, false
		}
		w.Step += m.stepWork(step, diagonal) + 2*step[0]*step[0]*batch
		w.Start += startWork(reduced, full)
		w.Observe += observeWork(reduced, full, float64(point.Examples()), float64(point.NX()+point.KX))
	}
	return w
}

// sizes returns the layers of the modules, which were found once before.
func (m *Model) sizes() []layers {
	list, err := m.layers()
	if err != nil {
		return nil // finish has found them before
	}
	return list
}

// widths returns the widths of the layers of units, from the first, with the
// given number of inputs.
func (l *layers) widths(inputs int) []float64 {
	widths := []float64{float64(inputs)}
	for _, h := range l.hidden {
		widths = append(widths, float64(h))
	}
	return append(widths, float64(l.outputs))
}

// stepWork is the work of one module's step.
func (m *Model) stepWork(w []float64, diagonal bool) float64 {
	last := len(w) - 1
	in, out := w[0], w[last]
	products := 0.0
	for l := 2; l <= last; l++ {
		products += w[l] * w[l-1] * in
	}
	adds := 3 * products
	if diagonal {
		adds += out * in
	} else {
		adds += out * in * in
	}
	if m.copy.Rule.Gamma != 0 {
		adds += out * out * (in + w[last-1])
	}
	if m.copy.Rule.Beta != 0 {
		for l := 1; l < last; l++ {
			adds += w[l] * w[l-1] * (w[l-1] + 2*w[l])
		}
	}
	return 2 * adds
}

// normalFLOPs is about what a normal number costs: a logarithm, a sine and a cosine
// of a pair, and the random bits.
const normalFLOPs = 64

// startWork is the work of one module's start: drawing the weights, and W1·Q.
func startWork(reduced, full []float64) float64 {
	weights := 0.0
	for l := 1; l < len(full); l++ {
		weights += full[l] * full[l-1]
	}
	return normalFLOPs*weights + 2*full[1]*full[0]*reduced[0]
}

// observeWork is the work of recording one module: its map in reduced
// coordinates, the map in plain ones, its answers to the P examples (each of
// which has n_x + k_x inputs that are not zero), and about ten passes over
// those for losses and modes.
func observeWork(reduced, full []float64, examples, inputs float64) float64 {
	out := full[len(full)-1]
	products := 0.0
	for l := 2; l < len(reduced); l++ {
		products += reduced[l] * reduced[l-1] * reduced[0]
	}
	return 2 * (products + out*reduced[0]*full[0] + out*examples*inputs + 10*out*examples)
}
