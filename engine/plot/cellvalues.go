package plot

import (
	"image/color"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"modspec/engine/number"
	"modspec/engine/plot/colourmap"
)

// Numbers stand in cells that are few and large enough to be read one by one.
const (
	mostNumbered  = 12  // cells in a row or a column
	smallestValue = 5.5 // points; still legible, for numbers that repeat a colour
)

// drawValues writes the values of cells into them, if all have room.
func (c *cells) drawValues(p pane, g grid) {
	if g.columns > mostNumbered || g.rows > mostNumbered {
		return
	}
	cell := vg.Point{X: g.Size().X/vg.Length(g.columns) - 3, Y: g.Size().Y/vg.Length(g.rows) - 2}
	for digits := 3; digits >= 2; digits-- {
		style := middle(legendText, draw.XCenter)
		texts, widest := c.valueTexts(digits), vg.Length(0)
		for _, s := range texts {
			widest = max(widest, style.Width(s))
		}
		if widest == 0 {
			return
		}
		style.Font.Size *= min(1, cell.X/widest, cell.Y/capitals(style))
		if style.Font.Size < smallestValue {
			continue
		}
		for i, s := range texts {
			if s != "" {
				style.Color = readableOn(g.colours[i])
				at := vg.Point{
					X: p.X((float64(i%g.columns) + 0.5) / float64(g.columns)),
					Y: p.Y((float64(i/g.columns) + 0.5) / float64(g.rows)),
				}
				p.FillText(style, at, s)
			}
		}
		return
	}
}

// valueTexts are the values of cells, row by row, written with a number of
// digits; those without a colour are empty. Values of one size share their
// decimals, so that 0.98 and 1.02 compare at a glance, but no zeros that all of
// them end in.
func (c *cells) valueTexts(digits int) []string {
	var texts []string
	largest, smallest := 0.0, math.Inf(1)
	for _, row := range c.Z {
		for _, v := range row {
			if c.scale.drawable(v) && v != 0 {
				largest, smallest = max(largest, math.Abs(v)), min(smallest, math.Abs(v))
			}
		}
	}
	const decade = 10
	together := !c.Log || largest <= decade*smallest
	for _, row := range c.Z {
		for _, v := range row {
			switch {
			case !c.scale.drawable(v):
				texts = append(texts, "")
			case together:
				texts = append(texts, rounded(v, largest, digits))
			default:
				texts = append(texts, rounded(v, v, digits))
			}
		}
	}
	if together {
		dropZeros(texts)
	}
	return texts
}

// dropZeros takes away the decimals that are 0 in all of texts.
func dropZeros(texts []string) {
	for {
		for _, s := range texts {
			if s != "" && s != "0" && (!strings.ContainsRune(s, '.') || !strings.HasSuffix(s, "0") && !strings.HasSuffix(s, ".")) {
				return
			}
		}
		shorter := false
		for i, s := range texts {
			if strings.ContainsRune(s, '.') {
				texts[i], shorter = s[:len(s)-1], true
			}
		}
		if !shorter {
			return
		}
	}
}

// rounded writes v with the decimals that give a number of the given size so
// many digits. Whole digits are never rounded away, but numbers of more than
// five of them, and fractions that would start with three zeros, are written
// with a power of ten.
func rounded(v, size float64, digits int) string {
	if v == 0 {
		return "0"
	}
	e := exponentOf(math.Abs(size))
	if e >= 5 || e < -3 {
		return number.Signed(number.PowerOfTen(strconv.FormatFloat(v, 'e', digits-1, 64)))
	}
	return number.Signed(strconv.FormatFloat(v, 'f', max(0, digits-1-e), 64))
}

// readableOn is the colour of text on ground: black or white, whichever has the
// greater contrast by WCAG 2's measure.
func readableOn(ground color.NRGBA) color.NRGBA {
	if light := colourmap.Luminance(ground); (light+0.05)/0.05 >= 1.05/(light+0.05) {
		return color.NRGBA{A: 0xFF}
	}
	return paper
}
