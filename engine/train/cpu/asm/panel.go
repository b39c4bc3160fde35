package asm

// A Panel is a product of which the second factor is one or two vectors wide:
//
//	d[i,j] = max(Low, c[i,j] + Σ_l a[i,l]·b[l,j]),   i < Rows, l < Inner, j < Vectors·Lanes
//
// The sum starts from c and runs over l upwards, a multiply-add each. Elements of b,
// c and d in a row are neighbours. C with CRow = 0 is a row that every row starts
// from. Strides are in scalars. Where DRow is less than the width, later rows
// overwrite what earlier ones wrote beyond theirs; c then may not be d. NaN is kept
// by the maximum, and −∞ is no limit.
type Panel[F Float] struct {
	Rows, Inner, Vectors int
	D, C, A, B           []F
	DRow, CRow           int
	ARow, AStep          int // of a: from row to row, from product to product
	BRow                 int
	Low                  F
}

// Panel computes a panel of a product.
func (k *Kernels[F]) Panel(p *Panel[F]) {
	if p.Rows < 1 {
		return
	}
	width := p.Vectors * k.Lanes
	need("D", p.D, (p.Rows-1)*p.DRow+width)
	need("C", p.C, (p.Rows-1)*p.CRow+width)
	if p.Inner > 0 {
		need("A", p.A, reach(p.Rows, p.Inner, p.ARow, p.AStep))
		need("B", p.B, (p.Inner-1)*p.BRow+width)
	}
	if k.raw == nil || k.raw.panel[0] == nil {
		k.plainPanel(p)
		return
	}
	// Calls of whole tiles, short because assembly cannot be preempted.
	rows := max(1, maxCall/(max(p.Inner, 1)*p.Vectors*k.TileRows)) * k.TileRows
	scale := size[F]()
	for top := 0; top < p.Rows; top += rows {
		var a, b *F
		if p.Inner > 0 {
			a, b = &p.A[top*p.ARow], &p.B[0]
		}
		k.raw.panel[p.Vectors-1](&p.D[top*p.DRow], &p.C[top*p.CRow], a, b, p.Low, uintptr(min(rows, p.Rows-top)), uintptr(p.Inner),
			scale*uintptr(p.DRow), scale*uintptr(p.CRow), scale*uintptr(p.ARow), scale*uintptr(p.AStep), scale*uintptr(p.BRow))
	}
}

// plainPanel is the loop that a panel equals.
func (k *Kernels[F]) plainPanel(p *Panel[F]) {
	width := p.Vectors * k.Lanes
	var room [64]F
	sums := room[:width]
	for i := range p.Rows {
		copy(sums, p.C[i*p.CRow:])
		for l := range p.Inner {
			x := p.A[i*p.ARow+l*p.AStep]
			for j, v := range p.B[l*p.BRow:][:width] {
				sums[j] = k.fma(x, v, sums[j])
			}
		}
		for j, v := range sums {
			if p.Low > v {
				v = p.Low
			}
			p.D[i*p.DRow+j] = v
		}
	}
}
