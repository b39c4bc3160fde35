package study

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"modspec/engine/theory"
)

// chance is how probable it may be that a right theory fails a claim whose
// threshold says so, through unlucky initial weights alone: one in a thousand
// for all seeds of the claim together. Each of n draws is given chance/n, which
// needs no independence.
const chance = 1e-3

// highestMean returns what the mean of so many squared standard normals exceeds
// in any one of the draws with a probability of at most chance.
func highestMean(squares, draws int) float64 {
	return distuv.ChiSquared{K: float64(squares)}.Quantile(1-chance/float64(draws)) / float64(squares)
}

// lowestMean returns what it falls below in any one of the draws with a
// probability of at most chance.
func lowestMean(squares, draws int) float64 {
	return distuv.ChiSquared{K: float64(squares)}.Quantile(chance/float64(draws)) / float64(squares)
}

// fewest returns the largest number that so many draws, each a success with the
// given probability, fall short of with a probability of at most chance.
func fewest(probability float64, draws int) int {
	if probability <= 0 || probability >= 1 {
		return draws * int(math.Round(probability))
	}
	below := 0.0 // probability of at most k−1 successes
	for k := range draws {
		below += distuv.Binomial{N: float64(draws), P: probability}.Prob(float64(k))
		if below > chance {
			return k
		}
	}
	return draws
}

// leastStart returns an a(0) that stands for the worst of a mode's directions: in
// none of so many seeds, but for the chance, is the mean of 1/a(0) over the
// mode's directions above its inverse. What a mode lacks long after its rise is
// proportional to 1/a(0), so the mean over its directions is at most what this
// start lacks.
//
// With A the hidden × m columns of the mode, orthogonal to the columns of the
// stronger directions (see prediction.Predictor.Starts), the starts are the
// eigenvalues of AᵀA and the mean of 1/a(0) is tr((AᵀA)⁻¹)/m. Entries of A are
// normals of variance σ²/2, and 1/((AᵀA)⁻¹)_jj is σ²/2 times a χ² of
// hidden − stronger − m + 1 degrees of freedom, here the lowest of m·seeds.
func leastStart(hidden, stronger, m int, sigma float64, seeds int) float64 {
	free := hidden - stronger - m + 1
	return sigma * sigma / 2 * float64(free) * lowestMean(free, m*seeds)
}

// remainderTolerance bounds the remainder that prediction.Predictor.Starts names, for
// any two modes of a module of one hidden layer: by the time the stronger mode
// (λ', asymptote a', m' directions) is done, the weaker mode's m directions have
// grown along each of its hidden directions to a share
//
//	(m/h) (a(0)/a')^{1−λ/λ'} · χ²_m/m
//
// of a'. The last factor is the mean of the m squared overlaps, here the highest
// of m'·seeds. The spread of a(0) itself, 20 % for h = 50, enters with a power
// below 1 and is left out: it is small beside a χ²_m this far out.
func remainderTolerance(runs []comparison) float64 {
	pr, largest := &runs[0], 0.0
	for _, module := range pr.arch.Modules {
		if len(module.Hidden) == 0 {
			continue // the theory of a shallow module has no remainder
		}
		h, modes := module.Hidden[0], theory.Modes(pr.point, module.View())
		for i, strong := range modes {
			for _, weak := range modes[i+1:] {
				share := theory.MeanDeepStart(h, pr.scale) / strong.Asymptote()
				mean := float64(weak.Multiplicity) / float64(h) * math.Pow(share, 1-weak.SingularValue/strong.SingularValue)
				largest = math.Max(largest, mean*highestMean(weak.Multiplicity, strong.Multiplicity*len(runs)))
			}
		}
	}
	return largest
}
