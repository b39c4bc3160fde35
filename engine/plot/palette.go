package plot

import (
	"image/color"

	"modspec/engine/figure"
)

// palette holds Okabe and Ito's colours, which stay apart for every common kind
// of colour blindness (Color Universal Design, 2008). Those that are strongest
// on white come first. Their yellow is left out, since a line of it on white is
// lost, and their black is a grey here, so that it too has a darker shade.
var palette = []color.NRGBA{
	{0x00, 0x72, 0xB2, 0xFF}, // blue
	{0xD5, 0x5E, 0x00, 0xFF}, // vermillion
	{0x00, 0x9E, 0x73, 0xFF}, // bluish green
	{0xCC, 0x79, 0xA7, 0xFF}, // reddish purple
	{0xE6, 0x9F, 0x00, 0xFF}, // orange
	{0x56, 0xB4, 0xE9, 0xFF}, // sky blue
	grey,
}

// grey is the palette's stand-in for black.
var grey = color.NRGBA{0x6E, 0x6E, 0x6E, 0xFF}

// The greys, darkest first: text, then lines.
var (
	ink       = color.NRGBA{0x22, 0x22, 0x22, 0xFF} // titles and labels
	axisGrey  = color.NRGBA{0x55, 0x55, 0x55, 0xFF} // axes, ticks and their numbers
	guideGrey = color.NRGBA{0x88, 0x88, 0x88, 0xFF} // reference levels
	gridGrey  = color.NRGBA{0xE8, 0xE8, 0xE8, 0xFF}
	paper     = color.NRGBA{0xFF, 0xFF, 0xFF, 0xFF}
)

// hue is the palette's colour for a series, whatever its style.
func hue(s figure.Series) color.NRGBA { return palette[s.Color%len(palette)] }

// colourOf is the colour a series is drawn in.
func colourOf(s figure.Series) color.NRGBA {
	switch s.Style {
	case figure.Dashed:
		return darkened(hue(s))
	case figure.Dotted:
		return guideGrey
	}
	return hue(s)
}

// darkened keeps the hue of c at 45 % of its light, enough to read as a line of
// its own upon c.
func darkened(c color.NRGBA) color.NRGBA {
	dim := func(v uint8) uint8 { return uint8(uint16(v) * 45 / 100) }
	return color.NRGBA{dim(c.R), dim(c.G), dim(c.B), c.A}
}

// translucent is c at the given opacity out of 255.
func translucent(c color.NRGBA, opacity uint8) color.NRGBA {
	c.A = opacity
	return c
}
