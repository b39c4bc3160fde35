// Package contour finds lines of equal value in a table of cells.
package contour

// A Spot is a point of a pane: shares of its width and height.
type Spot struct{ X, Y float64 }

// Lines are the lines along which a table of cells equals level, found by
// marching squares between the centres of cells. Beyond the outer centres the
// table goes on as it is, so that lines reach the sides of the pane. A square
// with a corner that has no value, for which known is false, holds no line.
//
// The table holds what a colour bar spreads evenly, row by row from the lowest.
func Lines(columns, rows int, at func(row, column int) (v float64, known bool), level float64) [][]Spot {
	// Corners are the centres, and their projections onto the sides.
	across, up := columns+2, rows+2
	corner := func(i, j int) (float64, bool) {
		return at(min(max(j-1, 0), rows-1), min(max(i-1, 0), columns-1))
	}
	place := func(i, n int) float64 { // of corner i of n + 2
		return min(max((float64(i)-0.5)/float64(n), 0), 1)
	}

	// An edge is named by its lower left corner, twice, and one more if it stands
	// upright. A line crosses edges; crossings that one square holds are linked.
	links := make(map[int][]int)
	var crossed []int // in the order they are met, so that lines have an order
	spots := make(map[int]Spot)
	cross := func(i, j, di, dj int) int {
		edge := 2*(j*across+i) + dj
		if _, met := spots[edge]; !met {
			a, _ := corner(i, j)
			b, _ := corner(i+di, j+dj)
			t := (level - a) / (b - a)
			spots[edge] = Spot{
				place(i, columns) + t*(place(i+di, columns)-place(i, columns)),
				place(j, rows) + t*(place(j+dj, rows)-place(j, rows)),
			}
			crossed = append(crossed, edge)
		}
		return edge
	}
	for j := range up - 1 {
		for i := range across - 1 {
			var inside [4]bool // around the square: lower left, lower right, upper right, upper left
			sum, all := 0.0, true
			for k, c := range [4][2]int{{i, j}, {i + 1, j}, {i + 1, j + 1}, {i, j + 1}} {
				v, known := corner(c[0], c[1])
				inside[k], all, sum = v >= level, all && known, sum+v
			}
			if !all {
				continue
			}
			var edges []int
			if inside[0] != inside[1] {
				edges = append(edges, cross(i, j, 1, 0))
			}
			if inside[1] != inside[2] {
				edges = append(edges, cross(i+1, j, 0, 1))
			}
			if inside[2] != inside[3] {
				edges = append(edges, cross(i, j+1, 1, 0))
			}
			if inside[3] != inside[0] {
				edges = append(edges, cross(i, j, 0, 1))
			}
			// In a saddle the mean decides which corners are connected.
			if len(edges) == 4 && (sum/4 >= level) != inside[0] {
				edges = []int{edges[3], edges[0], edges[1], edges[2]}
			}
			for k := 0; k+1 < len(edges); k += 2 {
				a, b := edges[k], edges[k+1]
				links[a], links[b] = append(links[a], b), append(links[b], a)
			}
		}
	}
	return chained(crossed, links, spots)
}

// chained follows links from crossing to crossing: first the lines with ends,
// then the closed ones.
func chained(crossed []int, links map[int][]int, spots map[int]Spot) [][]Spot {
	var lines [][]Spot
	used := make(map[int]bool)
	follow := func(start int) {
		line := []Spot{spots[start]}
		used[start] = true
		for here := start; ; {
			next := -1
			for _, l := range links[here] {
				if !used[l] {
					next = l
					break
				}
			}
			if next < 0 {
				if ends := links[here]; len(line) > 2 && len(links[start]) == 2 && (ends[0] == start || ends[1] == start) {
					line = append(line, spots[start])
				}
				break
			}
			used[next] = true
			line = append(line, spots[next])
			here = next
		}
		lines = append(lines, line)
	}
	for _, edge := range crossed {
		if !used[edge] && len(links[edge]) == 1 {
			follow(edge)
		}
	}
	for _, edge := range crossed {
		if !used[edge] {
			follow(edge)
		}
	}
	return lines
}
