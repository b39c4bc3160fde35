package images

import (
	"math"

	"modspec/engine/cmnist"
)

// sets are the images that are measured.
func (m *model) sets() [setCount]*cmnist.Examples {
	d := m.data
	return [setCount]*cmnist.Examples{d.Seen, d.Test, d.Unseen, d.Recombined, d.Swapped}
}

// Measure implements [train.Model]. Sums over images are float64, from the answers to
// single images.
func (m *model) Measure(observed [][]float64, metrics []float64) {
	for i := range metrics {
		metrics[i] = math.NaN()
	}
	digits := cmnist.Network{}
	for _, t := range m.network.Towers {
		if t.Writes != cmnist.NonCompositionalBlock {
			digits.Towers = []cmnist.Tower{{Writes: cmnist.CompositionalBlock}}
		}
	}
	prober := cmnist.NewProber(m.data, digits)
	for number, examples := range m.sets() {
		results := observed[setResults*number:][:setResults]
		width := m.Compositional()
		answers := func(i int) []float64 { return results[digitsResult][i*width:][:width] }
		if prober != nil {
			if take := [setCount]func(int, []float64){seenSet: prober.Seen, recombinedSet: prober.Recombined, swappedSet: prober.Swapped}[number]; take != nil {
				for i := range examples.Count() {
					take(i, answers(i))
				}
			}
		}
		if number == swappedSet {
			continue
		}
		to := metrics[runMetrics+setMetrics*number:][:setMetrics]
		meter := cmnist.NewMeter(m.Composition, digits)
		if prober != nil {
			for i := range examples.Count() {
				meter.Add(examples, i, answers(i))
			}
		}
		own := meter.Measure()
		to[compositionalMetric], to[allDigitsMetric] = own.Compositional, own.AllDigits
		copy(to[digitMetric:][:m.Digits], own.Digit)
		m.number(results, examples.Count(), to)
	}
	if prober != nil {
		p := prober.Probe()
		metrics[companyMetric], metrics[styleMetric], metrics[systematicityMetric] = p.Company, p.Style, p.Systematicity
	}
}

// number measures the non-compositional outputs of a set.
func (m *model) number(results [][]float64, count int, to []float64) {
	errors := results[errorResult]
	if count == 0 || !m.writesNumber() {
		return
	}
	sum, right := 0.0, 0.0
	for i, e := range errors {
		sum += e
		if e == e { // of outputs that are not numbers none is the largest
			right += results[rightResult][i]
		}
	}
	scale := m.R * m.R
	if scale == 0 {
		scale = 1 // labels of 0: there is nothing to be relative to
	}
	to[nonCompositionalMetric], to[numberMetric] = sum/(float64(count)*scale), right/float64(count)
}

// writesNumber reports whether a tower writes the non-compositional outputs.
func (m *model) writesNumber() bool {
	for _, t := range m.network.Towers {
		if t.Writes != cmnist.CompositionalBlock {
			return true
		}
	}
	return false
}
