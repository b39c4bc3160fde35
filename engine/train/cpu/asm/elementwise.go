package asm

// callVectors is how many vectors one call of assembly goes over at most: it
// cannot be preempted, and 4096 vectors of 64 bytes take some 10–40 µs from memory.
const callVectors = 4096

// partials is how many sums a sum of squares is spread over. Elements are dealt
// to them in turn, four at a time; what is left of a row (of a vector list) goes
// to the first. They are added as (0 + 1) + (2 + 3).
const partials = 4

// Residual computes, for rows × cols matrices without gaps and a row b,
//
//	e[i,j] = a[i,j] − b[j]·m[i,j],   norm += Σ m[i,j]²
//
// and, if transposed is not nil, writes e there again as cols × rows, whose rows
// are across vectors apart. With a = ηΣ_yx and b = ηδ, e is η times the residual of a learned map m.
func (k *Kernels[F]) Residual(e, transposed, m, a, b, norm []F, rows, cols, across int) {
	w, n := k.Lanes, k.Lanes*rows*cols
	need("e", e, n)
	need("m", m, n)
	need("a", a, n)
	need("b", b, w*cols)
	need("norm", norm, w)
	if n == 0 {
		return
	}
	if transposed != nil {
		need("transposed", transposed, w*reach(cols, rows, across, 1))
	}
	if top := max(1, callVectors/cols); top < rows {
		var below []F
		if transposed != nil {
			below = transposed[w*top:]
		}
		skip := w * top * cols
		k.Residual(e, transposed, m, a, b, norm, top, cols, across)
		k.Residual(e[skip:], below, m[skip:], a[skip:], b, norm, rows-top, cols, across)
		return
	}
	if k.raw != nil {
		var t *F
		if transposed != nil {
			t = &transposed[0]
		}
		k.raw.residual(&e[0], t, &m[0], &a[0], &b[0], &norm[0], uintptr(rows), uintptr(cols), size[F]()*uintptr(w*across))
		return
	}
	sums := k.newSums()
	for i := 0; i < rows; i++ {
		for j := 0; j < cols; j++ {
			at := w * (i*cols + j)
			sum := sums.of(j, cols)
			for x := 0; x < w; x++ {
				v := m[at+x]
				sum[x] = k.fma(v, v, sum[x])
				r := k.fma(-b[w*j+x], v, a[at+x])
				e[at+x] = r
				if transposed != nil {
					transposed[w*(j*across+i)+x] = r
				}
			}
		}
	}
	sums.add(norm)
}

// Relax makes one step of a map without hidden layer, for rows × cols matrices
// without gaps and a row b:
//
//	norm += Σ w[i,j]²,   w[i,j] += a[i,j] − b[j]·w[i,j]
//
// the difference a multiply-add, the sum a rounding of its own. A weight that
// decays ends at 0: magnitudes below the smallest normal number become 0,
// because processors compute slowly with what lies below.
func (k *Kernels[F]) Relax(w, a, b, norm []F, rows, cols int) {
	lanes, n := k.Lanes, k.Lanes*rows*cols
	need("w", w, n)
	need("a", a, n)
	need("b", b, lanes*cols)
	need("norm", norm, lanes)
	if n == 0 {
		return
	}
	if top := max(1, callVectors/cols); top < rows {
		skip := lanes * top * cols
		k.Relax(w, a, b, norm, top, cols)
		k.Relax(w[skip:], a[skip:], b, norm, rows-top, cols)
		return
	}
	if k.raw != nil {
		smallest := k.smallest
		k.raw.relax(&w[0], &a[0], &b[0], &norm[0], &smallest, uintptr(rows), uintptr(cols))
		return
	}
	sums := k.newSums()
	for i := 0; i < rows; i++ {
		for j := 0; j < cols; j++ {
			at := lanes * (i*cols + j)
			sum := sums.of(j, cols)
			for x := 0; x < lanes; x++ {
				v := w[at+x]
				sum[x] = k.fma(v, v, sum[x])
				v += k.fma(-b[lanes*j+x], v, a[at+x])
				if -k.smallest < v && v < k.smallest {
					v = 0
				}
				w[at+x] = v
			}
		}
	}
	sums.add(norm)
}

