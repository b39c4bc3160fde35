package asm

import (
	"math"
	"testing"

	"modspec/engine/random"
)

// TestNormals compares with package random to the bit. The far tail, of area
// e⁻²⁵ on either side, holds one normal in 3.6·10¹⁰; see TestFarTail.
func TestNormals(t *testing.T) {
	for _, k := range Sets[float64]() {
		if k.raw == nil || k.raw.normals == nil {
			continue
		}
		const count = 1<<16 + 1
		seeds, points, scale := make([]uint64, k.Lanes), make([]uint64, k.Lanes), make([]float64, k.Lanes)
		for l := range seeds {
			seeds[l], points[l], scale[l] = uint64(l)*0x9E3779B97F4A7C15, ^uint64(l)<<31, 0.01/50*float64(l)
		}
		dst := make([]float64, (count+1)*k.Lanes)
		k.Normals(dst, seeds, points, scale, 257, count)
		want := make([]float64, count)
		for l := range seeds {
			random.Stream{Seed: seeds[l], Point: points[l]}.Normals(want, 257)
			for i := range want {
				if got := dst[i*k.Lanes+l]; math.Float64bits(got) != math.Float64bits(want[i]*scale[l]) {
					t.Fatalf("%s: normal %d of lane %d is %v, want %v", k.Set, i, l, got, want[i]*scale[l])
				}
			}
		}
		return
	}
	t.Skip("no kernel set of this processor and build draws normals")
}

// TestFarTail draws normals beyond 6.66 standard deviations, which a search found
// in the stream (1, 0).
func TestFarTail(t *testing.T) {
	for _, k := range Sets[float64]() {
		if k.raw == nil || k.raw.normals == nil {
			continue
		}
		seeds, points, scale := make([]uint64, k.Lanes), make([]uint64, k.Lanes), make([]float64, k.Lanes)
		for l := range seeds {
			seeds[l], scale[l] = uint64(l), 1
		}
		dst := make([]float64, 2*k.Lanes)
		for _, far := range []struct{ layer, element uint32 }{{30, 1170247716}, {41, 1506906971}, {47, 1648779655}} {
			block := far.element / 2
			k.raw.normals(&dst[0], &seeds[0], &points[0], &scale[0], uintptr(far.layer), uintptr(block), 1)
			for i, got := range dst {
				want := random.Stream{Seed: uint64(i % k.Lanes)}.Normal(far.layer, 2*block+uint32(i/k.Lanes))
				if math.Float64bits(got) != math.Float64bits(want) {
					t.Errorf("normal %d of layer %d, seed %d, is %v, want %v", far.element, far.layer, i%k.Lanes, got, want)
				}
			}
			if z := dst[int(far.element%2)*k.Lanes+1]; math.Abs(z) < 6.66 {
				t.Errorf("normal %d of layer %d is %v, not in the far tail that this test is for", far.element, far.layer, z)
			}
		}
		return
	}
	t.Skip("no kernel set of this processor and build draws normals")
}

func BenchmarkNormals(b *testing.B) {
	for _, k := range Sets[float64]() {
		const count = 1024
		lanes := make([]uint64, k.Lanes)
		dst, scale := make([]float64, count*k.Lanes), make([]float64, k.Lanes)
		if !k.Normals(dst, lanes, lanes, scale, 0, count) {
			continue
		}
		b.Run(k.Set, func(b *testing.B) {
			for b.Loop() {
				k.Normals(dst, lanes, lanes, scale, 0, count)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(count*k.Lanes), "ns/normal")
		})
	}
}
