package colourmap

import (
	"image/color"
	"math"
	"testing"
)

// linearLight undoes sRGB's encoding of v out of 255.
func linearLight(v float64) float64 {
	v /= 255
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// toOKLab goes the other way than oklab.linear, by Ottosson's matrices for that
// way, so that a wrong digit in either shows.
func toOKLab(r, g, b float64) oklab {
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	return oklab{
		0.2104542553*l + 0.7936177850*m - 0.0040720468*s,
		1.9779984951*l - 2.4285922050*m + 0.4505937099*s,
		0.0259040371*l + 0.7827717662*m - 0.8086757660*s,
	}
}

func seen(c color.NRGBA) oklab {
	return toOKLab(linearLight(float64(c.R)), linearLight(float64(c.G)), linearLight(float64(c.B)))
}

// rounding bounds how far in OKLab the rounding to eight bits moves c: the
// farthest of the corners of the half step around it.
func rounding(c color.NRGBA) float64 {
	farthest := 0.0
	for corner := range 8 {
		part := func(v uint8, bit int) float64 {
			return linearLight(min(max(float64(v)+float64(corner>>bit&1)-0.5, 0), 255))
		}
		farthest = max(farthest, seen(c).distance(toOKLab(part(c.R, 0), part(c.G, 1), part(c.B, 2))))
	}
	return farthest
}

// halves are the parts of the maps along which lightness must rise.
func halves() map[string]Map {
	m := len(Diverging) / 2
	right := make(Map, 0, m+1)
	for i := len(Diverging) - 1; i >= m; i-- {
		right = append(right, Diverging[i])
	}
	return map[string]Map{"sequential": Sequential, "diverging, low": Diverging[:m+1], "diverging, high": right}
}

func TestColourMapsRiseEvenly(t *testing.T) {
	for name, m := range halves() {
		const apart = 8 // colours: far enough for rounding to be small beside it
		least, most, slack := math.Inf(1), 0.0, 0.0
		for i := apart; i < len(m); i++ {
			d := seen(m[i]).distance(seen(m[i-apart]))
			least, most, slack = min(least, d), max(most, d), max(slack, rounding(m[i])+rounding(m[i-apart]))
			if luminanceOf(m[i]) <= luminanceOf(m[i-apart]) {
				t.Errorf("%s: colour %d is not lighter than colour %d", name, i, i-apart)
			}
		}
		for i := 1; i < len(m); i++ {
			// Luminance may fall between neighbours only by rounding: a half of 255
			// in each channel, whose weights add up to 1, where sRGB is steepest.
			if steepest := 2.4 / 1.055 / 255; luminanceOf(m[i]) < luminanceOf(m[i-1])-steepest {
				t.Errorf("%s: colour %d is darker than the one before it", name, i)
			}
			if m[i] == m[i-1] {
				t.Errorf("%s: colours %d and %d are one", name, i-1, i)
			}
		}
		// Both distances are off by at most the rounding of their ends; a chord is
		// shorter than its arc by the square of an eighth of a radian, over 24; and
		// a colour is up to a sixteenth of a step out of place at either end.
		if bound := 2*slack + most*(1./8/8/24+2./16/apart); most-least > bound {
			t.Errorf("%s: steps of %d colours measure %.4f to %.4f, more than %.4f apart", name, apart, least, most, bound)
		}
	}
}

func TestColourMapsStayOnTheScreen(t *testing.T) {
	// Clipping in rgb would bend the curve and go unnoticed: each colour of the
	// map must come back as what the curve asks for.
	for name, control := range map[string][]oklab{"sequential": sequentialCurve, "blue": blueCurve, "orange": orangeCurve} {
		for i := range 101 {
			c := bezier(control, float64(i)/100)
			got := c.rgb()
			if d := seen(got).distance(c); d > rounding(got) {
				t.Errorf("%s at %d %%: shown %.4f away, rounding explains %.4f", name, i, d, rounding(got))
			}
		}
	}
}

// Readers who lack one kind of cone see the maps rise, and tell the two ends of
// the diverging one apart.
func TestColourMapsForTheColourBlind(t *testing.T) {
	// Machado, Oliveira and Fernandes (2009), severity 1, on linear light.
	for name, m := range map[string][9]float64{
		"protanopia":   {0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998},
		"deuteranopia": {0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881},
		"tritanopia":   {1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900},
	} {
		as := func(c color.NRGBA) oklab {
			r, g, b := linearLight(float64(c.R)), linearLight(float64(c.G)), linearLight(float64(c.B))
			shown := func(i int) float64 { return min(max(m[i]*r+m[i+1]*g+m[i+2]*b, 0), 1) }
			return toOKLab(shown(0), shown(3), shown(6))
		}
		for part, colours := range halves() {
			const apart = 8
			for i := apart; i < len(colours); i++ {
				if as(colours[i]).l <= as(colours[i-apart]).l {
					t.Errorf("%s, %s: colour %d is not lighter than colour %d", name, part, i, i-apart)
				}
			}
		}
		const justNoticed = 0.02 // in OKLab, for patches side by side (Ottosson)
		for _, share := range []int{2, 4} {
			k := len(Diverging) / 2 / share
			low, high := as(Diverging[k]), as(Diverging[len(Diverging)-1-k])
			if d := low.distance(high); d < 5*justNoticed {
				t.Errorf("%s: opposite colours %d from the ends are %.3f apart", name, k, d)
			}
		}
	}
}

func TestDivergingMapIsBalanced(t *testing.T) {
	n := len(Diverging)
	if n%2 == 0 {
		t.Fatalf("%d colours have no middle", n)
	}
	middle := Diverging[n/2]
	if middle.R != middle.G || middle.G != middle.B {
		t.Errorf("the middle is %v, want a grey", middle)
	}
	for k := range n / 2 {
		low, high := Diverging[k], Diverging[n-1-k]
		// Equal ends and one middle, along curves of other lengths; five hundredths
		// of lightness between them do not make one side look stronger.
		if d := math.Abs(seen(low).l - seen(high).l); d > 0.05 {
			t.Errorf("colours %d from the ends differ by %.3f in lightness", k, d)
		}
	}
}

// luminanceOf is WCAG 2's relative luminance, from the light that this file undoes.
func luminanceOf(c color.NRGBA) float64 {
	return 0.2126*linearLight(float64(c.R)) + 0.7152*linearLight(float64(c.G)) + 0.0722*linearLight(float64(c.B))
}

func TestLuminance(t *testing.T) {
	for _, c := range []color.NRGBA{{}, {R: 255, G: 255, B: 255}, {R: 10, G: 11, B: 200}, {G: 128}} {
		if got, want := Luminance(c), luminanceOf(c); got != want {
			t.Errorf("the luminance of %v is %v, want %v", c, got, want)
		}
	}
}
