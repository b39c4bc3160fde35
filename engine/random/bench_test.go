package random

import "testing"

var sink float64

func BenchmarkPhilox(b *testing.B) {
	var block [4]uint32
	for i := range b.N {
		block = Philox([4]uint32{uint32(i)}, [2]uint32{})
	}
	sink = float64(block[0])
}

// BenchmarkNormals reports the time of one normal when a layer is filled.
func BenchmarkNormals(b *testing.B) {
	dst := make([]float64, 4096)
	b.SetBytes(int64(8 * len(dst)))
	for i := range b.N {
		Stream{Seed: 1, Point: uint64(i)}.Normals(dst, 0)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(dst)), "ns/normal")
}

// BenchmarkNormal reports the time of one normal drawn alone.
func BenchmarkNormal(b *testing.B) {
	s := Stream{Seed: 1}
	for i := range b.N {
		sink = s.Normal(0, uint32(i))
	}
}

// BenchmarkNormalTransform reports the time of the transform without Philox.
func BenchmarkNormalTransform(b *testing.B) {
	for i := range b.N {
		sink = Normal(uint64(i) * 0x9E3779B97F4A7C15)
	}
}

func BenchmarkPermutation20000(b *testing.B) {
	for i := range b.N {
		sink = float64(Stream{Seed: 1}.Permutation(20000, uint32(i))[0])
	}
}
