package cpu

import "modspec/engine/train/cpu/asm"

// panels is a matrix of weights, rows (of what lies below) × columns (above), cut
// into panels of two vectors of columns, of which the last may have one; each
// panel lies by itself, row after row.
type panels struct {
	lanes         int
	rows, columns int // columns in whole vectors
	data          []float32
}

func newPanels(k *asm.Kernels[float32], rows, columns int) panels {
	p := panels{lanes: k.Lanes, rows: rows, columns: (columns + k.Lanes - 1) / k.Lanes * k.Lanes}
	p.data = make([]float32, p.rows*p.columns)
	return p
}

// count is the number of panels.
func (p *panels) count() int { return (p.columns + 2*p.lanes - 1) / (2 * p.lanes) }

// panel returns panel i, how many columns it has, and the first of them.
func (p *panels) panel(i int) (data []float32, width, first int) {
	first = 2 * p.lanes * i
	width = min(2*p.lanes, p.columns-first)
	return p.data[p.rows*first:][:p.rows*width], width, first
}

// at returns where an element is.
func (p *panels) at(row, column int) int {
	first := column / (2 * p.lanes) * 2 * p.lanes
	width := min(2*p.lanes, p.columns-first)
	return p.rows*first + row*width + column - first
}

// spread returns the next tile of a stretch of rows: tiles are as even as they can
// be, so that none has so few rows that the processor waits for its sums.
func spread(rows, most int) int {
	tiles := (rows + most - 1) / most
	return (rows + tiles - 1) / tiles
}
