package plot

import (
	"image/color"

	"modspec/engine/figure"
	"modspec/engine/plot/colourmap"
)

// A scale gives values their colours. Its axis runs along the colour bar.
type scale struct {
	axis
	colours colourmap.Map
	centred bool
	middle  float64 // place on the axis of the middle colour, if centred
}

// scaleOf is the scale of h, and whether there is anything that needs one:
// without a range and without values there is no bar to read.
func scaleOf(h *figure.Heatmap) (s scale, ok bool) {
	given := h.Range
	if given == nil {
		given = figure.CommonRange(h)
	}
	s = scale{axis: newExtent(h.Log).finish(given, 0, 0), colours: colourmap.Sequential}
	if h.Center != nil {
		s.colours, s.centred, s.middle = colourmap.Diverging, true, s.place(*h.Center)
	}
	if h.Range != nil {
		return s, true
	}
	for _, row := range h.Z {
		for _, v := range row {
			ok = ok || s.drawable(v)
		}
	}
	return s, ok
}

// colour is the colour of v, which must be drawable. Values beyond the ends of
// the bar have the colours of its ends.
func (s scale) colour(v float64) color.NRGBA { return s.colourAt(s.place(v)) }

// colourAt is the colour at a place of the bar. The two hues of a diverging map
// darken equally fast on both sides of its middle, so where the range reaches
// farther on one side the other has only the lighter part of its hue.
func (s scale) colourAt(t float64) color.NRGBA {
	if !s.centred {
		return s.colours.At(t)
	}
	return s.colours.At(0.5 + 0.5*(t-s.middle)/max(s.middle, 1-s.middle))
}
