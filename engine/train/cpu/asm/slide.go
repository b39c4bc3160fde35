package asm

// Sliding is what Slide sums over: Outer times Inner products, of which the
// inner ones lie a step apart and the outer ones a stride. Strides are in
// scalars and may overlap, so that rows can be windows sliding over one image.
type Sliding struct {
	Outer, Inner        int
	ARow, AStep, AOuter int // of a: from row to row, from product to product, from sum to sum
	BStep, BOuter       int // of b, likewise
	DRow, CRow          int // of d and c, from row to row
}

// Slide computes rows × columns vectors of scalars (at most TileRows × 2),
//
//	d[i,j] = c[i,j] + s·Σ_o Σ_l a[i·ARow + o·AOuter + l·AStep]·b[o·BOuter + l·BStep + j]
//
// over o < Outer and l < Inner, upwards, a multiply-add each, then s and then c in
// a rounding of their own. It is a convolution without anything being copied
// together first: where rows are neighbouring places of an image that holds its
// channels side by side, ARow is the number of channels, and a kernel's row is one
// inner sum. d may be c, and c with CRow = 0 is a row that every row of d starts
// from.
func (k *Kernels[F]) Slide(d, c, a, b []F, s F, rows, columns int, z *Sliding) {
	if rows < 1 || columns < 1 {
		return
	}
	k.needSlide(d, c, a, b, rows, columns, z)
	if k.Slides() {
		k.rawSlide(d, c, a, b, s, rows, columns, z)
		return
	}
	k.plainSlide(d, c, a, b, s, rows, columns, z)
}

// SlideRows is Slide for any number of rows and vectors of columns, tile by tile.
func (k *Kernels[F]) SlideRows(d, c, a, b []F, s F, rows, columns int, z *Sliding) {
	if rows < 1 || columns < 1 {
		return
	}
	k.needSlide(d, c, a, b, rows, columns, z)
	if !k.Slides() {
		k.plainSlide(d, c, a, b, s, rows, columns, z)
		return
	}
	for top := 0; top < rows; top += k.TileRows {
		for j := 0; j < columns; j += 2 {
			at := j * k.Lanes
			k.rawSlide(d[top*z.DRow+at:], c[top*z.CRow+at:], a[top*z.ARow:], b[at:], s, min(k.TileRows, rows-top), min(2, columns-j), z)
		}
	}
}

func (k *Kernels[F]) needSlide(d, c, a, b []F, rows, columns int, z *Sliding) {
	width := columns * k.Lanes
	need("d", d, (rows-1)*z.DRow+width)
	need("c", c, (rows-1)*z.CRow+width)
	if z.Outer > 0 && z.Inner > 0 {
		need("a", a, (rows-1)*z.ARow+(z.Outer-1)*z.AOuter+(z.Inner-1)*z.AStep+1)
		need("b", b, (z.Outer-1)*z.BOuter+(z.Inner-1)*z.BStep+width)
	}
}

// rawSlide calls the assembly for a tile.
func (k *Kernels[F]) rawSlide(d, c, a, b []F, s F, rows, columns int, z *Sliding) {
	var pa, pb *F
	outer := z.Outer
	if z.Outer > 0 && z.Inner > 0 {
		pa, pb = &a[0], &b[0]
	} else {
		outer = 0
	}
	scale := int(size[F]())
	k.raw.slide[columns-1][rows-1](&d[0], &c[0], pa, pb, s, uintptr(outer), uintptr(z.Inner),
		uintptr(z.ARow*scale), uintptr(z.AStep*scale), uintptr((z.AOuter-z.Inner*z.AStep)*scale),
		uintptr(z.BStep*scale), uintptr((z.BOuter-z.Inner*z.BStep)*scale), uintptr(z.DRow*scale), uintptr(z.CRow*scale))
}

// plainSlide is the loop that a tile equals.
func (k *Kernels[F]) plainSlide(d, c, a, b []F, s F, rows, columns int, z *Sliding) {
	width := columns * k.Lanes
	sums := make([]F, width)
	for i := range rows {
		clear(sums)
		for o := range z.Outer {
			for l := range z.Inner {
				x := a[i*z.ARow+o*z.AOuter+l*z.AStep]
				for j, v := range b[o*z.BOuter+l*z.BStep:][:width] {
					sums[j] = k.fma(x, v, sums[j])
				}
			}
		}
		for j, sum := range sums {
			d[i*z.DRow+j] = c[i*z.CRow+j] + F(sum*s)
		}
	}
}

// Slides reports whether Slide is as fast as other kernels: in float32, by assembly.
func (k *Kernels[F]) Slides() bool { return k.raw != nil && k.raw.slide[0] != nil }
