package theory_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/theory"
)

func normals(rng *rand.Rand, rows, cols int, sigma float64) *mat.Dense {
	m := mat.NewDense(rows, cols, nil)
	for i := range rows {
		for j := range cols {
			m.Set(i, j, sigma*rng.NormFloat64())
		}
	}
	return m
}

// unit returns a random direction.
func unit(rng *rand.Rand, n int) []float64 {
	v, norm := make([]float64, n), 0.0
	for i := range v {
		v[i] = rng.NormFloat64()
		norm += v[i] * v[i]
	}
	for i := range v {
		v[i] /= math.Sqrt(norm)
	}
	return v
}

// The starts are the sums that their formulas say, written as loops. Sums of n
// products are within γ_n of exact, relative to the absolute values, on either side.
func TestStartsAreTheirFormulas(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 0))
	for range 20 {
		in, h, out := 1+rng.IntN(6), 1+rng.IntN(6), 1+rng.IntN(6)
		w1, w2, w := normals(rng, h, in, 1), normals(rng, out, h, 1), normals(rng, out, in, 1)
		u, v := unit(rng, out), unit(rng, in)
		deep, size := 0.0, 0.0
		for k := range h {
			c, abs := 0.0, 0.0
			for i := range out {
				c += w2.At(i, k) * u[i]
				abs += math.Abs(w2.At(i, k) * u[i])
			}
			for j := range in {
				c += w1.At(k, j) * v[j]
				abs += math.Abs(w1.At(k, j) * v[j])
			}
			deep += c * c / 4
			size += abs * abs / 4
		}
		near(t, "deep start", theory.DeepStart(w1, w2, u, v), deep, 2*gamma(2*(in+out)+h+4)*size)

		shallow, size := 0.0, 0.0
		for i := range out {
			for j := range in {
				shallow += u[i] * w.At(i, j) * v[j]
				size += math.Abs(u[i] * w.At(i, j) * v[j])
			}
		}
		near(t, "shallow start", theory.ShallowStart(w, u, v), shallow, 2*gamma(in*out+2)*size)
	}
}

// The deep start of normal weights is a sum of h squares of normals of variance
// σ²/2, so it has mean hσ²/2 and variance h·2(σ²/2)² = hσ⁴/2. The mean of n samples is
// off by more than five of its standard errors once in a million seeds.
func TestMeanDeepStartIsTheMean(t *testing.T) {
	const h, in, out, sigma, n = 7, 5, 3, 0.02, 4000
	rng := rand.New(rand.NewPCG(12, 0))
	sum := 0.0
	for range n {
		sum += theory.DeepStart(normals(rng, h, in, sigma), normals(rng, out, h, sigma), unit(rng, out), unit(rng, in))
	}
	standardError := sigma * sigma * math.Sqrt(h/2.) / math.Sqrt(n)
	near(t, "mean deep start", sum/n, theory.MeanDeepStart(h, sigma), 5*standardError)
	const want = h * sigma * sigma / 2 // exact: constants have no roundings
	near(t, "hσ²/2", theory.MeanDeepStart(h, sigma), want, gamma(4)*want)
}
