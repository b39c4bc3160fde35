package asm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// plainTwin is the same set without its assembly: the definition it must equal.
func plainTwin[F Float](k *Kernels[F]) *Kernels[F] {
	twin := *k
	twin.raw = nil
	return &twin
}

// forEachSet runs a test for every set of both precisions.
func forEachSet(t *testing.T, f32 func(*testing.T, *Kernels[float32]), f64 func(*testing.T, *Kernels[float64])) {
	for _, k := range Sets[float32]() {
		t.Run(k.Set+"/float32", func(t *testing.T) { f32(t, k) })
	}
	for _, k := range Sets[float64]() {
		t.Run(k.Set+"/float64", func(t *testing.T) { f64(t, k) })
	}
}

// guard is the number of scalars around a buffer that no kernel may change.
const guard = 64

// A guarded buffer has a known pattern on both sides.
type guarded[F Float] struct{ all, data []F }

func newGuarded[F Float](n, offset int) guarded[F] {
	all := make([]F, n+2*guard+offset)
	for i := range all {
		all[i] = F(i) + 0.5
	}
	return guarded[F]{all, all[guard+offset:][:n:n]}
}

func (g guarded[F]) check(t *testing.T, name string) {
	t.Helper()
	end := len(g.all) - guard
	for i, v := range g.all {
		if (i < end-len(g.data) || i >= end) && v != F(i)+0.5 {
			t.Fatalf("%s: scalar %d outside of it was changed", name, i)
		}
	}
}

// numbers fills a slice with values of many magnitudes; one lane in seven has
// infinities, NaN and subnormal numbers among them.
func numbers[F Float](r *rand.Rand, n, lanes int) []F {
	list := make([]F, n)
	for i := range list {
		list[i] = F(r.NormFloat64() * math.Exp(4*r.NormFloat64()))
		if i%lanes%7 == 6 {
			switch r.IntN(6) {
			case 0:
				list[i] = F(math.Inf(1 - 2*r.IntN(2)))
			case 1:
				list[i] = F(math.NaN())
			case 2:
				list[i] = F(math.Ldexp(r.NormFloat64(), -140))
			}
		}
	}
	return list
}

// same fails unless a and b have the same bits (any NaN equals any other).
func same[F Float](t *testing.T, name string, got, want []F) {
	t.Helper()
	for i := range want {
		g, w := float64(got[i]), float64(want[i])
		if math.Float64bits(g) != math.Float64bits(w) && !(math.IsNaN(g) && math.IsNaN(w)) {
			t.Fatalf("%s: scalar %d is %v, but the plain loop gives %v", name, i, got[i], want[i])
		}
	}
}

func TestProduct(t *testing.T) {
	forEachSet(t, testProduct[float32], testProduct[float64])
}

func testProduct[F Float](t *testing.T, k *Kernels[F]) {
	r := rand.New(rand.NewPCG(1, 2))
	twin := plainTwin(k)
	w := k.Lanes
	for m := 0; m <= 8; m++ {
		for n := 0; n <= 20; n++ {
			for _, depth := range []int{0, 1, 2, 7} {
				offset := r.IntN(3)
				name := fmt.Sprintf("%d×%d, depth %d", m, n, depth)
				p := Product[F]{M: m, N: n, K: depth, DRow: n + r.IntN(2), CRow: n, ARow: depth + 1, ACol: 1, BRow: n + 1}
				if r.IntN(2) == 0 {
					p.ARow, p.ACol = 1, m+1
				}
				if r.IntN(3) == 0 {
					p.CRow = 0
				}
				p.A = numbers[F](r, w*(m+2)*(depth+2), w)
				p.B = numbers[F](r, w*(depth+1)*(n+1), w)
				p.C = numbers[F](r, w*(m+1)*n+w, w)
				if r.IntN(2) == 0 {
					p.Scale = numbers[F](r, w, w)
				}
				got, want := newGuarded[F](w*(m*p.DRow+1), offset), newGuarded[F](w*(m*p.DRow+1), offset)
				p.D = got.data
				k.Product(&p)
				p.D = want.data
				twin.Product(&p)
				same(t, name, got.data, want.data)
				got.check(t, name)
			}
		}
	}
}

