package plot

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"modspec/engine/figure"
)

// A sheet is a figure laid out: what its panels look like and where their panes
// stand.
type sheet struct {
	title         string
	width, height vg.Length
	panels        []drawnPanel
	panes         []vg.Rectangle
}

// layOut plans a figure. All panes have one size; the lettering around them
// takes what its neediest panel asks for in each row and column, so that axes
// line up across and down. Legends above panes make the sheet taller, not the
// panes smaller.
func layOut(f figure.Figure) sheet {
	columns := f.Columns
	if columns == 0 || columns > len(f.Panels) {
		columns = len(f.Panels)
	}
	rows := (len(f.Panels) + columns - 1) / columns
	s := sheet{
		title:  f.Title,
		width:  panelWidth * vg.Length(columns),
		height: panelHeight * vg.Length(rows),
		panels: make([]drawnPanel, len(f.Panels)),
	}
	if f.Title != "" {
		s.height += titleSpace
	}
	for i, p := range f.Panels {
		s.panels[i] = prepare(p, panelWidth, panelHeight)
	}
	s.shareBars(columns)
	s.placePanes(rows, columns)
	// Whether a legend fits into its pane shows only now that the pane is known.
	for row := range rows {
		var tallest vg.Length
		for i := row * columns; i < min((row+1)*columns, len(s.panels)); i++ {
			s.panels[i].moveLegend(s.panes[i])
			tallest = max(tallest, s.panels[i].legendHeight())
		}
		s.height += tallest
	}
	s.placePanes(rows, columns)
	return s
}

// placePanes divides the sheet into panes of one size, one for each panel.
func (s *sheet) placePanes(rows, columns int) {
	left, right := make([]vg.Length, columns), make([]vg.Length, columns)
	bottom, top := make([]vg.Length, rows), make([]vg.Length, rows)
	for i, d := range s.panels {
		row, column := i/columns, i%columns
		left[column], right[column] = max(left[column], d.left), max(right[column], d.right)
		bottom[row], top[row] = max(bottom[row], d.bottom), max(top[row], d.top+d.legendHeight())
	}
	ceiling := s.height - panelMargin
	if s.title != "" {
		ceiling -= titleSpace
	}
	width, height := s.width-panelMargin*vg.Length(columns+1), ceiling-panelMargin*vg.Length(rows)
	for column := range columns {
		width -= left[column] + right[column]
	}
	for row := range rows {
		height -= bottom[row] + top[row]
	}
	width, height = width/vg.Length(columns), height/vg.Length(rows)

	s.panes = s.panes[:0]
	for row := range rows {
		ceiling -= top[row]
		wall := panelMargin
		for column := range columns {
			wall += left[column]
			if len(s.panes) < len(s.panels) {
				s.panes = append(s.panes, vg.Rectangle{
					Min: vg.Point{X: wall, Y: ceiling - height},
					Max: vg.Point{X: wall + width, Y: ceiling},
				})
			}
			wall += width + right[column] + panelMargin
		}
		ceiling -= height + bottom[row] + panelMargin
	}
}

// draw draws the sheet on a canvas of its size.
func (s sheet) draw(c draw.Canvas) {
	if s.title != "" {
		at := vg.Point{X: panelMargin, Y: s.height - panelMargin - capHeight*figureTitle.size}
		figureTitle.fitted(s.title, s.width-2*panelMargin).write(c, at, fromLeft, s.title)
	}
	for i, d := range s.panels {
		d.draw(draw.Canvas{Canvas: c.Canvas, Rectangle: s.panes[i]})
	}
}
