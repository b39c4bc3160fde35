package plot

import (
	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"modspec/engine/figure"
)

// A sheet is a figure laid out: what its panels look like and where they stand.
type sheet struct {
	title         string
	width, height vg.Length
	panels        []drawnPanel
	tiles         []draw.Canvas  // of the panels with their lettering
	panes         []vg.Rectangle // within the tiles
}

// layOut plans a figure. All panes have one size; the lettering around them takes the
// largest room that a panel needs in each row and column, so that axes line up across
// and down. Legends above panes make the sheet taller, not the panes smaller.
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
	}
	if f.Title != "" {
		s.height += titleSpace
	}
	for _, p := range f.Panels {
		s.panels = append(s.panels, prepare(p, panelWidth, panelHeight))
	}
	s.shareBars(columns)
	s.place(rows, columns)
	// Whether a legend fits into its pane shows only now that the pane is known.
	for row := range rows {
		var tallest vg.Length
		for i := row * columns; i < min((row+1)*columns, len(s.panels)); i++ {
			s.panels[i].fit(s.panes[i])
			tallest = max(tallest, s.panels[i].legendHeight())
		}
		s.height += tallest
	}
	s.place(rows, columns)
	return s
}

// place divides the sheet into tiles, one for each panel, whose panes have one size.
func (s *sheet) place(rows, columns int) {
	plots := make([][]*gonum.Plot, rows)
	for row := range plots {
		plots[row] = make([]*gonum.Plot, columns)
	}
	for i, d := range s.panels {
		plots[i/columns][i%columns] = d.axes
	}
	apart := draw.Tiles{
		Rows: rows, Cols: columns, PadX: panelMargin, PadY: panelMargin,
		PadLeft: panelMargin, PadRight: panelMargin, PadTop: panelMargin, PadBottom: panelMargin,
	}
	if s.title != "" {
		apart.PadTop += titleSpace
	}
	tiles := gonum.Align(plots, apart, draw.Canvas{Rectangle: vg.Rectangle{Max: vg.Point{X: s.width, Y: s.height}}})
	s.tiles, s.panes = nil, nil
	for i, d := range s.panels {
		tile := tiles[i/columns][i%columns]
		s.tiles, s.panes = append(s.tiles, tile), append(s.panes, d.axes.DataCanvas(tile).Rectangle)
	}
}

// draw draws the sheet on a canvas of its size.
func (s sheet) draw(c draw.Canvas) {
	if s.title != "" {
		at := vg.Point{X: panelMargin, Y: s.height - panelMargin - capitals(figureTitle)}
		write(c, figureTitle, s.width-2*panelMargin, at, s.title)
	}
	for i, d := range s.panels {
		d.draw(draw.Canvas{Canvas: c.Canvas, Rectangle: s.tiles[i].Rectangle})
	}
}