// Combine computes d[i] = c[i] + s·x[i] for vectors, a multiply-add each, over
// the length of d. d may be c.
func (k *Kernels[F]) Combine(d, c, s, x []F) {
	n := len(d)
	need("c", c, n)
	need("x", x, n)
	need("s", s, k.Lanes)
	if n == 0 {
		return
	}
	if first := callVectors * k.Lanes; first < n {
		k.Combine(d[:first], c, s, x)
		k.Combine(d[first:], c[first:], s, x[first:])
		return
	}
	if k.raw != nil {
		k.raw.combine(&d[0], &c[0], &s[0], &x[0], uintptr(n/k.Lanes))
		return
	}
	for i := 0; i < n; i += k.Lanes {
		for l := 0; l < k.Lanes; l++ {
			d[i+l] = k.fma(x[i+l], s[l], c[i+l])
		}
	}
}

// SumSquares adds Σ x[i]² over the vectors of x to the vector norm.
func (k *Kernels[F]) SumSquares(norm, x []F) {
	need("norm", norm, k.Lanes)
	n := len(x) / k.Lanes
	if n == 0 {
		return
	}
	if first := callVectors * k.Lanes; callVectors < n {
		k.SumSquares(norm, x[:first])
		k.SumSquares(norm, x[first:])
		return
	}
	if k.raw != nil {
		k.raw.sumSquares(&norm[0], &x[0], uintptr(n))
		return
	}
	sums := k.newSums()
	for i := 0; i < n; i++ {
		sum := sums.of(i, n)
		for l, v := range x[k.Lanes*i:][:k.Lanes] {
			sum[l] = k.fma(v, v, sum[l])
		}
	}
	sums.add(norm)
}

// Rearrange copies vectors, d[i·dRow + j·dCol] = x[i·xRow + j·xCol]: a transpose,
// or a part of a matrix.
func (k *Kernels[F]) Rearrange(d, x []F, rows, cols, dRow, dCol, xRow, xCol int) {
	if rows == 0 || cols == 0 {
		return
	}
	w := k.Lanes
	need("d", d, w*reach(rows, cols, dRow, dCol))
	need("x", x, w*reach(rows, cols, xRow, xCol))
	if top := max(1, callVectors/cols); top < rows {
		k.Rearrange(d, x, top, cols, dRow, dCol, xRow, xCol)
		k.Rearrange(d[w*top*dRow:], x[w*top*xRow:], rows-top, cols, dRow, dCol, xRow, xCol)
		return
	}
	if k.raw != nil {
		v := size[F]() * uintptr(w)
		k.raw.rearrange(&d[0], &x[0], uintptr(rows), uintptr(cols), v*uintptr(dRow), v*uintptr(dCol), v*uintptr(xRow), v*uintptr(xCol))
		return
	}
	for i := 0; i < rows; i++ {
		for j := 0; j < cols; j++ {
			copy(d[w*(i*dRow+j*dCol):][:w], x[w*(i*xRow+j*xCol):])
		}
	}
}

// sums are the partial sums of a sum of squares.
type sums[F Float] struct {
	lanes int
	room  [partials * 16]F
}

func (k *Kernels[F]) newSums() *sums[F] { return &sums[F]{lanes: k.Lanes} }

// of returns the partial sum that element j of n belongs to.
func (s *sums[F]) of(j, n int) []F {
	part := j % partials
	if j >= n/partials*partials {
		part = 0
	}
	return s.room[part*s.lanes:][:s.lanes]
}

func (s *sums[F]) add(norm []F) {
	for l := 0; l < s.lanes; l++ {
		at := func(part int) F { return s.room[part*s.lanes+l] }
		norm[l] = norm[l] + ((at(0) + at(1)) + (at(2) + at(3)))
	}
}
