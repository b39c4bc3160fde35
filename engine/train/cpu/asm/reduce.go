package asm

// rowPartials is how many sums a sum along a row is spread over: the lanes of the
// widest vector, so that all sets add alike.
const rowPartials = 16

// SumRows adds each row of a matrix without gaps: d[i] = Σ_j x[i·columns + j]. Rows of
// less than 16 are added upwards. Otherwise element j goes to partial sum j mod 16,
// upwards; the partial sums are added in halves, the upper eight to the lower eight
// and so on.
func (k *Kernels[F]) SumRows(d, x []F, rows, columns int) {
	need("d", d, rows)
	need("x", x, rows*columns)
	whole := columns / rowPartials
	switch {
	case whole == 0:
		k.sumShortRows(d[:rows], x, columns)
		return
	case k.raw != nil && whole*rowPartials == columns:
		k.wholeRows(k.raw.sumRows, d, x, rows, whole)
		return
	}
	for i := range rows {
		row := x[i*columns:][:columns]
		var sums [rowPartials]F
		copy(sums[:], row)
		for from := rowPartials; from < columns; from += rowPartials {
			for j, v := range row[from:min(from+rowPartials, columns)] {
				sums[j] += v
			}
		}
		for half := rowPartials / 2; half > 0; half /= 2 {
			for j := range half {
				sums[j] += sums[half+j]
			}
		}
		d[i] = sums[0]
	}
}

// wholeRows calls the assembly for rows of a multiple of 16 scalars.
func (k *Kernels[F]) wholeRows(of func(d, x *F, rows, n uintptr), d, x []F, rows, n int) {
	part := max(1, callVectors/n)
	for i := 0; i < rows; i += part {
		of(&d[i], &x[i*n*rowPartials], uintptr(min(part, rows-i)), uintptr(n))
	}
}

// MaxRows is the largest element of each row of a matrix without gaps. Of a row that
// has NaN it is any.
func (k *Kernels[F]) MaxRows(d, x []F, rows, columns int) {
	need("d", d, rows)
	need("x", x, rows*columns)
	if n := columns / rowPartials; k.raw != nil && n > 0 && n*rowPartials == columns {
		k.wholeRows(k.raw.maxRows, d, x, rows, n)
		return
	}
	for i := range rows {
		row := x[i*columns:][:columns]
		most := row[0]
		for _, v := range row[1:] {
			if v > most {
				most = v
			}
		}
		d[i] = most
	}
}

func (k *Kernels[F]) sumShortRows(d, x []F, columns int) {
	if columns == 4 {
		for i := range d {
			row := x[4*i:][:4]
			d[i] = ((row[0] + row[1]) + row[2]) + row[3]
		}
		return
	}
	for i := range d {
		sum := F(0)
		for _, v := range x[i*columns:][:columns] {
			sum += v
		}
		d[i] = sum
	}
}

// Spread writes each scalar of x each times: d[i·each + j] = x[i], i < n, j < each.
// d needs room for a vector more.
func (k *Kernels[F]) Spread(d, x []F, n, each int) {
	if n == 0 || each == 0 {
		return
	}
	need("d", d, n*each+k.Lanes)
	need("x", x, n)
	if k.raw == nil || k.raw.spread == nil {
		for i, v := range x[:n] {
			for j := range d[i*each:][:each] {
				d[i*each+j] = v
			}
		}
		return
	}
	vectors := (each + k.Lanes - 1) / k.Lanes
	part := max(1, callVectors/vectors)
	for i := 0; i < n; i += part {
		k.raw.spread(&d[i*each], &x[i], uintptr(min(part, n-i)), size[F]()*uintptr(each), uintptr(vectors))
	}
}

// SumColumns adds the rows of a matrix: d[j] = Σ_i x[i·stride + j] for vectors of
// columns, upwards from 0.
func (k *Kernels[F]) SumColumns(d, x []F, rows, vectors, stride int) {
	width := vectors * k.Lanes
	need("d", d, width)
	if rows == 0 {
		clear(d[:width])
		return
	}
	need("x", x, (rows-1)*stride+width)
	if vectors == 0 {
		return
	}
	if k.raw != nil && k.raw.sumColumns != nil {
		// A call goes over all rows of a few vectors.
		part := max(4, callVectors/rows/4*4)
		for from := 0; from < vectors; from += part {
			k.raw.sumColumns(&d[from*k.Lanes], &x[from*k.Lanes], uintptr(rows), uintptr(min(part, vectors-from)), size[F]()*uintptr(stride))
		}
		return
	}
	clear(d[:width])
	for i := range rows {
		for j, v := range x[i*stride:][:width] {
			d[j] += v
		}
	}
}

// Transpose writes a matrix with rows and columns exchanged:
// d[j·dRow + i] = x[i·xRow + j], i < rows, j < columns.
func (k *Kernels[F]) Transpose(d, x []F, rows, columns, dRow, xRow int) {
	if rows == 0 || columns == 0 {
		return
	}
	need("d", d, (columns-1)*dRow+rows)
	need("x", x, (rows-1)*xRow+columns)
	wholeRows, wholeColumns := 0, 0
	if k.raw != nil && k.raw.transpose != nil {
		// Blocks of as many rows and columns as 256 bits hold.
		block := 32 / int(size[F]())
		wholeRows, wholeColumns = rows/block*block, columns/block*block
		scale := size[F]()
		for i := 0; i < wholeRows && wholeColumns > 0; i += block {
			for j := 0; j < wholeColumns; j += callVectors {
				k.raw.transpose(&d[j*dRow+i], &x[i*xRow+j], uintptr(min(callVectors, wholeColumns-j)/block), scale*uintptr(dRow), scale*uintptr(xRow))
			}
		}
	}
	for i := range rows {
		from := 0
		if i < wholeRows {
			from = wholeColumns
		}
		at := from*dRow + i
		for _, v := range x[i*xRow:][from:columns] {
			d[at] = v
			at += dRow
		}
	}
}

// CopyRows copies vectors of rows: d[i·dRow + j] = x[i·xRow + j], j < vectors·Lanes.
// Strides are in scalars.
func (k *Kernels[F]) CopyRows(d, x []F, rows, vectors, dRow, xRow int) {
	if rows == 0 || vectors == 0 {
		return
	}
	width := vectors * k.Lanes
	need("d", d, (rows-1)*dRow+width)
	need("x", x, (rows-1)*xRow+width)
	if k.raw == nil {
		for i := range rows {
			copy(d[i*dRow:][:width], x[i*xRow:])
		}
		return
	}
	scale, vector := size[F](), size[F]()*uintptr(k.Lanes)
	part := max(1, callVectors/vectors)
	for i := 0; i < rows; i += part {
		// The longer axis is the inner loop.
		k.raw.rearrange(&d[i*dRow], &x[i*xRow], uintptr(vectors), uintptr(min(part, rows-i)), vector, scale*uintptr(dRow), vector, scale*uintptr(xRow))
	}
}
