package asm

// Normals draws the initial weights of several streams at once, if the set has
// a kernel for it, and reports whether it does. Lane l of dst's vector i becomes
// scale[l] times normal number i of the given layer of the stream
// (seeds[l], points[l]) of package random, to the bit. It is for float64 sets,
// and dst must have room for an even number of vectors.
func (k *Kernels[F]) Normals(dst []float64, seeds, points []uint64, scale []float64, layer uint32, count int) bool {
	if k.raw == nil || k.raw.normals == nil {
		return false
	}
	blocks := (count + 1) / 2
	need("dst", dst, 2*blocks*k.Lanes)
	if len(seeds) < k.Lanes || len(points) < k.Lanes {
		panic("asm: there are fewer streams than lanes")
	}
	need("scale", scale, k.Lanes)
	// Calls of 512 normals take some 10 µs; assembly cannot be preempted.
	const most = 256
	for first := 0; first < blocks; first += most {
		k.raw.normals(&dst[2*first*k.Lanes], &seeds[0], &points[0], &scale[0], uintptr(layer), uintptr(first), uintptr(min(most, blocks-first)))
	}
	return true
}
