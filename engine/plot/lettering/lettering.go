// Package lettering sets labels in Liberation Sans, through gonum/plot's interface for
// handlers of text, so that its axes and legends use it too.
//
// Superscripts and subscripts are smaller, shifted letters, so that "10⁻⁴" and "Ω_x" look
// alike whether or not the font has that very glyph. A character that the font lacks and
// that has no stand-in is an error, not an empty box in print; only in the names that
// users give to networks a box stands for it.
package lettering

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
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"

	"modspec/engine/figure"
)

// Proportions of the letters, as shares of their size.
const (
	CapHeight = 0.716 // capitals and digits

	ascent     = 0.905
	descent    = 0.212
	lineHeight = ascent + descent
	scriptSize = 0.7
	scriptRise = 0.36
	scriptDrop = 0.16
)

// Vertical alignments of texts whose capitals have their middle at a point, where the
// point is given itself and where an axis has added the descent to it, as gonum/plot's
// vertical axes do.
const (
	Middle       = text.YAlignment(-CapHeight / 2 / lineHeight)
	MiddleOfTick = text.YAlignment(-(CapHeight/2 + descent) / lineHeight)
)

// Style is text of the given size and colour, with its baseline through the point at
// which it is drawn.
func Style(size vg.Length, c color.Color) text.Style {
	return text.Style{Color: c, Font: font.Font{Size: size}, Handler: handler{room: vg.Length(math.Inf(1))}}
}

// Bold is style in bold letters.
func Bold(style text.Style) text.Style {
	style.Font.Weight = xfont.WeightBold
	return style
}

// smallest is the size below which text is not set: it could not be read.
const smallest = vg.Length(6)

// Fitted is style, smaller if s would otherwise be wider than room, down to the
// smallest text.
func Fitted(style text.Style, s string, room vg.Length) text.Style {
	style.Font.Size = fitted(style.Font, s, room)
	return style
}

func fitted(f font.Font, s string, room vg.Length) vg.Length {
	if w := width(f, s); w > room && w > 0 {
		return max(f.Size*room/w, min(f.Size, smallest))
	}
	return f.Size
}

// Within is style for texts of which each is fitted to room when it is drawn. They count
// as no wider than room, and keep the height of the style.
func Within(style text.Style, room vg.Length) text.Style {
	style.Handler = handler{room}
	return style
}

// sans finds the two faces used here in gonum's collection, without the cache that plot
// keeps in a package variable.
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

func face(f font.Font) font.Face {
	found := sans().regular
	if f.Weight == xfont.WeightBold {
		found = sans().bold
	}
	found.Font.Size = f.Size
	return found
}

func spanFace(f font.Font, s figure.Span) font.Face {
	if s.Level != figure.OnLine {
		f.Size *= scriptSize
	}
	return face(f)
}

func width(f font.Font, s string) vg.Length {
	var w vg.Length
	for _, span := range figure.Spans(withStandIns(s)) {
		face := spanFace(f, span)
		w += face.Width(span.Text)
	}
	return w
}

// A handler implements gonum/plot's text.Handler for labels of one line.
type handler struct{ room vg.Length }

// Cache implements text.Handler. The fonts are those of this package.
func (handler) Cache() *font.Cache { return nil }

// Lines implements text.Handler: a label is one line.
func (handler) Lines(s string) []string { return []string{s} }

// Extents implements text.Handler.
func (handler) Extents(f font.Font) font.Extents {
	return font.Extents{Ascent: ascent * f.Size, Descent: descent * f.Size, Height: lineHeight * f.Size}
}

// Box implements text.Handler.
func (h handler) Box(s string, f font.Font) (w, height, depth vg.Length) {
	return min(width(f, s), h.room), ascent * f.Size, descent * f.Size
}

// Draw implements text.Handler. Turned text starts on a whole pixel of the PNG, which
// makes its letters as crisp as upright ones.
func (h handler) Draw(c vg.Canvas, s string, style text.Style, pt vg.Point) {
	f := style.Font
	f.Size = fitted(f, s, h.room)
	at := vg.Point{X: vg.Length(style.XAlign) * width(f, s), Y: vg.Length(style.YAlign) * lineHeight * style.Font.Size}
	if style.Rotation != 0 {
		c.Push()
		defer c.Pop()
		c.Translate(vg.Point{X: Snapped(pt.X), Y: Snapped(pt.Y)})
		c.Rotate(style.Rotation)
	} else {
		at = at.Add(pt)
	}
	c.SetColor(style.Color)
	for _, span := range figure.Spans(withStandIns(s)) {
		from := at
		switch span.Level {
		case figure.Superscript:
			from.Y += scriptRise * f.Size
		case figure.Subscript:
			from.Y -= scriptDrop * f.Size
		}
		// An SVG drops the spaces that a text starts with.
		face, text := spanFace(f, span), strings.TrimLeft(span.Text, " ")
		from.X += face.Width(span.Text[:len(span.Text)-len(text)])
		if text != "" {
			c.FillString(face, from, text)
		}
		at.X += face.Width(span.Text)
	}
}

// DotsPerInch is the resolution of PNGs: twice what CSS calls an inch, for dense
// screens.
const DotsPerInch = 192

// Snapped moves v to a pixel of the PNG.
func Snapped(v vg.Length) vg.Length {
	const pixel = vg.Inch / DotsPerInch
	return vg.Length(math.Round(float64(v/pixel))) * pixel
}

// standIns are similar characters of the font for some that it lacks.
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

// Check reports the first character of s that cannot be drawn.
func Check(s string) error {
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

// Names are names that users chose, as a legend can write them. Unlike a label of this
// program, a name never causes a figure to be refused: a character that the font lacks
// becomes a box, and a long name ends in dots. Those that are alike then have their
// numbers behind them.
func Names(names []string) []string {
	list, alike := make([]string, len(names)), map[string]int{}
	for i, name := range names {
		letters := []rune(name)
		for k, r := range letters {
			if Check(string(r)) != nil {
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
