package plot

import (
	"bytes"
	"errors"
	"fmt"
	"image/color"
	"strconv"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// An svgCanvas keeps grids out of the canvas's document, which would take a path of a
// hundred bytes for each cell, and marks their places with an empty path, which
// finishSVG replaces by the grids.
type svgCanvas struct {
	*vgsvg.Canvas
	grids []grid
}

// The path that marks the place of a grid. Nothing else draws this path.
var gridPlace = vg.Path{{Type: vg.MoveComp}, {Type: vg.CloseComp}, {Type: vg.MoveComp}, {Type: vg.CloseComp}}

const gridPlaceWritten = `<path d="M0,0ZM0,0Z"`

func (c *svgCanvas) fillGrid(g grid) {
	c.grids = append(c.grids, g)
	c.Fill(gridPlace)
}

// placeGrids puts the markup of grids where document holds their places.
func placeGrids(document []byte, grids []grid) ([]byte, error) {
	var b bytes.Buffer
	for _, g := range grids {
		before, rest, found := bytes.Cut(document, []byte(gridPlaceWritten))
		_, after, closed := bytes.Cut(rest, []byte("/>"))
		if !found || !closed {
			return nil, errors.New("the canvas did not keep the place of a grid of cells")
		}
		b.Write(before)
		g.writeSVG(&b)
		document = after
	}
	b.Write(document)
	return b.Bytes(), nil
}

// writeSVG writes the cells in units of one cell, where their corners are small whole
// numbers, one path a colour. Crisp edges keep a renderer from blending the paper in
// between neighbours.
func (g grid) writeSVG(b *bytes.Buffer) {
	paths := make(map[color.NRGBA][]byte)
	var order []color.NRGBA
	for strip, colour := range g.strips() {
		path, known := paths[colour]
		if !known {
			order = append(order, colour)
		}
		path = append(path, 'M')
		path = strconv.AppendInt(path, int64(strip.from), 10)
		path = append(path, ' ')
		path = strconv.AppendInt(path, int64(strip.row), 10)
		path = append(path, 'h')
		path = strconv.AppendInt(path, int64(strip.to-strip.from), 10)
		path = append(path, "v1h-"...)
		path = strconv.AppendInt(path, int64(strip.to-strip.from), 10)
		paths[colour] = append(path, 'z')
	}
	// Six decimals of a point times the 256 cells of a side are far below what
	// the canvas itself rounds to.
	fmt.Fprintf(b, `<g shape-rendering="crispEdges" transform="matrix(%.6f 0 0 %.6f %.4f %.4f)">`+"\n",
		g.Size().X.Points()/float64(g.columns), g.Size().Y.Points()/float64(g.rows), g.Min.X.Points(), g.Min.Y.Points())
	for _, colour := range order {
		fmt.Fprintf(b, `<path fill="#%02x%02x%02x" d="%s"/>`+"\n", colour.R, colour.G, colour.B, paths[colour])
	}
	b.WriteString("</g>")
}
