package study

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/theory"
)

// The full grid is part of the study; a short run stops at 3 bits.
func TestSpectrum(t *testing.T) {
	if !testing.Short() {
		o, err := spectrum.Judge(context.Background(), Evidence{}) // it trains nothing
		allHold(t, o, err)
		return
	}
	d, err := largestSpectrumDeviation(context.Background(), smallGrid(), closedForm)
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range d.byName() {
		if !(v <= spectrumTolerance) {
			t.Errorf("%s deviate by %v", name, v)
		}
	}
	if _, err := spectrumFigure(); err != nil {
		t.Error(err)
	}
}

func (d spectrumDeviation) byName() map[string]float64 {
	return map[string]float64{
		"singular values": d.singularValues, "input eigenvalues": d.inputEigenvalues,
		"asymptotes": d.asymptotes, "quadrants": d.quadrants,
	}
}

func smallGrid() []dataset.Point {
	return slices.DeleteFunc(spectrumGrid(), func(p dataset.Point) bool { return p.Bits > 3 })
}

// A fault in one closed form must show in that quantity and in no other.
func TestSpectrumNoticesFaults(t *testing.T) {
	for _, c := range []struct {
		planted, where string
		fault          func(p dataset.Point, c *closedSpectrum)
	}{
		{"λ of mode 3 with √k_x for k_x", "singular values", func(p dataset.Point, c *closedSpectrum) {
			for i, l := range c.singularValues {
				if l.Value == math.Sqrt(float64(p.KX*p.KY))*p.R*p.R/float64(p.Examples()) {
					c.singularValues[i].Value /= math.Sqrt(math.Sqrt(float64(p.KX)))
				}
			}
		}},
		{"a multiplicity short by one", "singular values", func(_ dataset.Point, c *closedSpectrum) {
			if n := len(c.singularValues); n > 0 {
				c.singularValues[n-1].Multiplicity--
			}
		}},
		{"Σ_x divided by P−1", "input eigenvalues", func(p dataset.Point, c *closedSpectrum) {
			for i := range c.inputEigenvalues {
				c.inputEigenvalues[i].Value *= float64(p.Examples()) / float64(p.Examples()-1)
			}
		}},
		{"an input of no power that counts as a direction", "input eigenvalues", func(_ dataset.Point, c *closedSpectrum) {
			c.inputEigenvalues = append(c.inputEigenvalues, theory.Level{Value: 1, Multiplicity: 1})
		}},
		{"a1 upside down", "asymptotes", func(_ dataset.Point, c *closedSpectrum) {
			for i := range c.asymptotes {
				c.asymptotes[i].Value = 1 / c.asymptotes[i].Value
			}
		}},
		{"two quadrants exchanged", "quadrants", func(_ dataset.Point, c *closedSpectrum) {
			c.quadrants.GammaOmega, c.quadrants.OmegaGamma = c.quadrants.OmegaGamma, c.quadrants.GammaOmega
		}},
		{"a NaN", "quadrants", func(_ dataset.Point, c *closedSpectrum) { c.quadrants.GammaGamma = math.NaN() }},
	} {
		d, err := largestSpectrumDeviation(context.Background(), smallGrid(), func(p dataset.Point) closedSpectrum {
			closed := closedForm(p)
			c.fault(p, &closed)
			return closed
		})
		if err != nil {
			t.Fatal(err)
		}
		for name, v := range d.byName() {
			if passes := v <= spectrumTolerance; passes != (name != c.where) {
				t.Errorf("with %s planted, %s deviate by %v", c.planted, name, v)
			}
		}
	}
}

func TestSpectrumGridHoldsTheEdges(t *testing.T) {
	grid := spectrumGrid()
	seen := map[string]bool{}
	for _, p := range grid {
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
		key := p.String()
		if p.NY() > 0 && p.OutputBits[0] > 0 {
			key += " last"
		}
		if seen[key] {
			t.Fatalf("%s is in the grid twice", key)
		}
		seen[key] = true
	}
	for name, is := range map[string]func(p dataset.Point) bool{
		"no compositional input":         func(p dataset.Point) bool { return p.NX() == 0 },
		"no compositional output":        func(p dataset.Point) bool { return p.NY() == 0 },
		"no non-compositional input":     func(p dataset.Point) bool { return p.KX == 0 },
		"no non-compositional output":    func(p dataset.Point) bool { return p.KY == 0 },
		"features of strength 0":         func(p dataset.Point) bool { return p.R == 0 && p.KX > 0 },
		"an input of zeros alone":        func(p dataset.Point) bool { return p.R == 0 && p.NX() == 0 },
		"every input bit, 5 of them":     func(p dataset.Point) bool { return p.NX() == 5 && p.KX == 3 && p.KY == 3 },
		"an output bit that is no input": func(p dataset.Point) bool { return len(theory.Sets(p, dataset.Whole, theory.NotGiven)) > 0 },
	} {
		if !slices.ContainsFunc(grid, is) {
			t.Errorf("the grid lacks %s", name)
		}
	}
}

func TestShareOfLargest(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b []float64
		want float64
	}{
		{"nothing", nil, nil, 0},
		{"zeros", []float64{0}, []float64{0, 0}, 0},
		{"equal", []float64{2, 1}, []float64{2, 1}, 0},
		{"one too many", []float64{2, 1}, []float64{2}, 0.5},
		{"apart", []float64{4, 1}, []float64{4, 2}, 0.25},
	} {
		if got := shareOfLargest(c.a, c.b); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if got := shareOfLargest([]float64{1}, []float64{math.NaN()}); !math.IsNaN(got) {
		t.Errorf("against NaN: %v, want NaN", got)
	}
}

func TestSpectrumStopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := spectrum.Judge(ctx, Evidence{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want %v", err, context.Canceled)
	}
}
