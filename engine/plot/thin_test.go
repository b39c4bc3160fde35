package plot

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/plot/vg"
)

func TestThinnedLeavesShortLinesAlone(t *testing.T) {
	line := []vg.Point{{X: 0, Y: 0}, {X: 0, Y: 1}, {X: 0, Y: 0.5}, {X: 0, Y: 0.2}}
	if got := thinned(line); !slices.Equal(got, line) {
		t.Errorf("%v became %v", line, got)
	}
}

// Thinning must keep the extremes of every column of pixels, hence what can be
// seen, in the order drawn and without inventing a point.
func TestThinnedKeepsWhatIsSeen(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	const n = 100_000
	line := make([]vg.Point, n)
	for i := range line {
		line[i] = vg.Point{X: vg.Length(i) * 180 / n, Y: vg.Length(r.NormFloat64())}
	}
	got := thinned(line)
	if len(got) > mostVertices || len(got) < 100 {
		t.Fatalf("%d vertices, want at most %d and enough to see", len(got), mostVertices)
	}
	if got[0] != line[0] || got[len(got)-1] != line[n-1] {
		t.Error("the ends moved")
	}
	extremes := func(line []vg.Point) map[int][2]vg.Length {
		m := make(map[int][2]vg.Length)
		for _, p := range line {
			e, ok := m[columnOf(p)]
			if !ok {
				e = [2]vg.Length{p.Y, p.Y}
			}
			m[columnOf(p)] = [2]vg.Length{min(e[0], p.Y), max(e[1], p.Y)}
		}
		return m
	}
	want, have := extremes(line), extremes(got)
	for column, e := range want {
		if have[column] != e {
			t.Fatalf("column %d spans %v, want %v", column, have[column], e)
		}
	}
	at := make(map[vg.Point]int, n)
	for i, p := range line {
		at[p] = i
	}
	last := -1
	for _, p := range got {
		i, ok := at[p]
		if !ok || i <= last {
			t.Fatalf("vertex %v is invented or out of order", p)
		}
		last = i
	}
}

func TestThinnedBoundsALineWithoutOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	line := make([]vg.Point, 50_000)
	for i := range line {
		line[i] = vg.Point{X: vg.Length(r.Float64() * 180), Y: vg.Length(r.Float64() * 100)}
	}
	got := thinned(line)
	if len(got) > mostVertices {
		t.Fatalf("%d vertices, want at most %d", len(got), mostVertices)
	}
	for _, coordinate := range []func(vg.Point) float64{
		func(p vg.Point) float64 { return float64(p.X) },
		func(p vg.Point) float64 { return float64(p.Y) },
	} {
		span := func(line []vg.Point) (lo, hi float64) {
			lo, hi = math.Inf(1), math.Inf(-1)
			for _, p := range line {
				lo, hi = min(lo, coordinate(p)), max(hi, coordinate(p))
			}
			return
		}
		lo, hi := span(line)
		if l, h := span(got); l != lo || h != hi {
			t.Errorf("spans %g to %g, want %g to %g", l, h, lo, hi)
		}
	}
}
