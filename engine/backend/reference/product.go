package reference

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"modspec/engine/program"
)

// matMul multiplies the matrices of the last two axes.
func matMul(out []float64, n *program.Node, x, y tensor) {
	xs, ys, os := matrixSize(x.shape), matrixSize(y.shape), matrixSize(n.Shape)
	if len(out) == 0 {
		return
	}
	for i := range program.Size(n.Shape[:len(n.Shape)-2]) {
		multiply(out[i*os:(i+1)*os], matrix(x, i*xs), matrix(y, i*ys), n.TX, n.TY)
	}
}

func matrixSize(shape []int) int { return program.Size(shape[len(shape)-2:]) }

// matrix is the matrix of the last two axes that begins at an element.
func matrix(t tensor, at int) blas64.General {
	rows, columns := t.shape[len(t.shape)-2], t.shape[len(t.shape)-1]
	return blas64.General{Rows: rows, Cols: columns, Stride: max(columns, 1), Data: t.data[at : at+rows*columns]}
}

// multiply adds op(x)·op(y) to out, which is zero before.
func multiply(out []float64, x, y blas64.General, tx, ty bool) {
	if x.Rows == 0 || x.Cols == 0 {
		return // an empty sum
	}
	rows, columns := x.Rows, y.Cols
	tA, tB := blas.NoTrans, blas.NoTrans
	if tx {
		rows, tA = x.Cols, blas.Trans
	}
	if ty {
		columns, tB = y.Rows, blas.Trans
	}
	blas64.Gemm(tA, tB, 1, x, y, 1, blas64.General{Rows: rows, Cols: columns, Stride: columns, Data: out})
}

// convolve computes the three forms of a convolution. Each image is unfolded into
// a matrix of (channels·windowHeight·windowWidth) × (height·width of the result),
// so that a form is one product an image.
func convolve(out []float64, n *program.Node, first, second tensor) {
	var images, windows, results tensor
	switch n.Op {
	case program.Conv2D:
		images, windows, results = first, second, tensor{shape: n.Shape, data: out}
	case program.Conv2DInput:
		results, windows, images = first, second, tensor{shape: n.Shape, data: out}
	case program.Conv2DWeights:
		images, results, windows = first, second, tensor{shape: n.Shape, data: out}
	}
	filters, places := results.shape[1], results.shape[2]*results.shape[3]
	depth := program.Size(windows.shape[1:])
	if filters*places*depth == 0 {
		return
	}
	w := blas64.General{Rows: filters, Cols: depth, Stride: depth, Data: windows.data}
	unfolded := blas64.General{Rows: depth, Cols: places, Stride: places, Data: make([]float64, depth*places)}
	for b := range results.shape[0] {
		y := blas64.General{Rows: filters, Cols: places, Stride: places, Data: results.data[b*filters*places : (b+1)*filters*places]}
		image := images.data[b*program.Size(images.shape[1:]):]
		switch n.Op {
		case program.Conv2D:
			unfold(unfolded.Data, image, images.shape, windows.shape, results.shape, func(u, x *float64) { *u = *x })
			multiply(y.Data, w, unfolded, false, false)
		case program.Conv2DInput:
			clear(unfolded.Data)
			multiply(unfolded.Data, w, y, true, false)
			unfold(unfolded.Data, image, images.shape, windows.shape, results.shape, func(u, x *float64) { *x += *u })
		case program.Conv2DWeights:
			unfold(unfolded.Data, image, images.shape, windows.shape, results.shape, func(u, x *float64) { *u = *x })
			multiply(w.Data, y, unfolded, false, true)
		}
	}
}

// unfold meets each element of the unfolded image with its pixel.
func unfold(unfolded, image []float64, images, windows, results []int, meet func(u, x *float64)) {
	u := 0
	for c := range images[1] {
		for k := range windows[2] {
			for l := range windows[3] {
				for i := range results[2] {
					for j := range results[3] {
						meet(&unfolded[u], &image[(c*images[2]+i+k)*images[3]+j+l])
						u++
					}
				}
			}
		}
	}
}
