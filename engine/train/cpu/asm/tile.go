package asm

// Tile computes one tile of a packed product, TileRows × TileColumns scalars,
//
//	d[i,j] = c[i,j] + s·Σ_l a[l·TileRows + i]·b[l·TileColumns + j],   l < n
//
// the sum over l upwards from 0, a multiply-add each, then s and then c in a
// rounding of their own. Strides dRow and cRow are in scalars; d may be c, and
// c with cRow = 0 is a row that every row of d starts from.
func (k *Kernels[F]) Tile(d, c, a, b []F, s F, n, dRow, cRow int) {
	rows, cols := k.TileRows, k.TileColumns
	need("d", d, (rows-1)*dRow+cols)
	need("c", c, (rows-1)*cRow+cols)
	need("a", a, n*rows)
	need("b", b, n*cols)
	if k.raw != nil {
		var pa, pb *F
		if n > 0 {
			pa, pb = &a[0], &b[0]
		}
		k.raw.tile(&d[0], &c[0], pa, pb, s, uintptr(n), size[F]()*uintptr(dRow), size[F]()*uintptr(cRow))
		return
	}
	for i := 0; i < rows; i++ {
		for j := 0; j < cols; j++ {
			sum := F(0)
			for l := 0; l < n; l++ {
				sum = k.fma(a[l*rows+i], b[l*cols+j], sum)
			}
			d[i*dRow+j] = c[i*cRow+j] + F(sum*s)
		}
	}
}

// probeChains is the number of multiply-adds of vectors in a turn of the probe.
const probeChains = 12

// Probe makes turns × 12 independent multiply-adds of vectors and nothing else,
// and returns how many multiply-adds of scalars that were: timed, it gives the
// peak that a kernel's speed is a share of. In plain Go it makes as many with
// the set's own multiply-add.
func (k *Kernels[F]) Probe(turns int) int {
	if turns < 1 {
		return 0
	}
	x := make([]F, k.Lanes)
	for i := range x {
		x[i] = 0.5
	}
	if k.raw != nil {
		k.raw.probe(&x[0], uintptr(turns))
	} else {
		for range turns * probeChains {
			for i := range x {
				x[i] = k.fma(x[i], x[i], 0.25)
			}
		}
	}
	return turns * probeChains * k.Lanes
}
