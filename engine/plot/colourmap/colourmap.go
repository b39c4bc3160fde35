// Package colourmap holds the colours of heatmaps: maps that are even in steps and
// monotone in lightness.
package colourmap

import (
	"image/color"
	"math"
)

// A Map holds the colours from the bottom of a colour bar to its top.
type Map []color.NRGBA

// The maps are made here rather than taken from elsewhere. Each follows a Bézier
// curve through OKLab, the space in which equal distances look equally
// different, and is cut into steps of one length. A Bézier curve rises where its
// control points do, so lightness rises all along the sequential map and up to
// the middle of the diverging one: the maps read in grey, and to readers who do
// not see a hue, by lightness alone.
//
// The diverging map has an odd number of colours, so that its middle is one of
// them. It joins blue and orange, which stay apart for every common kind of
// colour blindness, at equal lightness.
var (
	sequentialCurve = []oklab{{0.25, 0.030, -0.115}, {0.50, -0.045, -0.125}, {0.73, -0.165, 0.040}, {0.95, -0.045, 0.160}}
	blueCurve       = []oklab{{0.37, -0.025, -0.100}, {0.66, -0.050, -0.150}, {0.97, 0, 0}}
	orangeCurve     = []oklab{{0.37, 0.070, 0.066}, {0.66, 0.115, 0.140}, {0.97, 0, 0}}

	Sequential = evenly(256, sequentialCurve)
	Diverging  = joined(evenly(128, blueCurve), evenly(128, orangeCurve))
)

// At is the colour at place t of the bar, which is 0 at its bottom and 1 at its
// top.
func (m Map) At(t float64) color.NRGBA {
	return m[int(math.Round(min(max(t, 0), 1)*float64(len(m)-1)))]
}

// An oklab is a colour in OKLab (Björn Ottosson, "A perceptual color space for
// image processing", 2020): lightness from 0 to 1, green to red, blue to yellow.
type oklab struct{ l, a, b float64 }

// linear gives the shares of sRGB's primaries in the light of c. They lie
// outside 0 to 1 for what a screen cannot show.
func (c oklab) linear() (r, g, b float64) {
	cube := func(v float64) float64 { return v * v * v }
	l := cube(c.l + 0.3963377774*c.a + 0.2158037573*c.b)
	m := cube(c.l - 0.1055613458*c.a - 0.0638541728*c.b)
	s := cube(c.l - 0.0894841775*c.a - 1.2914855480*c.b)
	return 4.0767416621*l - 3.3077115913*m + 0.2309699292*s,
		-1.2684380046*l + 2.6097574011*m - 0.3413193965*s,
		-0.0041960863*l - 0.7034186147*m + 1.7076147010*s
}

// rgb is c in the eight bits of sRGB (IEC 61966-2-1).
func (c oklab) rgb() color.NRGBA {
	encode := func(v float64) uint8 {
		v = min(max(v, 0), 1)
		if v <= 0.0031308 {
			v *= 12.92
		} else {
			v = 1.055*math.Pow(v, 1/2.4) - 0.055
		}
		return uint8(math.Round(v * 255))
	}
	r, g, b := c.linear()
	return color.NRGBA{encode(r), encode(g), encode(b), 0xFF}
}

func (c oklab) mixed(d oklab, t float64) oklab {
	return oklab{c.l + t*(d.l-c.l), c.a + t*(d.a-c.a), c.b + t*(d.b-c.b)}
}

func (c oklab) distance(d oklab) float64 {
	return math.Sqrt((c.l-d.l)*(c.l-d.l) + (c.a-d.a)*(c.a-d.a) + (c.b-d.b)*(c.b-d.b))
}

// bezier is the point at t of the curve with the given control points, by de
// Casteljau's construction.
func bezier(control []oklab, t float64) oklab {
	points := append([]oklab(nil), control...)
	for n := len(points) - 1; n > 0; n-- {
		for i := range n {
			points[i] = points[i].mixed(points[i+1], t)
		}
	}
	return points[0]
}

// evenly takes n colours along a Bézier curve, each as far from the one before.
func evenly(n int, control []oklab) Map {
	const pieces = 4096 // sixteen to a colour, so each is a sixteenth of a step out of place at most
	length := make([]float64, pieces+1)
	before := control[0]
	for i := 1; i <= pieces; i++ {
		point := bezier(control, float64(i)/pieces)
		length[i] = length[i-1] + point.distance(before)
		before = point
	}
	colours := make(Map, n)
	piece := 0
	for i := range colours {
		want := length[pieces] * float64(i) / float64(n-1)
		for piece < pieces && length[piece] < want {
			piece++
		}
		colours[i] = bezier(control, float64(piece)/pieces).rgb()
	}
	return colours
}

// joined is one map after the other from its end, which both have in common.
func joined(left, right Map) Map {
	m := append(Map(nil), left...)
	for i := len(right) - 2; i >= 0; i-- {
		m = append(m, right[i])
	}
	return m
}

// light is the share of light that sRGB means by v out of 255 (IEC 61966-2-1).
func light(v uint8) float64 {
	s := float64(v) / 255
	if s <= 0.04045 {
		return s / 12.92
	}
	return math.Pow((s+0.055)/1.055, 2.4)
}

// Luminance is the luminance of c relative to white, as WCAG 2 defines it.
func Luminance(c color.NRGBA) float64 {
	return 0.2126*light(c.R) + 0.7152*light(c.G) + 0.0722*light(c.B)
}
