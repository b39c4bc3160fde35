package plot

import (
	"image"
	"image/color"
	imagedraw "image/draw"
	"iter"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"

	"modspec/engine/plot/lettering"
)

// A grid is a rectangle of equal cells that are filled with colours.
type grid struct {
	vg.Rectangle
	columns, rows int
	colours       []color.NRGBA // row by row, the lowest first
}

// x and y are where columns and rows begin: on whole pixels of the PNG, so that
// neighbours meet without a seam of half-covered pixels.
func (g grid) x(column int) vg.Length {
	return lettering.Snapped(g.Min.X + g.Size().X*vg.Length(column)/vg.Length(g.columns))
}

func (g grid) y(row int) vg.Length {
	return lettering.Snapped(g.Min.Y + g.Size().Y*vg.Length(row)/vg.Length(g.rows))
}

// A strip is a piece of a row in one colour.
type strip struct{ row, from, to int }

// strips cuts the rows into pieces of one colour.
func (g grid) strips() iter.Seq2[strip, color.NRGBA] {
	return func(yield func(strip, color.NRGBA) bool) {
		for row := range g.rows {
			colours := g.colours[row*g.columns : (row+1)*g.columns]
			for from := 0; from < g.columns; {
				to := from + 1
				for to < g.columns && colours[to] == colours[from] {
					to++
				}
				if !yield(strip{row, from, to}, colours[from]) {
					return
				}
				from = to
			}
		}
	}
}

// rectangle is where a strip is on the paper.
func (g grid) rectangle(s strip) vg.Rectangle {
	return vg.Rectangle{Min: vg.Point{X: g.x(s.from), Y: g.y(s.row)}, Max: vg.Point{X: g.x(s.to), Y: g.y(s.row + 1)}}
}

// A gridFiller is a canvas that fills the cells of a grid itself, faster or in fewer
// bytes than by one path for each.
type gridFiller interface{ fillGrid(g grid) }

// fillGrid fills the cells of g on c.
func fillGrid(c vg.Canvas, g grid) {
	if f, ok := c.(gridFiller); ok {
		f.fillGrid(g)
		return
	}
	for strip, colour := range g.strips() {
		c.SetColor(colour)
		c.Fill(g.rectangle(strip).Path())
	}
}

// A pngCanvas writes the pixels of cells itself. The rasteriser of the canvas does not
// align cells with whole pixels.
type pngCanvas struct{ *vgimg.Canvas }

func (c pngCanvas) fillGrid(g grid) {
	picture := c.Image()
	floor := picture.Bounds().Max.Y
	pixel := func(v vg.Length) int { return int(math.Round(v.Dots(lettering.DotsPerInch))) }
	for strip, colour := range g.strips() {
		r := g.rectangle(strip)
		cell := image.Rect(pixel(r.Min.X), floor-pixel(r.Max.Y), pixel(r.Max.X), floor-pixel(r.Min.Y))
		imagedraw.Draw(picture, cell, image.NewUniform(colour), image.Point{}, imagedraw.Src)
	}
}
