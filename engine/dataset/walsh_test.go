package dataset_test

import (
	"testing"

	"modspec/engine/dataset"
)

// The P Walsh functions are ±1 and orthogonal. Their inner products are sums of
// whole numbers, so the test is exact.
func TestWalshFunctionsAreOrthogonal(t *testing.T) {
	for bits := dataset.MinBits; bits <= 6; bits++ {
		p := dataset.NewPoint(bits, bits, 0, 0, 1, 1)
		total := p.Examples()
		for a := range total {
			for b := a; b < total; b++ {
				sum := 0.0
				for e := range total {
					sum += p.Walsh(uint(a), e) * p.Walsh(uint(b), e)
				}
				want := 0.0
				if a == b {
					want = float64(total)
				}
				if sum != want {
					t.Fatalf("bits %d: ⟨w_%b, w_%b⟩ = %v, want %v", bits, a, b, sum, want)
				}
			}
		}
	}
}

// A Walsh function is the product of the rows of Ω in its set; the empty one is 1.
func TestWalshIsTheProductOfItsRows(t *testing.T) {
	p := dataset.NewPoint(4, 4, 0, 0, 1, 1)
	for set := uint(0); set < 16; set++ {
		for e := range 16 {
			want := 1.0
			for row := range 4 {
				if set&(1<<row) != 0 {
					want *= pattern(4, row, e)
				}
			}
			if got := p.Walsh(set, e); got != want {
				t.Errorf("Walsh(%04b, %d) = %v, want %v", set, e, got, want)
			}
		}
	}
}
