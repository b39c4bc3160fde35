package results

import (
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/cpu"
	"gonum.org/v1/gonum/floats"
)

// join is a product and a sum of numbers in registers, which the compiler neither
// knows nor takes from memory: a product with memory is not joined with a sum.
//
//go:noinline
func join(x, y, z float64) float64 { return x*y + z }

// TestArithmeticIsWhatTheBuildComputes: builds whose results differ in the last bits
// went on in each other's folders. The name must say how this build computes.
func TestArithmeticIsWhatTheBuildComputes(t *testing.T) {
	name := Arithmetic()
	if arch, _, _ := strings.Cut(name, "-"); arch != runtime.GOARCH {
		t.Errorf("%q is no name for %s", name, runtime.GOARCH)
	}
	if runtime.GOARCH != "amd64" {
		t.Skip("the other parts of a name are of amd64")
	}
	// (1+2⁻³⁰)² has a last bit of 2⁻⁶⁰, which a rounding of the product's own drops.
	if fused := join(1+0x1p-30, 1+0x1p-30, -1-0x1p-29) != 0; fused != strings.Contains(name, "-v3") {
		t.Errorf("%q, but products and sums are joined: %v", name, fused)
	}
	// One after the other the ones are lost in 2⁵³; assembly sums them beside it.
	list := []float64{0x1p53, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}
	sum := floats.Sum(list)
	if plain := sum == 0x1p53; plain != strings.Contains(name, "-noasm") {
		t.Errorf("%q, but gonum's sum is %v", name, sum)
	}
	if fma := cpu.X86.HasAVX && cpu.X86.HasFMA; fma == strings.Contains(name, "-nofma") {
		t.Errorf("%q, but the processor has fused multiply-adds: %v", name, fma)
	}
}

// Folders of before the arithmetic was recorded are taken for the usual build's.
func TestArithmeticOfOlderFolders(t *testing.T) {
	for _, c := range []struct {
		p    Provenance
		want string
	}{
		{Provenance{Platform: "linux/amd64"}, "amd64"},
		{Provenance{Platform: "darwin/arm64"}, "arm64"},
		{Provenance{Platform: "linux/amd64", Arithmetic: "amd64-v3"}, "amd64-v3"},
	} {
		if got := c.p.ArithmeticName(); got != c.want {
			t.Errorf("%+v has arithmetic %q, want %q", c.p, got, c.want)
		}
	}
}