func TestElementwise(t *testing.T) {
	forEachSet(t, testElementwise[float32], testElementwise[float64])
}

func testElementwise[F Float](t *testing.T, k *Kernels[F]) {
	r := rand.New(rand.NewPCG(3, 4))
	twin := plainTwin(k)
	w := k.Lanes
	for rows := 0; rows <= 5; rows++ {
		for cols := 0; cols <= 10; cols++ {
			n := w * rows * cols
			name := fmt.Sprintf("%d×%d", rows, cols)
			a, m, b := numbers[F](r, n, w), numbers[F](r, n, w), numbers[F](r, w*cols, w)
			norm := numbers[F](r, w, w)
			run := func(k *Kernels[F]) (out []guarded[F]) {
				for range 6 {
					out = append(out, newGuarded[F](n, 1))
				}
				out = append(out, newGuarded[F](w, 0), newGuarded[F](w, 0), newGuarded[F](w, 0))
				for _, g := range out[6:] {
					copy(g.data, norm)
				}
				k.Residual(out[0].data, out[1].data, m, a, b, out[6].data, rows, cols, rows)
				k.Residual(out[2].data, nil, m, a, b, out[6].data, rows, cols, 0)
				copy(out[3].data, m)
				k.Relax(out[3].data, a, b, out[7].data, rows, cols)
				k.Combine(out[4].data, a, norm, m)
				k.SumSquares(out[8].data, m)
				k.Rearrange(out[5].data, m, rows, cols, 1, rows, cols, 1)
				return out
			}
			got, want := run(k), run(twin)
			for i := range got {
				same(t, fmt.Sprintf("%s, result %d", name, i), got[i].data, want[i].data)
				got[i].check(t, name)
			}
			same(t, name+" transposed", got[0].data, got[2].data)
		}
	}
}

// TestRelaxEndsAtZero checks that a decaying weight does not stay in the
// subnormal numbers.
func TestRelaxEndsAtZero(t *testing.T) {
	forEachSet(t, testRelaxEndsAtZero[float32], testRelaxEndsAtZero[float64])
}

func testRelaxEndsAtZero[F Float](t *testing.T, k *Kernels[F]) {
	w, a, b, norm := make([]F, k.Lanes), make([]F, k.Lanes), make([]F, k.Lanes), make([]F, k.Lanes)
	for l := range w {
		w[l], b[l] = 1, 0.5
	}
	for range 2000 {
		k.Relax(w, a, b, norm, 1, 1)
		if v := w[0]; v != 0 && v < k.smallest {
			t.Fatalf("the weight is %v, below the smallest normal number %v and not 0", v, k.smallest)
		}
	}
	if w[0] != 0 {
		t.Fatalf("the weight is %v after 2000 halvings, want 0", w[0])
	}
}

func TestTile(t *testing.T) {
	forEachSet(t, testTile[float32], testTile[float64])
}

func testTile[F Float](t *testing.T, k *Kernels[F]) {
	r := rand.New(rand.NewPCG(5, 6))
	rows, cols := k.TileRows, k.TileColumns
	for _, depth := range []int{0, 1, 5, 33} {
		a, b := numbers[F](r, depth*rows, 1<<30), numbers[F](r, depth*cols, 1<<30)
		c := numbers[F](r, rows*(cols+3), 1<<30)
		for _, cRow := range []int{0, cols + 3} {
			dRow := cols + 1
			got, want := newGuarded[F](rows*dRow, 3), newGuarded[F](rows*dRow, 3)
			k.Tile(got.data, c, a, b, 0.7, depth, dRow, cRow)
			plainTwin(k).Tile(want.data, c, a, b, 0.7, depth, dRow, cRow)
			same(t, fmt.Sprint("depth ", depth), got.data, want.data)
			got.check(t, "tile")
		}
	}
}
