package asm

// Sets returns the kernel sets that this processor can run, fastest first. The
// last is always plain Go.
func Sets[F Float]() []*Kernels[F] { return append(assembly[F](), plain[F]()) }

// plain returns the plain-Go set. Its vectors are as wide as AVX2's: wide enough
// to share the cost of a loop, and no wider than copies are often few.
func plain[F Float]() *Kernels[F] {
	k := any(&Kernels[float32]{Set: "go", Lanes: 8, TileRows: 4, TileColumns: 8, smallest: 0x1p-126, fma: fma32, mathematics: mathematics32})
	if _, double := any(F(0)).(float64); double {
		k = &Kernels[float64]{Set: "go", Lanes: 4, TileRows: 4, TileColumns: 8, smallest: 0x1p-1022, fma: fma64, mathematics: mathematics64}
	}
	return k.(*Kernels[F])
}
