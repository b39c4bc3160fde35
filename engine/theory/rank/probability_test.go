package rank

import (
	"context"
	"fmt"
	"testing"
)

func TestProbabilitiesAtTheEdges(t *testing.T) {
	for n := 1; n <= 12; n++ {
		p := 1 << n
		columns := []int{0, n - 1, n, p / 2, p/2 + 1, p}
		result, err := Probabilities(context.Background(), n, columns, Options{Samples: 200})
		if err != nil {
			t.Fatal(err)
		}
		if len(result) != len(columns) {
			t.Fatalf("%d bits: %d results, want %d", n, len(result), len(columns))
		}
		for i, r := range result {
			if r.Columns != columns[i] {
				t.Errorf("%d bits: result %d is for %d columns, want %d", n, i, r.Columns, columns[i])
			}
			if !(0 <= r.Low && r.Low <= r.Probability && r.Probability <= r.High && r.High <= 1) {
				t.Errorf("%d bits, %d columns: %v is not inside [%v, %v]", n, r.Columns, r.Probability, r.Low, r.High)
			}
			certain := r.Columns < n || r.Columns > p/2
			if r.Exact != (certain || n <= exactBits) {
				t.Errorf("%d bits, %d columns: Exact is %v", n, r.Columns, r.Exact)
			}
			if r.Exact && (r.Low != r.Probability || r.High != r.Probability) {
				t.Errorf("%d bits, %d columns: exact with an interval [%v, %v]", n, r.Columns, r.Low, r.High)
			}
			switch {
			case r.Columns < n && r.Probability != 0:
				t.Errorf("%d bits, %d columns: probability %v, want 0", n, r.Columns, r.Probability)
			case r.Columns > p/2 && r.Probability != 1:
				t.Errorf("%d bits, %d columns: probability %v, want 1", n, r.Columns, r.Probability)
			}
		}
	}
}

// More columns never lower the rank, so the probability grows with m. Exact
// fractions are rounded monotonically, and one set of draws serves every m.
func TestProbabilitiesGrow(t *testing.T) {
	for _, n := range []int{4, 6, 8} {
		columns := make([]int, 1<<n+1)
		for m := range columns {
			columns[m] = m
		}
		result, err := Probabilities(context.Background(), n, columns, Options{Samples: 2000})
		if err != nil {
			t.Fatal(err)
		}
		for m := 1; m < len(result); m++ {
			if result[m].Probability < result[m-1].Probability {
				t.Errorf("%d bits: %v at %d columns, %v at %d", n, result[m-1].Probability, m-1, result[m].Probability, m)
			}
		}
	}
}

func TestProbabilitiesWithoutColumns(t *testing.T) {
	result, err := Probabilities(context.Background(), 3, nil, Options{})
	if err != nil || len(result) != 0 {
		t.Errorf("%v, %v, want nothing and no error", result, err)
	}
}

func TestProbabilitiesRefuseBadInput(t *testing.T) {
	for name, call := range map[string]struct {
		bits    int
		columns []int
		options Options
	}{
		"no bits":          {0, nil, Options{}},
		"13 bits":          {13, nil, Options{}},
		"negative columns": {3, []int{4, -1}, Options{}},
		"9 columns of 8":   {3, []int{9}, Options{}},
		"negative samples": {8, []int{9}, Options{Samples: -1}},
		"too many samples": {8, []int{9}, Options{Samples: 1<<31 + 1}},
	} {
		if result, err := Probabilities(context.Background(), call.bits, call.columns, call.options); err == nil {
			t.Errorf("%s: %v and no error", name, result)
		}
	}
}

// How likely do three to five of the eight examples of three bits teach the
// whole compositional map?
func ExampleProbabilities() {
	result, err := Probabilities(context.Background(), 3, []int{2, 3, 4, 5}, Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range result {
		fmt.Printf("%d columns: %.4f, exact %v\n", r.Columns, r.Probability, r.Exact)
	}
	// Output:
	// 2 columns: 0.0000, exact true
	// 3 columns: 0.5714, exact true
	// 4 columns: 0.9143, exact true
	// 5 columns: 1.0000, exact true
}

// ExampleProbabilities_sampled shows an estimate with its interval.
func ExampleProbabilities_sampled() {
	options := Options{Samples: 10_000, Seed: 1}
	result, err := Probabilities(context.Background(), 8, []int{10}, options)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f in [%.3f, %.3f], exact %v\n", result[0].Probability, result[0].Low, result[0].High, result[0].Exact)
	// Output: 0.922 in [0.917, 0.928], exact false
}
