// Package figure describes drawings as plain data.
//
// A study fills in a [Figure]; package plot draws it. Keeping the two apart
// lets a study be tested without a plotting library, and lets the same figure
// be drawn as PNG, SVG or, later, on a web page.
//
// The house convention for lines follows the paper: a simulation is drawn
// solid, theory is drawn dashed over it, and a reference level is dotted.
// Colours are indices into one colour-blind-safe palette, so that one quantity
// keeps its colour in every panel of a figure.
//
// Titles, labels and captions are one line each and may hold Greek letters and
// the signs ‖ · − → ± ≤ ≥ ≈ √ ∞ † ′. Superscripts and subscripts are written as
// Unicode has them (10⁻⁴, r², σ₀) or with a mark: "e^{−t}", "10^-4", and after a
// single letter "Ω_x → Γ_y", "a_max", "σ_{0,1}". Words that merely contain an
// underscore, such as step_size, stay as they are.
package figure

// A Figure is a grid of panels under one title.
type Figure struct {
	Name    string  // file stem, lower case with dashes: "dense-dynamics"
	Title   string  // one line above the panels; empty for none
	Caption string  // one or two sentences below the figure in the report
	Columns int     // panels in a row; 0 puts all of them in one row
	Panels  []Panel // row by row
}

// A Panel is one pair of axes.
type Panel struct {
	Title   string
	XLabel  string
	YLabel  string
	XLog    bool        // logarithmic x axis; points with x ≤ 0 are left out
	YLog    bool        // logarithmic y axis; points with y ≤ 0 are left out
	XRange  *[2]float64 // nil: the range of the data
	YRange  *[2]float64 // nil: the range of the data
	XNames  []string    // names that stand for x = 0, 1, 2, …; nil: numbers
	Legend  Corner      // where the legend stands; the zero value finds the emptiest place
	Heatmap *Heatmap    // below the series; nil for none
	Series  []Series    // drawn in order, so later series lie on top
}

// A Series is one curve, or one curve with a band around it.
//
// X and Y have equal lengths. Low and High, when present, have that length
// too and bound a shaded band (a spread over seeds, say); around points and
// bars they are whiskers. A NaN or an infinity in Y breaks the line.
type Series struct {
	Label string // in the legend; empty leaves the series out of it
	X, Y  []float64
	Low   []float64
	High  []float64
	Style Style
	Color int // index into the palette, which starts again after its last colour
}

// Style is how a series is drawn.
type Style int

// The styles, and what each stands for throughout modspec.
const (
	Solid  Style = iota // a simulation
	Dashed              // theory
	Dotted              // a reference level
	Points              // separate measurements
	Bars                // one bar for each x
)

// Corner is a corner of a panel.
type Corner int

// The corners a legend can stand in. EmptiestCorner, the zero value, picks the
// corner where it covers the least data; if it covers some in all four it stands
// elsewhere in the panel, and if it covers some everywhere, above the panel.
// NoLegend is for panels that share the legend of another.
const (
	EmptiestCorner Corner = iota
	TopRight
	TopLeft
	BottomRight
	BottomLeft
	NoLegend
)
