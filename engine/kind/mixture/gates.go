package mixture

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext/prng"
)

// Measure implements [train.Model].
func (m *model) Measure(observed [][]float64, metrics []float64) {
	for i := range metrics {
		metrics[i] = math.NaN()
	}
	metrics[trainLossMetric], metrics[testLossMetric], metrics[oodLossMetric] = observed[0][0], observed[1][0], observed[2][0]
	rest := observed[3:]
	if m.task == classification {
		metrics[testErrorMetric], metrics[oodErrorMetric] = rest[0][0], rest[1][0]
		rest = rest[2:]
	}
	if m.gated() {
		m.measureGates(rest[0], metrics)
	}
}

// measureGates computes the metrics of a gate from its sums, rules × modules. The
// formulas are in the package comment.
func (m *model) measureGates(sums, metrics []float64) {
	rules, modules := float64(m.rules), float64(m.modules)
	a := make([][]float64, m.rules) // mean gates
	ofRule := make([]float64, m.rules)
	ofModule := make([]float64, m.modules)
	for r := range a {
		a[r] = make([]float64, m.modules)
		for k := range a[r] {
			a[r][k] = sums[r*m.modules+k] / float64(m.samples)
			if math.IsNaN(a[r][k]) {
				return // the run diverges
			}
			ofRule[r] += a[r][k] / rules
			ofModule[k] += a[r][k] / rules
		}
	}
	if m.modules > 1 {
		below := 0.0
		for _, p := range ofModule {
			below += max(0, 1/modules-p)
		}
		metrics[collapseAvgMetric] = modules / (modules - 1) * below
		metrics[collapseWorstMetric] = 1 - modules*slices.Min(ofModule)
	}
	const epsilon = 1e-8
	information := 0.0
	for r := range a {
		for k := range a[r] {
			p := a[r][k] / rules
			information += p * math.Log(p/(ofRule[r]*ofModule[k]+epsilon)+epsilon)
		}
	}
	metrics[imiMetric] = (math.Log(rules) - information) / math.Log(rules)
	if m.modules == m.rules {
		metrics[alignmentMetric] = 1 - assign(a)/rules
		metrics[adaptationMetric] = adaptation(a, m.distributions())
	}
}

// adaptation is the mean over distributions of rules, each in ascending order, of
// half the L1 distance to the sorted use of the modules.
func adaptation(a, distributions [][]float64) float64 {
	total := 0.0
	used := make([]float64, len(a))
	sorted := make([]float64, len(a))
	for _, probabilities := range distributions {
		clear(used)
		for r, p := range probabilities {
			for k, g := range a[r] {
				used[k] += p * g
			}
		}
		slices.Sort(used)
		copy(sorted, probabilities)
		slices.Sort(sorted)
		for i, p := range sorted {
			total += math.Abs(p-used[i]) / 2
		}
	}
	return total / float64(len(distributions))
}

// dirichlet returns 100 draws of the uniform distribution over probabilities of a
// number of rules: draw k is numpy.random.RandomState(k).dirichlet([1, …, 1]),
// exponentials −ln(1 − u) over their sum, with u of 53 bits from two words of the
// Mersenne Twister of seed k.
func dirichlet(rules int) [][]float64 {
	const draws = 100
	out := make([][]float64, draws)
	source := prng.NewMT19937()
	for k := range out {
		source.Seed(uint64(k))
		out[k] = make([]float64, rules)
		sum := 0.0
		for i := range out[k] {
			high, low := source.Uint32()>>5, source.Uint32()>>6
			out[k][i] = -math.Log(1 - (float64(high)*(1<<26)+float64(low))/(1<<53))
			sum += out[k][i]
		}
		for i := range out[k] {
			out[k][i] /= sum
		}
	}
	return out
}

// assign returns the largest Σ a[r][σ(r)] over all permutations σ, for a square
// matrix of finite numbers: the assignment problem, by shortest augmenting paths in
// O(n³). Rows are assigned one by one. A path begins at the new row and alternates
// between columns and the rows that have them, until it meets a free column; the
// potentials u and v keep the reduced costs c[r][k] − u[r] − v[k] at 0 or above,
// and at 0 where a row has its column. Sources: H. W. Kuhn, The Hungarian method
// for the assignment problem, 1955; R. Jonker, A. Volgenant, A shortest augmenting
// path algorithm for dense and sparse linear assignment problems, 1987.
func assign(a [][]float64) float64 {
	n := len(a)
	u, v := make([]float64, n), make([]float64, n+1)
	// Column n stands for the begin of the path.
	rowOf, before := make([]int, n+1), make([]int, n)
	for k := range rowOf {
		rowOf[k] = -1
	}
	distance, done := make([]float64, n), make([]bool, n+1)
	for row := range n {
		for k := range distance {
			distance[k] = math.Inf(1)
		}
		clear(done)
		rowOf[n] = row
		at := n
		for rowOf[at] >= 0 {
			done[at] = true
			r, next := rowOf[at], -1
			for k := range n {
				if done[k] {
					continue
				}
				if d := -a[r][k] - u[r] - v[k]; d < distance[k] {
					distance[k], before[k] = d, at
				}
				if next < 0 || distance[k] < distance[next] {
					next = k
				}
			}
			step := distance[next]
			for k := range n + 1 {
				switch {
				case done[k]:
					u[rowOf[k]] += step
					v[k] -= step
				case k < n:
					distance[k] -= step
				}
			}
			at = next
		}
		for at != n {
			rowOf[at] = rowOf[before[at]]
			at = before[at]
		}
	}
	total := 0.0
	for k, r := range rowOf[:n] {
		total += a[r][k]
	}
	return total
}
