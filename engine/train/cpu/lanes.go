package cpu

import (
	"gonum.org/v1/gonum/mat"

	"modspec/engine/train/cpu/asm"
)

// put writes a lane of a matrix, converted.
func put[F asm.Float](m matrix[F], lanes, lane int, from *mat.Dense) {
	for i := 0; i < m.rows; i++ {
		row := from.RawRowView(i)
		for j, v := range row[:m.cols] {
			m.data[m.at(i, j, lanes)+lane] = F(v)
		}
	}
}

// putScaled writes s·from to a lane of a matrix, computed in float64.
func putScaled[F asm.Float](m matrix[F], lanes, lane int, s float64, from *mat.Dense) {
	for i := 0; i < m.rows; i++ {
		row := from.RawRowView(i)
		for j, v := range row[:m.cols] {
			m.data[m.at(i, j, lanes)+lane] = F(s * v)
		}
	}
}

// take reads a lane of a matrix and reports whether all of it are finite numbers.
func take(to *mat.Dense, m matrix[float64], lanes, lane int) bool {
	nothing := 0.0 // stays 0 until a number that is not finite makes it NaN
	step := m.col * lanes
	for i := 0; i < m.rows; i++ {
		from := m.data[m.at(i, 0, lanes)+lane:]
		row := to.RawRowView(i)
		at := 0
		for j := range row {
			v := from[at]
			row[j] = v
			nothing += v - v
			at += step
		}
	}
	return nothing == 0
}

// widen converts some neighbouring lanes of a matrix, from the given one on, to
// a float64 matrix of as many lanes.
func widen[F asm.Float](to matrix[float64], toLanes int, from matrix[F], fromLanes, first int) {
	for i := 0; i < to.rows; i++ {
		for j := 0; j < to.cols; j++ {
			d := to.data[to.at(i, j, toLanes):][:toLanes]
			x := from.data[from.at(i, j, fromLanes)+first:][:toLanes]
			for l, v := range x {
				d[l] = float64(v)
			}
		}
	}
}

// narrow is the way back, rounding.
func narrow[F asm.Float](to matrix[F], toLanes, first int, from matrix[float64], fromLanes int) {
	for i := 0; i < from.rows; i++ {
		for j := 0; j < from.cols; j++ {
			d := to.data[to.at(i, j, toLanes)+first:][:fromLanes]
			x := from.data[from.at(i, j, fromLanes):][:fromLanes]
			for l := range d {
				d[l] = F(x[l])
			}
		}
	}
}
