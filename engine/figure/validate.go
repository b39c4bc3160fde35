package figure

import (
	"fmt"
	"math"
	"regexp"
)

// stem is what a figure may be called. The name becomes a file stem on every
// platform and an anchor in the report, so it keeps to what both can carry.
var stem = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// longestName leaves room for a folder and an extension in the shortest path
// limit in common use, 255 bytes an element.
const longestName = 100

// Validate reports the first thing about f that cannot be drawn: a name that is
// no file stem, no panels, lengths that differ, an x that is not finite, a range
// that is empty or, on a logarithmic axis, not positive, a style, corner or
// colour that does not exist, or a heatmap whose centres, names and tables do not
// fit each other or its panel. Values of Y, Low, High, Z and Theory may be
// anything: what is not finite is a gap.
func (f Figure) Validate() error {
	if !stem.MatchString(f.Name) || len(f.Name) > longestName {
		return fmt.Errorf("figure name %q: want lower-case letters and digits joined by single dashes, at most %d of them, such as \"dense-dynamics\"", f.Name, longestName)
	}
	if f.Columns < 0 {
		return fmt.Errorf("figure %s: %d columns: want 0 (one row) or more", f.Name, f.Columns)
	}
	if len(f.Panels) == 0 {
		return fmt.Errorf("figure %s has no panels: want at least one", f.Name)
	}
	for i, p := range f.Panels {
		if err := p.validate(); err != nil {
			return fmt.Errorf("figure %s, panel %d (%q): %w", f.Name, i+1, p.Title, err)
		}
	}
	return nil
}

func (p Panel) validate() error {
	if err := validateRange("x", p.XRange, p.XLog); err != nil {
		return err
	}
	if err := validateRange("y", p.YRange, p.YLog); err != nil {
		return err
	}
	if p.XLog && p.XNames != nil {
		return fmt.Errorf("names on a logarithmic x axis: x = 0 has no place there; leave out XLog or XNames")
	}
	if p.Legend < EmptiestCorner || p.Legend > NoLegend {
		return fmt.Errorf("legend corner %d does not exist: want EmptiestCorner to NoLegend, %d to %d", p.Legend, EmptiestCorner, NoLegend)
	}
	for i, s := range p.Series {
		if err := s.validate(); err != nil {
			return fmt.Errorf("series %d (%q): %w", i+1, s.Label, err)
		}
	}
	if p.Heatmap != nil {
		return p.validateHeatmap()
	}
	return nil
}

func validateRange(axis string, r *[2]float64, logarithmic bool) error {
	if r == nil {
		return nil
	}
	lo, hi := r[0], r[1]
	if !Finite(lo) || !Finite(hi) || lo >= hi {
		return fmt.Errorf("%s range [%g, %g]: want two finite numbers, the lower first", axis, lo, hi)
	}
	if logarithmic && lo <= 0 {
		return fmt.Errorf("%s range [%g, %g] on a logarithmic axis: want both above 0", axis, lo, hi)
	}
	return nil
}

func (s Series) validate() error {
	n := len(s.X)
	if len(s.Y) != n {
		return fmt.Errorf("%d x values and %d y values: want as many of both", n, len(s.Y))
	}
	if (s.Low == nil) != (s.High == nil) {
		return fmt.Errorf("a band with one edge: want both Low and High, or neither")
	}
	if s.Low != nil && (len(s.Low) != n || len(s.High) != n) {
		return fmt.Errorf("%d x values, %d low and %d high values: want as many of each", n, len(s.Low), len(s.High))
	}
	for i, x := range s.X {
		if !Finite(x) {
			return fmt.Errorf("x[%d] is %g: want a finite number (a gap belongs in Y)", i, x)
		}
	}
	for i := range s.Low {
		if s.Low[i] > s.High[i] {
			return fmt.Errorf("band at x = %g: low %g lies above high %g", s.X[i], s.Low[i], s.High[i])
		}
	}
	if s.Style < Solid || s.Style > Bars {
		return fmt.Errorf("style %d does not exist: want Solid to Bars, %d to %d", s.Style, Solid, Bars)
	}
	if s.Color < 0 {
		return fmt.Errorf("colour %d: want 0 or more", s.Color)
	}
	return nil
}

// Finite reports whether v is neither NaN nor infinite.
func Finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
