package asm

// A Product is D = C + s∘(A·B) over lanes: for every lane,
//
//	D[i,j] = C[i,j] + s·Σ_k A[i,k]·B[k,j],   i < M, j < N, k < K
//
// The sum runs over k upwards from 0, a multiply-add each; s multiplies it and
// C is added in a rounding of their own. Columns of B, C and D are one vector
// apart; C with CRow = 0 is a row that every row of D starts from.
type Product[F Float] struct {
	M, N, K    int
	D, C, A, B []F
	DRow, CRow int
	ARow, ACol int
	BRow       int
	Scale      []F // s, one vector; nil for 1
}

// maxCall is how many multiply-adds of vectors one call of assembly makes at
// most: it cannot be preempted, and 10⁵ of them take some 20–50 µs.
const maxCall = 100_000

// Product computes a product over lanes.
func (k *Kernels[F]) Product(p *Product[F]) {
	if p.M == 0 || p.N == 0 {
		return
	}
	w := k.Lanes
	need("D", p.D, w*reach(p.M, p.N, p.DRow, 1))
	need("C", p.C, w*reach(p.M, p.N, p.CRow, 1))
	need("A", p.A, w*reach(p.M, p.K, p.ARow, p.ACol))
	need("B", p.B, w*reach(p.K, p.N, p.BRow, 1))
	if p.Scale != nil {
		need("Scale", p.Scale, w)
	}
	if k.raw == nil {
		k.plainProduct(p)
		return
	}
	vector := size[F]() * uintptr(w)
	var a, b, s *F
	if p.K > 0 {
		a, b = &p.A[0], &p.B[0]
	}
	if p.Scale != nil {
		s = &p.Scale[0]
	}
	// Columns are shared out evenly over the fewest tiles; rows only to keep calls
	// short.
	widest := len(k.raw.products)
	tiles := (p.N + widest - 1) / widest
	rows := max(3, maxCall/(max(p.K, 1)*widest)/3*3)
	for t, from := 0, 0; t < tiles; t++ {
		columns := (p.N - from) / (tiles - t)
		product := k.raw.products[columns-1]
		for top := 0; top < p.M; top += rows {
			m := min(rows, p.M-top)
			if p.K > 0 {
				a, b = &p.A[w*top*p.ARow], &p.B[w*from]
			}
			product(&p.D[w*(top*p.DRow+from)], &p.C[w*(top*p.CRow+from)], a, b, s,
				uintptr(m), uintptr(p.K), vector*uintptr(p.DRow), vector*uintptr(p.CRow),
				vector*uintptr(p.ARow), vector*uintptr(p.ACol), vector*uintptr(p.BRow))
		}
		from += columns
	}
}

// plainProduct is the loop that a product equals.
func (k *Kernels[F]) plainProduct(p *Product[F]) {
	w := k.Lanes
	var room [16]F
	sum := room[:w]
	for i := 0; i < p.M; i++ {
		for j := 0; j < p.N; j++ {
			clear(sum)
			for l := 0; l < p.K; l++ {
				a := p.A[w*(i*p.ARow+l*p.ACol):][:w]
				b := p.B[w*(l*p.BRow+j):][:w]
				for x := range sum {
					sum[x] = k.fma(a[x], b[x], sum[x])
				}
			}
			c, d := p.C[w*(i*p.CRow+j):][:w], p.D[w*(i*p.DRow+j):][:w]
			for x := range sum {
				v := sum[x]
				if p.Scale != nil {
					v = F(v * p.Scale[x])
				}
				d[x] = c[x] + v
			}
		}
	}
}
