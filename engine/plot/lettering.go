package plot

import (
	"fmt"
	"image/color"
	"math"
	"strings"
	"sync"
	"unicode"

	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"modspec/engine/figure"
)

// A lettering is how a kind of text is set.
type lettering struct {
	size   vg.Length
	bold   bool
	colour color.Color
}

// The kinds of text in a figure, sized for a panel printed at half the width of
// a page.
var (
	figureTitle = lettering{size: 11, bold: true, colour: ink}
	panelTitle  = lettering{size: 9.5, colour: ink}
	axisLabel   = lettering{size: 9.5, colour: ink}
	tickLabel   = lettering{size: 8.5, colour: axisGrey}
	legendText  = lettering{size: 8, colour: ink}
	isoText     = lettering{size: 7, colour: ink}
	emptyNote   = lettering{size: 9, colour: guideGrey}
)

// Proportions of the letters, as shares of their size.
const (
	scriptSize = 0.7
	scriptRise = 0.36
	scriptDrop = 0.16
	capHeight  = 0.716 // Liberation Sans, capitals and digits
	lineHeight = 1.15
)

// sans finds the two faces used here in gonum's collection, without touching
// the cache that plot keeps in a package variable.
var sans = sync.OnceValue(func() (faces struct{ regular, bold font.Face }) {
	for _, f := range liberation.Collection() {
		if f.Font.Variant == "Sans" && f.Font.Style == xfont.StyleNormal {
			switch f.Font.Weight {
			case xfont.WeightNormal:
				faces.regular = f
			case xfont.WeightBold:
				faces.bold = f
			}
		}
	}
	return faces
})

func (l lettering) face(size vg.Length) font.Face {
	f := sans().regular
	if l.bold {
		f = sans().bold
	}
	f.Font.Size = size
	return f
}

func (l lettering) runFace(r figure.Span) font.Face {
	if r.Level == figure.OnLine {
		return l.face(l.size)
	}
	return l.face(l.size * scriptSize)
}

func (l lettering) width(s string) vg.Length {
	var w vg.Length
	for _, r := range figure.Spans(withStandIns(s)) {
		f := l.runFace(r)
		w += f.Width(r.Text)
	}
	return w
}

// height is the room a line of text takes.
func (l lettering) height() vg.Length { return l.size * lineHeight }

// smallestText is the size below which text is not set: what nobody can read
// helps less than what sticks out.
const smallestText = vg.Length(6)

// fitted is l, smaller if s would otherwise be wider than room, down to the
// smallest text.
func (l lettering) fitted(s string, room vg.Length) lettering {
	if w := l.width(s); w > room && w > 0 {
		l.size = max(l.size*room/w, min(l.size, smallestText))
	}
	return l
}

// Alignments: the share of a text's width that lies before its anchor.
const (
	fromLeft  = 0
	centred   = 0.5
	fromRight = 1
)

// write sets s with its baseline through pt.
func (l lettering) write(c draw.Canvas, pt vg.Point, align vg.Length, s string) {
	s = withStandIns(s)
	pt.X -= align * l.width(s)
	c.SetColor(l.colour)
	for _, r := range figure.Spans(s) {
		at := pt
		switch r.Level {
		case figure.Superscript:
			at.Y += scriptRise * l.size
		case figure.Subscript:
			at.Y -= scriptDrop * l.size
		}
		// An SVG drops the spaces that a text starts with.
		f, text := l.runFace(r), strings.TrimLeft(r.Text, " ")
		at.X += f.Width(r.Text[:len(r.Text)-len(text)])
		if text != "" {
			c.FillString(f, at, text)
		}
		pt.X += f.Width(r.Text)
	}
}

// writeUp sets s from bottom to top, centred on pt, with its baseline through
// pt.
func (l lettering) writeUp(c draw.Canvas, pt vg.Point, s string) {
	c.Push()
	// On whole pixels of the PNG turned letters are as crisp as upright ones.
	c.Translate(vg.Point{X: snapped(pt.X), Y: snapped(pt.Y)})
	c.Rotate(math.Pi / 2)
	l.write(c, vg.Point{}, centred, s)
	c.Pop()
}

// snapped moves v to a pixel of the PNG.
func snapped(v vg.Length) vg.Length {
	const pixel = vg.Inch / dotsPerInch
	return vg.Length(math.Round(float64(v/pixel))) * pixel
}

// standIns are near twins, in the font, of characters that it lacks.
var standIns = map[rune]rune{
	'∥': '‖', '∼': '~', '⟨': '‹', '⟩': '›', '≪': '«', '≫': '»', '⇒': '→',
	'⊤': 'T', 'ℝ': 'R', '∘': '·', '⋅': '·', '⋯': '…', '△': '∆',
}

func withStandIns(s string) string {
	letters := []rune(s)
	for i, r := range letters {
		if t, ok := standIns[r]; ok {
			letters[i] = t
		}
	}
	return string(letters)
}

// CheckLabel reports the first character of s that cannot be drawn.
func CheckLabel(s string) error {
	for _, r := range figure.Spans(withStandIns(s)) {
		for _, letter := range r.Text {
			if !hasGlyph(letter) {
				return fmt.Errorf("%q holds %q (%U), which Liberation Sans cannot draw: write it in words or with another sign", s, letter, letter)
			}
		}
	}
	return nil
}

func hasGlyph(letter rune) bool {
	var buffer sfnt.Buffer
	index, err := sans().regular.Face.GlyphIndex(&buffer, letter)
	return err == nil && index != 0 && !unicode.IsControl(letter)
}

// Bounds of a name in a legend, and what stands for a character of it that the font
// lacks.
const (
	legendLetters = 40
	noGlyph       = '□'
)

// Names are names that users chose, as a legend can write them. Unlike a label
// of this program's own, a name is no reason to refuse a figure: a character that the
// font lacks becomes a box, and a long name ends in dots. Those that are alike then
// have their numbers behind them.
func Names(names []string) []string {
	list, alike := make([]string, len(names)), map[string]int{}
	for i, name := range names {
		letters := []rune(name)
		for k, r := range letters {
			if CheckLabel(string(r)) != nil {
				letters[k] = noGlyph
			}
		}
		if len(letters) > legendLetters {
			letters = append(letters[:legendLetters-1], '…')
		}
		list[i] = string(letters)
		alike[list[i]]++
	}
	for i, name := range list {
		if alike[name] > 1 {
			list[i] = fmt.Sprintf("%s (%d)", name, i+1)
		}
	}
	return list
}
