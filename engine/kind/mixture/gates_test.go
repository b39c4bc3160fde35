package mixture_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"modspec/engine/train"
)

// gateMetrics returns the metrics of a matrix of mean gates, rules × modules, that
// 64 samples of each rule have.
func gateMetrics(m train.Model, a [][]float64) map[string]float64 {
	var sums []float64
	for _, row := range a {
		for _, g := range row {
			sums = append(sums, 64*g)
		}
	}
	return measure(m, [][]float64{{0}, {0}, {0}, sums})
}

func gated(t *testing.T, rules, modules int) train.Model {
	t.Helper()
	return resolve(t, map[string]any{"core": "modular", "rules": rules, "modules": modules, "samples": 64})
}

func matrix(rules, modules int, g func(r, k int) float64) [][]float64 {
	a := make([][]float64, rules)
	for r := range a {
		a[r] = make([]float64, modules)
		for k := range a[r] {
			a[r][k] = g(r, k)
		}
	}
	return a
}

// rounded is how the published numbers are written.
func rounded(v float64) string { return fmt.Sprintf("%.3f", v) }

// The edge cases of the published metrics.
func TestGateMetricsEdges(t *testing.T) {
	t.Run("permutation", func(t *testing.T) {
		// ε alone keeps IMI from 0: by 5e-8, 3e-7 and 3e-6.
		for rules, want := range map[int]string{2: "5e-08", 8: "3e-07", 32: "3e-06"} {
			shift := matrix(rules, rules, func(r, k int) float64 {
				if (r+3)%rules == k {
					return 1
				}
				return 0
			})
			got := gateMetrics(gated(t, rules, rules), shift)
			for _, name := range []string{"collapse_avg", "collapse_worst", "alignment", "adaptation"} {
				// Exact at powers of two; adaptation adds probabilities to zeros.
				if got[name] != 0 {
					t.Errorf("%d rules: %s is %v, want 0", rules, name, got[name])
				}
			}
			if text := fmt.Sprintf("%.0e", got["imi"]); text != want {
				t.Errorf("%d rules: IMI is %v, want %s", rules, got["imi"], want)
			}
		}
	})
	t.Run("uniform", func(t *testing.T) {
		for rules, adaptation := range map[int]string{2: "0.257", 4: "0.301", 8: "0.335", 16: "0.354", 32: "0.365"} {
			got := gateMetrics(gated(t, rules, rules), matrix(rules, rules, func(int, int) float64 { return 1 / float64(rules) }))
			want := map[string]string{"collapse_avg": "0.000", "collapse_worst": "0.000", "alignment": rounded(1 - 1/float64(rules)), "imi": "1.000", "adaptation": adaptation}
			compareRounded(t, fmt.Sprint(rules, " rules"), got, want)
		}
	})
	t.Run("one module", func(t *testing.T) {
		for rules, adaptation := range map[int]string{4: "0.505", 8: "0.674"} {
			got := gateMetrics(gated(t, rules, rules), matrix(rules, rules, func(_, k int) float64 {
				if k == 1 {
					return 1
				}
				return 0
			}))
			want := map[string]string{"collapse_avg": "1.000", "collapse_worst": "1.000", "alignment": rounded(1 - 1/float64(rules)), "imi": "1.000", "adaptation": adaptation}
			compareRounded(t, fmt.Sprint(rules, " rules"), got, want)
		}
	})
	t.Run("other numbers of modules", func(t *testing.T) {
		// Two of four rules share a module: I = ln 2, half of ln 4.
		got := gateMetrics(gated(t, 4, 2), matrix(4, 2, func(r, k int) float64 {
			if r/2 == k {
				return 1
			}
			return 0
		}))
		compareRounded(t, "4 rules, 2 modules", got, map[string]string{"collapse_avg": "0.000", "collapse_worst": "0.000", "alignment": "NaN", "imi": "0.500", "adaptation": "NaN"})
		// Of four modules two are used: ½·4/3·… = 2/3.
		got = gateMetrics(gated(t, 2, 4), matrix(2, 4, func(r, k int) float64 {
			if r == k {
				return 1
			}
			return 0
		}))
		compareRounded(t, "2 rules, 4 modules", got, map[string]string{"collapse_avg": "0.667", "collapse_worst": "1.000", "alignment": "NaN", "imi": "0.000", "adaptation": "NaN"})
		got = gateMetrics(gated(t, 3, 1), matrix(3, 1, func(int, int) float64 { return 1 }))
		compareRounded(t, "1 module", got, map[string]string{"collapse_avg": "NaN", "collapse_worst": "NaN", "alignment": "NaN", "imi": "1.000", "adaptation": "NaN"})
	})
	t.Run("diverged", func(t *testing.T) {
		got := gateMetrics(gated(t, 2, 2), [][]float64{{0.5, 0.5}, {math.NaN(), 0}})
		compareRounded(t, "a gate is NaN", got, map[string]string{"collapse_avg": "NaN", "collapse_worst": "NaN", "alignment": "NaN", "imi": "NaN", "adaptation": "NaN"})
	})
}

func compareRounded(t *testing.T, what string, got map[string]float64, want map[string]string) {
	t.Helper()
	for name, w := range want {
		if text := rounded(math.Abs(got[name])); text != w {
			t.Errorf("%s: %s is %v, want %s", what, name, got[name], w)
		}
	}
}

// Alignment is 1 − the best mean over all permutations, tried one by one, with ties
// and zeros among the gates; and it is 0 for permutations of many rules.
func TestAlignment(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for trial := range 300 {
		n := 2 + trial%6
		a := matrix(n, n, func(int, int) float64 {
			if trial%2 == 0 {
				return float64(r.IntN(3)) / 4 // exact sums, many ties
			}
			return r.Float64()
		})
		got := gateMetrics(gated(t, n, n), a)["alignment"]
		want := 1 - best(a, 0, make([]bool, n))/float64(n)
		// Two sums of n numbers up to 1, in any order, and quotient and difference.
		if bound := float64(2*n+4) * 0x1p-53; math.Abs(got-want) > bound {
			t.Fatalf("%v: alignment is %v, want %v to within %.2g", a, got, want, bound)
		}
	}
	for _, n := range []int{32, 100} {
		order := r.Perm(n)
		a := matrix(n, n, func(r, k int) float64 {
			if order[r] == k {
				return 0.5
			}
			return 0.5 / float64(n-1) // all other columns tie
		})
		if got := gateMetrics(gated(t, n, n), a)["alignment"]; math.Abs(got-0.5) > float64(2*n)*0x1p-53 {
			t.Errorf("%d rules: alignment is %v, want 0.5", n, got)
		}
	}
}

// best is the largest sum over rows from r of one element each, of columns that are
// not taken.
func best(a [][]float64, r int, taken []bool) float64 {
	if r == len(a) {
		return 0
	}
	most := math.Inf(-1)
	for k := range taken {
		if !taken[k] {
			taken[k] = true
			most = max(most, a[r][k]+best(a, r+1, taken))
			taken[k] = false
		}
	}
	return most
}
