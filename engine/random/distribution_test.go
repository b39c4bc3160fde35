package random

import (
	"math"
	"slices"
	"testing"
)

const normalSample = 1_000_000

func drawSample() []float64 {
	z := make([]float64, normalSample)
	Stream{Seed: 2023, Point: 1}.Normals(z, 0)
	return z
}

// For N independent standard normals the means of z, z², z³ and z⁴ are 0, 1, 0
// and 3 with variances 1/N, 2/N, 15/N and 96/N (E z²ᵏ = (2k−1)!!), and the mean
// of the products of neighbours, which the two halves of a block are, is 0 with
// variance 1/N. Each is normally distributed to very good accuracy at N = 10⁶,
// so the bound of 4 standard deviations fails a sound generator with a
// probability of 6·10⁻⁵ each. The stream is fixed: it passes always or never.
func TestMomentsOfNormals(t *testing.T) {
	z := drawSample()
	var sum [5]float64
	for i, x := range z {
		p := 1.0
		for k := 1; k <= 4; k++ {
			p *= x
			sum[k] += p
		}
		if i > 0 {
			sum[0] += x * z[i-1]
		}
	}
	const n = float64(normalSample)
	moments := []struct {
		name           string
		got, want, sd2 float64
	}{
		{"neighbours", sum[0] / n, 0, 1},
		{"first", sum[1] / n, 0, 1},
		{"second", sum[2] / n, 1, 2},
		{"third", sum[3] / n, 0, 15},
		{"fourth", sum[4] / n, 3, 96},
	}
	for _, m := range moments {
		deviation := (m.got - m.want) / math.Sqrt(m.sd2/n)
		t.Logf("%s moment %.5f, %.2f standard deviations off", m.name, m.got, deviation)
		if !(math.Abs(deviation) < 4) {
			t.Errorf("%s moment is %v, want %v: %.1f standard deviations off", m.name, m.got, m.want, deviation)
		}
	}
}

// Kolmogorov's limit law is P(√N·D > c) = 2 Σ (−1)ᵏ⁻¹ e^(−2k²c²) < 2e^(−2c²),
// so at the level α the critical value is c = √(½ ln(2/α)): 1.95 for
// α = 10⁻³. The law is reached to O(1/√N), a thousandth here.
func TestKolmogorovSmirnovOfNormals(t *testing.T) {
	const alpha = 1e-3
	critical := math.Sqrt(0.5 * math.Log(2/alpha))
	z := drawSample()
	slices.Sort(z)
	const n = float64(normalSample)
	largest := 0.0
	for i, x := range z {
		phi := math.Erfc(-x/math.Sqrt2) / 2
		largest = max(largest, phi-float64(i)/n, float64(i+1)/n-phi)
	}
	statistic := math.Sqrt(n) * largest
	t.Logf("√N·D = %.3f, critical value %.3f", statistic, critical)
	if !(statistic < critical) {
		t.Errorf("√N·D = %v, critical value %v", statistic, critical)
	}
}
