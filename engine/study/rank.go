package study

import (
	"context"
	"fmt"
	"math"
	"math/bits"
	"strings"

	"modspec/engine/dataset"
	"modspec/engine/figure"
	"modspec/engine/random"
	"modspec/engine/results"
	"modspec/engine/theory/rank"
)

const (
	rankLeastBits = 3
	rankMostBits  = 6
	// rankEnumerated is the largest n whose sets of columns are all looked at,
	// 2¹⁶ of them; more bits are sampled.
	rankEnumerated = 4
	rankSamples    = 20_000
	// rankConfidence is a probability that counts as having full rank almost surely.
	rankConfidence = 0.95
)

var fullRank = Study{
	ID:    "full-rank",
	Paper: Jarvis2023,
	Title: "How many training examples determine the compositional map",
	Runs: fmt.Sprintf("no training; exact probability that m = n … P−1 columns of Ω have rank n, for n = %d … %d; "+
		"against every set of columns one by one for n ≤ %d and %d random orders of the columns beyond",
		rankLeastBits, rankMostBits, rankEnumerated, rankSamples),
	Source: paperRank,
	Judge:  judgeFullRank,
}

// rankResult is the probability that m columns of Ω have full rank, for one n and
// m = n … P−1: exact, and found by looking at columns.
type rankResult struct {
	bits         int
	columns      []int
	exact, found []float64
}

