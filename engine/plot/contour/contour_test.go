package contour

import (
	"math"
	"testing"
)

// table is a table of the values of f.
func table(rows, columns int, f func(row, column int) float64) [][]float64 {
	z := make([][]float64, rows)
	for i := range z {
		z[i] = make([]float64, columns)
		for j := range z[i] {
			z[i][j] = f(i, j)
		}
	}
	return z
}

func contoursOf(z [][]float64, level float64) [][]Spot {
	return Lines(len(z[0]), len(z), func(row, column int) (float64, bool) {
		return z[row][column], !math.IsNaN(z[row][column])
	}, level)
}

// cellsAway is where a spot lies in cells: 0 is the first centre.
func cellsAway(s Spot, rows, columns int) (row, column float64) {
	return s.Y*float64(rows) - 0.5, s.X*float64(columns) - 0.5
}

// Along a plane lines are straight, so each of their points must lie on it; only
// in the half cell at each side, where a table goes on unchanged, are they bent.
func TestContoursOfAPlane(t *testing.T) {
	const rows, columns = 7, 9
	z := table(rows, columns, func(i, j int) float64 { return 2*float64(i) + 3*float64(j) })
	for level := 0.5; level < 36; level += 1.25 {
		lines := contoursOf(z, level)
		if len(lines) != 1 {
			t.Fatalf("level %g: %d lines, want 1", level, len(lines))
		}
		for _, s := range lines[0] {
			row, column := cellsAway(s, rows, columns)
			v := 2*min(max(row, 0), rows-1) + 3*min(max(column, 0), columns-1)
			// A dozen roundings of numbers below 64.
			if math.Abs(v-level) > 12*64*0x1p-53 {
				t.Errorf("level %g: the point (%g, %g) lies at %g", level, row, column, v)
			}
		}
		for _, end := range []Spot{lines[0][0], lines[0][len(lines[0])-1]} {
			if end.X > 0 && end.X < 1 && end.Y > 0 && end.Y < 1 {
				t.Errorf("level %g: a line ends inside the pane at %v", level, end)
			}
		}
	}
	if lines := contoursOf(z, 100); len(lines) != 0 {
		t.Errorf("%d lines above all values", len(lines))
	}
	if lines := contoursOf(table(3, 3, func(int, int) float64 { return 1 }), 1); len(lines) != 0 {
		t.Errorf("%d lines where all values equal the level", len(lines))
	}
}

// A hill has closed lines around its top, of about the right radius.
func TestContoursOfAHill(t *testing.T) {
	const n, middle = 41, 20
	z := table(n, n, func(i, j int) float64 { return math.Hypot(float64(i-middle), float64(j-middle)) })
	for _, radius := range []float64{3, 7.5, 15} {
		lines := contoursOf(z, radius)
		if len(lines) != 1 || len(lines[0]) < 8 || lines[0][0] != lines[0][len(lines[0])-1] {
			t.Fatalf("radius %g: want one closed line, have %d", radius, len(lines))
		}
		for _, s := range lines[0] {
			row, column := cellsAway(s, n, n)
			// Along an edge of length 1 the distance curves by at most 1/radius, so a
			// straight line between its ends is off by an eighth of that, near its foot
			// by up to a quarter more.
			if d := math.Hypot(row-middle, column-middle); math.Abs(d-radius) > 0.16/radius {
				t.Errorf("radius %g: a point at %g", radius, d)
			}
		}
	}
}

func TestContoursOfASaddle(t *testing.T) {
	for _, c := range []struct {
		high float64
		// Whether the corners above the level hang together: then a line passes
		// below the left one and ends at the bottom, in this table.
		together bool
	}{{10, true}, {1.5, false}} {
		z := [][]float64{{c.high, 0}, {0, c.high}}
		lines := contoursOf(z, 1)
		if len(lines) != 2 {
			t.Fatalf("%d lines, want 2", len(lines))
		}
		for _, l := range lines {
			// Each of them cuts off one corner: of the low ones, lower right and upper
			// left, if the high ones hang together.
			x, y := (l[0].X+l[len(l)-1].X)/2, (l[0].Y+l[len(l)-1].Y)/2
			if low := (x > 0.5) != (y > 0.5); low != c.together {
				t.Errorf("high %g: a line from %v to %v cuts off the wrong corner", c.high, l[0], l[len(l)-1])
			}
		}
	}
}

func TestContoursStopAtGaps(t *testing.T) {
	z := table(9, 9, func(i, j int) float64 { return float64(i) })
	z[4][4] = math.NaN()
	lines := contoursOf(z, 4.5)
	if len(lines) != 2 {
		t.Fatalf("%d lines, want one on each side of the gap", len(lines))
	}
	for _, l := range lines {
		for _, s := range l {
			if _, column := cellsAway(s, 9, 9); column > 3+1e-9 && column < 5-1e-9 { // a rounding of the place
				t.Errorf("a line at column %g, beside the gap at 4", column)
			}
		}
	}
}
