package study

import (
	"modspec/engine/dataset"
	"modspec/engine/figure"
	"modspec/engine/theory"
)

// spectrumFigure draws the paper's dataset with r as the axis. It leaves out
// r = 0, where modes 2 and 3 do not exist.
func spectrumFigure() (figure.Figure, error) {
	at := func(r float64) dataset.Point {
		p := paperPoint
		p.R = r
		return p
	}
	var fine, coarse []float64
	for i := 1; i <= 60; i++ {
		r := float64(i) / 20
		fine = append(fine, r)
		if i%5 == 0 {
			coarse = append(coarse, r)
		}
	}
	numerical := make([]*numericalSpectrum, len(coarse))
	for i, r := range coarse {
		var err error
		if numerical[i], err = decompose(at(r)); err != nil {
			return figure.Figure{}, err
		}
	}
	// pair returns a closed form as a dashed line and its numerical counterpart as
	// points.
	pair := func(label string, color int, closed func(p dataset.Point) float64, found func(p dataset.Point, s *numericalSpectrum) float64) []figure.Series {
		line := figure.Series{Label: label, X: fine, Style: figure.Dashed, Color: color}
		for _, r := range fine {
			line.Y = append(line.Y, closed(at(r)))
		}
		points := figure.Series{X: coarse, Style: figure.Points, Color: color}
		for i, r := range coarse {
			points.Y = append(points.Y, found(at(r), numerical[i]))
		}
		return []figure.Series{line, points}
	}
	singular := figure.Panel{Title: "singular values of Σ_yx", XLabel: "r", YLabel: "λ"}
	ends := figure.Panel{Title: "asymptotes", XLabel: "r", YLabel: "λ/δ", Legend: figure.NoLegend}
	norms := figure.Panel{Title: "final quadrant norms", XLabel: "r", YLabel: "norm"}
	for k, m := range theory.Modes(paperPoint, dataset.Whole) {
		singular.Series = append(singular.Series, pair(modeLabel(m), k,
			func(p dataset.Point) float64 { return theory.Modes(p, dataset.Whole)[k].SingularValue },
			func(p dataset.Point, s *numericalSpectrum) float64 {
				return s.singularValues[placeOf(p, k, func(m theory.Mode) float64 { return m.SingularValue })]
			})...)
		ends.Series = append(ends.Series, pair(modeLabel(m), k,
			func(p dataset.Point) float64 { return theory.Modes(p, dataset.Whole)[k].Asymptote() },
			func(p dataset.Point, s *numericalSpectrum) float64 {
				return s.asymptotes[placeOf(p, k, theory.Mode.Asymptote)]
			})...)
	}
	for k, q := range quadrantNorms {
		norms.Series = append(norms.Series, pair(q.label, k,
			func(p dataset.Point) float64 { return q.of(theory.FinalQuadrants(p, dataset.Whole)) },
			func(_ dataset.Point, s *numericalSpectrum) float64 { return q.of(s.quadrants) })...)
	}
	return figure.Figure{
		Name:  "spectrum",
		Title: "Spectrum of the datasets, closed form (dashed) and numerical (points)",
		Caption: "Singular values, asymptotes and final quadrant norms of the paper's dataset (bits 3, n_x 3, n_y 1, k_x 3, k_y 1) as the strength r of its non-compositional features varies. " +
			"Stronger features speed up every mode, and take the compositional answer away from Ωx. Γx→Ωy and Ωx→Γy coincide here, because n_y k_x = n_x k_y.",
		Panels: []figure.Panel{singular, ends, norms},
	}, nil
}

// placeOf returns where the values of the k-th mode begin in the descending list
// of the values of all directions.
func placeOf(p dataset.Point, k int, value func(theory.Mode) float64) int {
	modes, place := theory.Modes(p, dataset.Whole), 0
	for _, m := range modes {
		if value(m) > value(modes[k]) {
			place += m.Multiplicity
		}
	}
	return place
}