func judgeFullRank(ctx context.Context, _ Evidence) (*Outcome, error) {
	var all []rankResult
	for n := rankLeastBits; n <= rankMostBits; n++ {
		r, err := newRankResult(ctx, n, rankSamples, 0)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return &Outcome{Claims: rankClaims(all, rankSamples), Figures: []figure.Figure{rankFigure(all)}}, nil
}

func newRankResult(ctx context.Context, n, samples int, seed uint64) (rankResult, error) {
	r := rankResult{bits: n}
	for m := n; m < 1<<n; m++ {
		r.columns = append(r.columns, m)
	}
	exact, err := rank.Probabilities(ctx, n, r.columns, rank.Options{})
	if err != nil {
		return r, err
	}
	for _, e := range exact {
		r.exact = append(r.exact, e.Probability)
	}
	var shares []float64 // by number of columns
	if n <= rankEnumerated {
		shares, err = enumerateFullRank(n)
	} else {
		shares, err = sampleFullRank(ctx, n, samples, seed)
	}
	if err != nil {
		return r, err
	}
	r.found = shares[n : 1<<n]
	return r, nil
}

// omegaColumns returns the columns of Ω.
func omegaColumns(n int) [][]int8 {
	p := dataset.NewPoint(n, n, n, 0, 0, 0)
	columns := make([][]int8, p.Examples())
	for e := range columns {
		for row := range n {
			columns[e] = append(columns[e], int8(p.Omega(row, e)))
		}
	}
	return columns
}

// enumerateFullRank returns, at index m, the share of the sets of m columns of Ω
// that have rank n, by looking at each set.
func enumerateFullRank(n int) ([]float64, error) {
	omega := omegaColumns(n)
	full := make([]float64, len(omega)+1)
	all := make([]float64, len(omega)+1)
	chosen := make([][]int8, 0, len(omega))
	for set := range uint(1) << len(omega) {
		chosen = chosen[:0]
		for e, column := range omega {
			if set>>e&1 == 1 {
				chosen = append(chosen, column)
			}
		}
		found, err := rank.Of(chosen)
		if err != nil {
			return nil, err
		}
		m := bits.OnesCount(set)
		all[m]++
		if found == n {
			full[m]++
		}
	}
	for m := range full {
		full[m] /= all[m]
	}
	return full, nil
}

// sampleFullRank returns, at index m, the share of random orders of Ω's columns
// whose first m have rank n. One order serves every m: from some m on it has
// full rank.
func sampleFullRank(ctx context.Context, n, samples int, seed uint64) ([]float64, error) {
	omega := omegaColumns(n)
	share := make([]float64, len(omega)+1)
	stream := random.Stream{Seed: seed, Point: uint64(n)}
	for sample := range samples {
		if sample%1024 == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		var chosen [][]int8
		for _, e := range stream.Permutation(len(omega), uint32(sample)) {
			chosen = append(chosen, omega[e])
			if len(chosen) < n {
				continue
			}
			found, err := rank.Of(chosen)
			if err != nil {
				return nil, err
			}
			if found == n {
				break
			}
		}
		share[len(chosen)]++
	}
	sum := 0.0
	for m := range share {
		sum += share[m] / float64(samples)
		share[m] = sum
	}
	return share, nil
}

// samplingTolerance bounds how far a distribution function of so many samples is
// from the true one, at all its points at once, but for a chance of 10⁻⁶:
// √(ln(2/10⁻⁶)/(2·samples)). Dvoretzky, Kiefer and Wolfowitz, with Massart's
// constant (Annals of Probability 18, 1990). The number of columns that a random
// order needs for full rank has the probabilities of this study as its
// distribution function.
func samplingTolerance(samples int) float64 {
	return math.Sqrt(math.Log(2/1e-6) / (2 * float64(samples)))
}

// deviation returns the largest difference of the exact probability from what
// was found.
func (r rankResult) deviation() float64 {
	largest := 0.0
	for i := range r.exact {
		largest = math.Max(largest, math.Abs(r.exact[i]-r.found[i]))
	}
	return largest
}

// enough returns the smallest number of columns with a probability of at least
// rankConfidence.
func (r rankResult) enough() int {
	for i, p := range r.exact {
		if p >= rankConfidence {
			return r.columns[i]
		}
	}
	return 1 << r.bits
}

func rankClaims(all []rankResult, samples int) []results.Claim {
	enumerated, sampled := 0.0, 0.0
	widest := 0.0
	var need []string
	for _, r := range all {
		if r.bits <= rankEnumerated {
			enumerated = math.Max(enumerated, r.deviation())
		} else {
			sampled = math.Max(sampled, r.deviation())
		}
		widest = math.Max(widest, float64(r.enough())/float64(r.bits))
		need = append(need, fmt.Sprintf("n = %d: %d of %d", r.bits, r.enough(), 1<<r.bits))
	}
	const source = paperRank
	return []results.Claim{
		// Both are quotients of integers below 2⁵³, each rounded once: half a unit
		// in the last place of a number below 1 is 2⁻⁵⁴.
		results.NewClaim("full-rank/enumerated", "the exact probabilities are those of looking at every set of columns",
			enumerated, results.AtMost, 2*0x1p-54, source,
			fmt.Sprintf("largest difference over n = %d … %d and all m; the threshold is two roundings", rankLeastBits, rankEnumerated)),
		results.NewClaim("full-rank/sampled", "the exact probabilities agree with sampling where there are too many sets",
			sampled, results.AtMost, samplingTolerance(samples), source,
			fmt.Sprintf("largest difference over n = %d … %d and all m from %d random orders of the columns; the threshold holds for all m of one n at once but for a chance of 10⁻⁶ (Dvoretzky, Kiefer, Wolfowitz)",
				rankEnumerated+1, rankMostBits, samples)),
		results.NewClaim("full-rank/few-examples", fmt.Sprintf("fewer than twice as many examples as bits have full rank with probability %g", rankConfidence),
			widest, results.Below, 2, source,
			fmt.Sprintf("smallest number of columns with that exact probability, over n, largest over n: %s", strings.Join(need, ", "))),
	}
}

func rankFigure(all []rankResult) figure.Figure {
	const axis = "probability of full rank"
	byCount := figure.Panel{Title: "by number of examples", XLabel: "training examples m", YLabel: axis,
		XRange: &[2]float64{2, 16}, YRange: &[2]float64{0, 1.03}}
	byShare := figure.Panel{Title: "by share of examples", XLabel: "m/P", YLabel: axis,
		XRange: &[2]float64{0, 0.6}, YRange: &[2]float64{0, 1.03}, Legend: figure.NoLegend}
	var need []string
	for k, r := range all {
		var m, share []float64
		for _, c := range r.columns {
			m, share = append(m, float64(c)), append(share, float64(c)/float64(int(1)<<r.bits))
		}
		// Points on the plateau would only cover those of other n.
		shown := min(2*r.bits, len(m))
		byCount.Series = append(byCount.Series,
			figure.Series{X: m, Y: r.exact, Style: figure.Dashed, Color: k},
			figure.Series{Label: fmt.Sprintf("n = %d", r.bits), X: m[:shown], Y: r.found[:shown], Style: figure.Points, Color: k})
		byShare.Series = append(byShare.Series,
			figure.Series{X: share, Y: r.exact, Style: figure.Dashed, Color: k},
			figure.Series{X: share[:shown], Y: r.found[:shown], Style: figure.Points, Color: k})
		need = append(need, fmt.Sprintf("%d of %d (n = %d)", r.enough(), 1<<r.bits, r.bits))
	}
	return figure.Figure{
		Name:  "full-rank",
		Title: "Probability that m training examples determine the compositional map",
		Caption: fmt.Sprintf("Exact probability that m columns of Ω have rank n (dashed), and found by looking at every set (points, n ≤ %d) or at %d random orders (n > %d). "+
			"A probability of %g takes %s examples: not much more than n, and a vanishing share of P = 2ⁿ.",
			rankEnumerated, rankSamples, rankEnumerated, rankConfidence, strings.Join(need, ", ")),
		Panels: []figure.Panel{byCount, byShare},
	}
}
