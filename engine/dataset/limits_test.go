package dataset_test

import (
	"math"
	"strings"
	"testing"

	"modspec/engine/dataset"
)

// Matrices past the limit are refused before anything of their size is made,
// and the message says how large they would be and what to do instead.
func TestMatricesPastTheLimitAreRefused(t *testing.T) {
	point := func(kx, ky int) dataset.Point { return dataset.NewPoint(12, 12, 3, kx, ky, 1) }
	correlations := func(p dataset.Point) error { _, err := p.Correlations(nil); return err }
	outputs := func(p dataset.Point) error { _, err := p.OutputCorrelations(nil); return err }
	x := func(p dataset.Point) error { _, err := p.X(); return err }
	y := func(p dataset.Point) error { _, err := p.Y(); return err }
	reduce := func(p dataset.Point) error { _, err := p.Reduce(nil); return err }
	for _, c := range []struct {
		name  string
		make  func(dataset.Point) error
		point dataset.Point
		want  string
	}{
		{"correlations", correlations, point(3, 1), "Σ_x would have 12300 × 12300 elements (1.1 GiB), more than the 1 GiB that is formed at once; use fewer bits or copies, or the reduced input"},
		{"output correlations", outputs, point(0, 3), "Σ_y would have 12291 × 12291 elements"},
		{"correlations", correlations, point(1024, 1024), "Σ_x would have 4194316 × 4194316 elements (131072.8 GiB)"},
		{"X", x, point(8, 1), "X would have 32780 × 4096 elements"},
		{"Y", y, point(1, 8), "Y would have 32771 × 4096 elements"},
		{"reduce", reduce, point(8, 1), "Q would have 32780 × 4096 elements"},
		{"reduce", reduce, point(1, 8), "Σ_yx·Q would have 32771 × 4096 elements"},
	} {
		if err := c.make(c.point); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s of %v: the error is %v, want one with %q", c.name, c.point, err, c.want)
		}
	}
}

// The reduced input still exists where Σ_x is refused. Some of its columns are
// compared with their closed forms: entries ±1/√P·r/√μ in Γ_x, √P/√μ at the bit.
func TestReducedInputOfTheLargestCube(t *testing.T) {
	if testing.Short() {
		t.Skip("forms half a gigabyte")
	}
	p := dataset.NewPoint(12, 12, 3, 3, 0, 2)
	red, err := p.Reduce(nil)
	if err != nil {
		t.Fatal(err)
	}
	total := p.Examples()
	if rho := len(red.D); rho != total {
		t.Fatalf("ρ is %d, want P = %d", rho, total)
	}
	for _, set := range []uint{0, 1, 1 << 11, 0b11, 0xfff} {
		mu, at := 3*2*2., math.NaN()
		for bit := range 12 {
			if set == 1<<bit {
				mu, at = mu+float64(total), float64(bit)
			}
		}
		for i := range p.Inputs() {
			want := 0.0
			switch {
			case float64(i) == at:
				want = math.Sqrt(float64(total) / mu)
			case i >= 12:
				want = p.R * p.Walsh(set, (i-12)%total) / math.Sqrt(float64(total)*mu)
			}
			// P is a square here, so Ω·w sums exactly and few roundings remain.
			if got := red.Q.At(i, int(set)); math.Abs(got-want) > gamma(8)*math.Abs(want) {
				t.Fatalf("Q[%d, %012b] = %v, want %v", i, set, got, want)
			}
		}
		if d := mu / float64(total); red.D[set] != d {
			t.Errorf("D[%012b] = %v, want %v", set, red.D[set], d)
		}
	}
}
