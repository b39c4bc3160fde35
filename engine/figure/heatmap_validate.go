package figure

import (
	"fmt"
	"math"
)

// farthest bounds the centres of cells: beyond it differences of values leave
// the range of float64.
const farthest = 1e300

// validateHeatmap reports the first thing about p's heatmap, or about p that
// does not go with one, that cannot be drawn.
func (p Panel) validateHeatmap() error {
	switch {
	case p.XRange != nil || p.YRange != nil:
		return fmt.Errorf("a range of x or y with a heatmap, whose cells fill the panel: leave it out, and cells out of X, Y and Z")
	case p.XNames != nil:
		return fmt.Errorf("names of the panel's x with a heatmap: put them into the heatmap's XNames")
	}
	for i, s := range p.Series {
		if s.Style == Bars {
			return fmt.Errorf("series %d (%q): bars over a heatmap hide its cells: draw lines or points", i+1, s.Label)
		}
	}
	return p.Heatmap.validate(p.XLog, p.YLog)
}

func (h Heatmap) validate(xLog, yLog bool) error {
	columns, err := validateCentres("column", "X", h.X, h.XNames, xLog)
	if err != nil {
		return err
	}
	rows, err := validateCentres("row", "Y", h.Y, h.YNames, yLog)
	if err != nil {
		return err
	}
	if err := validateTable("Z", h.Z, rows, columns); err != nil {
		return err
	}
	if h.Theory != nil {
		if err := validateTable("Theory", h.Theory, rows, columns); err != nil {
			return err
		}
	}
	if err := validateRange("colour", h.Range, h.Log); err != nil {
		return err
	}
	if h.Center == nil {
		return nil
	}
	c := *h.Center
	switch {
	case !Finite(c):
		return fmt.Errorf("colours centred at %g: want a finite number", c)
	case h.Log && c <= 0:
		return fmt.Errorf("logarithmic colours centred at %g: want a number above 0, such as 1 for ratios", c)
	case h.Range != nil && (c < h.Range[0] || c > h.Range[1]):
		return fmt.Errorf("colours centred at %g, outside their range [%g, %g]: want it inside", c, h.Range[0], h.Range[1])
	}
	return nil
}

// validateCentres checks one side of a heatmap and counts its cells.
func validateCentres(kind, field string, centres []float64, names []string, logarithmic bool) (int, error) {
	n := len(centres)
	switch {
	case centres == nil && names != nil:
		n = len(names)
		if logarithmic {
			return 0, fmt.Errorf("%ss with names alone on a logarithmic axis, where 0 has no place: leave out the logarithm, or give %s", kind, field)
		}
	case names != nil && len(names) != n:
		return 0, fmt.Errorf("%d %s names for %d %ss: want as many of both", len(names), kind, n, kind)
	}
	if n == 0 {
		return 0, fmt.Errorf("a heatmap without %ss: want at least one in %s", kind, field)
	}
	if n > MostCells {
		return 0, fmt.Errorf("a heatmap of %d %ss: want at most %d, so average neighbours first", n, kind, MostCells)
	}
	for i, v := range centres {
		switch {
		case math.IsNaN(v) || math.Abs(v) > farthest:
			return 0, fmt.Errorf("%s[%d] of the heatmap is %g: want a number from %g to %g", field, i, v, -farthest, farthest)
		case i > 0 && v <= centres[i-1]:
			return 0, fmt.Errorf("%s[%d] of the heatmap is %g after %g: want ascending numbers", field, i, v, centres[i-1])
		case logarithmic && v < 1/farthest:
			return 0, fmt.Errorf("%s[%d] of the heatmap is %g on a logarithmic axis: want a number above 0, at least %g", field, i, v, 1/farthest)
		}
	}
	return n, nil
}

func validateTable(field string, table [][]float64, rows, columns int) error {
	if len(table) != rows {
		return fmt.Errorf("%s of the heatmap has %d rows for %d values of y: want as many of both", field, len(table), rows)
	}
	for i, row := range table {
		if len(row) != columns {
			return fmt.Errorf("%s[%d] of the heatmap has %d values for %d of x: want as many of both", field, i, len(row), columns)
		}
	}
	return nil
}
