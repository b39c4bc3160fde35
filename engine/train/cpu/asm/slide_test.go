package asm

import (
	"math/rand/v2"
	"testing"
)

// Every size of tile equals the plain loop bit by bit, with windows that overlap,
// strides of all kinds and sums without terms.
func TestSlide(t *testing.T) {
	forEachSet(t, testSlide[float32], testSlide[float64])
}

func testSlide[F Float](t *testing.T, k *Kernels[F]) {
	r := rand.New(rand.NewPCG(5, 6))
	for rows := 1; rows <= k.TileRows; rows++ {
		for columns := 1; columns <= 2; columns++ {
			for _, z := range []Sliding{
				{Outer: 1, Inner: 1, ARow: 1, AStep: 1, BStep: columns * k.Lanes},
				{Outer: 3, Inner: 5, ARow: 2, AStep: 1, AOuter: 40, BStep: columns * k.Lanes, BOuter: 7 * columns * k.Lanes},
				{Outer: 2, Inner: 7, ARow: 1, AStep: 33, AOuter: 3, BStep: 3 * k.Lanes, BOuter: 1},
				{Outer: 4, Inner: 1, ARow: 0, AStep: 9, AOuter: 2, BStep: 5, BOuter: columns * k.Lanes},
				{Outer: 0, Inner: 3, ARow: 1, AStep: 1, BStep: 1},
				{Outer: 3, Inner: 0, ARow: 1, AStep: 1, AOuter: 2, BStep: 1, BOuter: 2},
			} {
				for _, cRow := range []int{0, columns*k.Lanes + 3} {
					z.DRow, z.CRow = columns*k.Lanes+5, cRow
					width := columns * k.Lanes
					a := newGuarded[F](max(1, (rows-1)*z.ARow+max(0, z.Outer-1)*z.AOuter+max(0, z.Inner-1)*z.AStep+1), 1)
					b := newGuarded[F](max(0, z.Outer-1)*z.BOuter+max(0, z.Inner-1)*z.BStep+width, 3)
					c := newGuarded[F]((rows-1)*z.CRow+width, 2)
					d := newGuarded[F]((rows-1)*z.DRow+width, 7)
					want := newGuarded[F](len(d.data), 7)
					copy(a.data, numbers[F](r, len(a.data), k.Lanes))
					copy(b.data, numbers[F](r, len(b.data), k.Lanes))
					copy(c.data, numbers[F](r, len(c.data), k.Lanes))
					for i := range d.data {
						d.data[i], want.data[i] = -1, -1
					}
					k.Slide(d.data, c.data, a.data, b.data, 0.3, rows, columns, &z)
					plainTwin(k).Slide(want.data, c.data, a.data, b.data, 0.3, rows, columns, &z)
					same(t, "Slide", d.data, want.data)
					for name, g := range map[string]guarded[F]{"a": a, "b": b, "c": c, "d": d} {
						g.check(t, name)
					}
				}
			}
		}
	}
}

// Many tiles equal the plain loop too.
func TestSlideRows(t *testing.T) {
	forEachSet(t, testSlideRows[float32], testSlideRows[float64])
}

func testSlideRows[F Float](t *testing.T, k *Kernels[F]) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, rows := range []int{1, k.TileRows, k.TileRows + 1, 3*k.TileRows - 1} {
		for columns := 1; columns <= 5; columns++ {
			width := columns * k.Lanes
			z := Sliding{Outer: 1, Inner: 6, ARow: 9, AStep: 1, BStep: width + 2, DRow: width + 3, CRow: width}
			a := newGuarded[F]((rows-1)*z.ARow+z.Inner, 1)
			b := newGuarded[F]((z.Inner-1)*z.BStep+width, 3)
			c := newGuarded[F](rows*width, 2)
			d := newGuarded[F]((rows-1)*z.DRow+width, 7)
			want := newGuarded[F](len(d.data), 7)
			for _, x := range []guarded[F]{a, b, c} {
				copy(x.data, numbers[F](r, len(x.data), k.Lanes))
			}
			for i := range d.data {
				d.data[i], want.data[i] = -1, -1
			}
			k.SlideRows(d.data, c.data, a.data, b.data, 0.3, rows, columns, &z)
			plainTwin(k).Slide(want.data, c.data, a.data, b.data, 0.3, rows, columns, &z)
			same(t, "SlideRows", d.data, want.data)
			for name, g := range map[string]guarded[F]{"a": a, "b": b, "c": c, "d": d} {
				g.check(t, name)
			}
		}
	}
}

func TestSlideInPlace(t *testing.T) {
	for _, k := range Sets[float32]() {
		d := make([]float32, 4*k.Lanes)
		for i := range d {
			d[i] = float32(i)
		}
		a, b := []float32{2, 3}, make([]float32, 2*k.Lanes)
		for i := range b {
			b[i] = 1
		}
		k.Slide(d, d, a, b, -1, 2, 2, &Sliding{Outer: 1, Inner: 1, ARow: 1, DRow: 2 * k.Lanes, CRow: 2 * k.Lanes})
		for i, v := range d {
			if want := float32(i) - a[i/(2*k.Lanes)]; v != want {
				t.Fatalf("%s: element %d is %v, want %v", k.Set, i, v, want)
			}
		}
		k.Slide(nil, nil, nil, nil, 1, 0, 1, &Sliding{}) // nothing to do
	}
}

func BenchmarkSlide(b *testing.B) {
	for _, k := range Sets[float32]() {
		for columns := 1; columns <= 2; columns++ {
			b.Run(k.Set+map[int]string{1: "/one vector", 2: "/two vectors"}[columns], func(b *testing.B) {
				// A row of 14 places of the paper's second convolution.
				width := columns * k.Lanes
				in := make([]float32, 58*20*width)
				weights := make([]float32, 7*21*width*width)
				out := make([]float32, 14*width)
				z := Sliding{Outer: 7, Inner: 21 * width, ARow: width, AStep: 1, AOuter: 58 * width, BStep: width, BOuter: 21 * width * width, DRow: width, CRow: width}
				for b.Loop() {
					k.Slide(out, out, in, weights, 1, k.TileRows, columns, &z)
				}
				flops := 2 * float64(k.TileRows*width*7*21*width)
				b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
