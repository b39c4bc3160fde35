// Package chart makes figures of the columns of a table of runs: heatmaps over two
// parameters, curves over one.
package chart

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"modspec/engine/figure"
	"modspec/engine/names"
	"modspec/engine/number"
	"modspec/engine/plot/lettering"
	"modspec/engine/results"
)

// Columns says which columns of the table runs a figure shows, and how.
type Columns struct {
	X     string // a parameter along the x axis
	Y     string // a parameter along the y axis: a heatmap; empty: curves over X
	Value string // a column, or two with a stroke between them: the ratio of their means
	Facet string // a parameter with a panel for each of its values; empty: one panel

	LogX, LogValue bool
	Where          func(*results.Row) bool // which rows are drawn; nil: all
}

// MaxFacets bounds the panels of a figure: more cannot be read on a page.
const MaxFacets = 12

// Figure reads the rows of a sweep and makes a figure of them: a heatmap of
// means over copies for two parameters, a curve with a band from the smallest to
// the largest copy for one. Where the table has theory's prediction of the value
// its mean is drawn dashed. Copies without the value (diverged ones, half never reached)
// are left out of the means, but keep their places on the axes, and the caption counts
// them.
//
// It returns an error if a column does not exist, if there is nothing to draw,
// or if there are more than [MaxFacets] facets.
func Figure(rows iter.Seq2[*results.Row, error], show Columns) (figure.Figure, error) {
	var c *Collector
	for row, err := range rows {
		if err == nil && c == nil {
			c, err = New(row.Table(), show)
		}
		if err != nil {
			return figure.Figure{}, err
		}
		c.Add(row)
	}
	if c == nil || c.Empty() {
		return figure.Figure{}, fmt.Errorf("no copy that is drawn has a value of %s; check the column and the conditions", show.Value)
	}
	if n := len(c.facets()); n > MaxFacets {
		return figure.Figure{}, fmt.Errorf("%s has %d values, but a figure has at most %d panels; leave the facet out, or choose some values of it", show.Facet, n, MaxFacets)
	}
	return c.Figure(), nil
}

// A Place is where a copy stands in the figure. Names are there for parameters
// that are texts.
type Place struct {
	facet string
	x, y  float64
	xName string
	yName string
}

// cell gathers the copies of one place.
type cell struct {
	copies           int     // with the value
	diverged         int     // without it, since they diverged
	lacking          int     // without it for another reason
	sum, over        float64 // of the value, or of its two columns
	low, high        float64
	theory, theories float64 // sum and number of predictions
}

// mean returns the mean value, or the ratio of means.
func (c *cell) mean(ratio bool) float64 {
	if ratio {
		return c.sum / c.over
	}
	return c.sum / float64(c.copies)
}

// A Collector makes a figure of the rows that it is given.
type Collector struct {
	show         Columns
	columns      results.Schema
	x, y, facet  results.Field
	value, under results.Field
	theory       results.Field
	ratio        bool
	hasTheory    bool
	diverging    int // the place of a column, −1 without it
	cells        map[Place]*cell
	placeless    int // copies without a number on an axis
}

// New returns a collector for rows of t. It returns an error if a column does not exist
// or cannot be drawn as show says.
func New(t *results.Table, show Columns) (*Collector, error) {
	c := &Collector{show: show, columns: t.Columns, diverging: t.Columns.Index(results.DivergedStepColumn), cells: map[Place]*cell{}}
	numerator, denominator, ratio := strings.Cut(show.Value, "/")
	c.ratio = ratio
	if show.X == "" || numerator == "" || ratio && denominator == "" {
		return nil, fmt.Errorf("the plot is of %q along %q, but must be of a column, or of two as a/b, along a column", show.Value, show.X)
	}
	for _, f := range []struct {
		name string
		to   *results.Field
	}{{show.X, &c.x}, {show.Y, &c.y}, {show.Facet, &c.facet}, {numerator, &c.value}, {denominator, &c.under}} {
		if f.name == "" {
			continue
		}
		var err error
		if *f.to, err = t.Field(f.name); err != nil {
			return nil, err
		}
	}
	for _, f := range []results.Field{c.value, c.under} {
		if f.Name != "" && !f.Numeric() {
			return nil, fmt.Errorf("the column %q holds texts, but a value must be a number", f.Name)
		}
	}
	if !c.ratio {
		c.theory, c.hasTheory = t.Prediction(show.Value)
	}
	return c, nil
}

// Add takes in a row, if show.Where chooses it.
func (c *Collector) Add(row *results.Row) {
	if c.show.Where != nil && !c.show.Where(row) {
		return
	}
	v, under := c.value.Number(row), 0.0
	if c.ratio {
		under = c.under.Number(row)
	}
	at := c.Place(row)
	if !figure.Finite(at.x) || !figure.Finite(at.y) {
		c.placeless++
		return
	}
	group := c.cells[at]
	if group == nil {
		group = &cell{low: math.Inf(1), high: math.Inf(-1)}
		c.cells[at] = group
	}
	if !figure.Finite(v) || !figure.Finite(under) {
		if c.diverging >= 0 && !row.Null(c.diverging) {
			group.diverged++
		} else {
			group.lacking++
		}
		return
	}
	group.copies++
	group.sum += v
	group.over += under
	if c.ratio {
		v /= under
	}
	group.low, group.high = min(group.low, v), max(group.high, v)
	if c.hasTheory {
		if p := c.theory.Number(row); figure.Finite(p) {
			group.theory += p
			group.theories++
		}
	}
}

// Place returns where a row stands in the figure.
func (c *Collector) Place(row *results.Row) Place {
	at := Place{}
	if c.show.Facet != "" {
		at.facet = c.facet.Text(row)
	}
	if c.x.Numeric() {
		at.x = c.x.Number(row)
	} else {
		at.xName = c.x.Text(row)
	}
	switch {
	case c.show.Y == "":
	case c.y.Numeric():
		at.y = c.y.Number(row)
	default:
		at.yName = c.y.Text(row)
	}
	return at
}

// Empty reports whether no copy has the value.
func (c *Collector) Empty() bool { return len(c.facets()) == 0 }

// facets returns the values of the facet that have a panel: those of which some copy has
// the value.
func (c *Collector) facets() []string {
	shown, _ := c.divided()
	return shown
}

// divided returns the values of the facet of which some copy has the value and those of
// which none has, each in order: numbers by size, texts by letter.
func (c *Collector) divided() (shown, blank []string) {
	seen := map[string]bool{}
	for at, group := range c.cells {
		seen[at.facet] = seen[at.facet] || group.copies > 0
	}
	for _, facet := range c.ordered(slices.Collect(maps.Keys(seen))) {
		if seen[facet] {
			shown = append(shown, facet)
		} else {
			blank = append(blank, facet)
		}
	}
	return shown, blank
}

// ordered puts values of the facet in order.
func (c *Collector) ordered(list []string) []string {
	if !c.facet.Numeric() {
		slices.Sort(list)
		return list
	}
	number := func(text string) float64 {
		if v, err := strconv.ParseFloat(text, 64); err == nil {
			return v
		}
		return math.NaN() // there is none; it comes first
	}
	slices.SortFunc(list, func(a, b string) int {
		// Seeds beyond 2⁵³ can be one float64; longer ones are larger.
		return cmp.Or(cmp.Compare(number(a), number(b)), cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
	return list
}

// axis returns the values along an axis in the panels that there are, ascending, with
// names if they are texts.
func (c *Collector) axis(number func(Place) float64, name func(Place) string) (values []float64, names []string) {
	numbers, texts := map[float64]bool{}, map[string]bool{}
	facets := c.facets()
	for at := range c.cells {
		if !slices.Contains(facets, at.facet) {
			continue
		}
		numbers[number(at)] = true
		texts[name(at)] = true
	}
	if len(texts) > 1 || !texts[""] {
		names = slices.Sorted(maps.Keys(texts))
		for i := range names {
			values = append(values, float64(i))
		}
		return values, names
	}
	return slices.Sorted(maps.Keys(numbers)), nil
}

// Figure returns the figure of the rows so far, of which one at least has the value.
func (c *Collector) Figure() figure.Figure {
	xs, xNames := c.axis(func(p Place) float64 { return p.x }, func(p Place) string { return p.xName })
	ys, yNames := c.axis(func(p Place) float64 { return p.y }, func(p Place) string { return p.yName })
	facets := c.facets()
	fig := figure.Figure{Name: "sweep", Title: c.title(), Caption: c.caption(), Columns: min(len(facets), 3)}
	var grids []*figure.Heatmap
	for _, facet := range facets {
		panel := figure.Panel{XLabel: Label(c.columns, c.show.X), XLog: c.show.LogX}
		if c.show.Facet != "" {
			panel.Title = c.facetTitle(facet)
		}
		if c.show.Y == "" {
			c.curves(&panel, facet, xs, xNames)
			if len(fig.Panels) > 0 {
				panel.Legend = figure.NoLegend
			}
		} else {
			panel.YLabel = Label(c.columns, c.show.Y)
			panel.Heatmap = c.heatmap(facet, xs, xNames, ys, yNames)
			if len(fig.Panels) > 0 {
				panel.Heatmap.TheoryLabel = "" // the first panel's legend serves all
			}
			grids = append(grids, panel.Heatmap)
		}
		fig.Panels = append(fig.Panels, panel)
	}
	if common := figure.CommonRange(grids...); common != nil {
		for _, g := range grids {
			g.Range = common
		}
	}
	return fig
}

func (c *Collector) title() string {
	if c.show.Y != "" {
		return fmt.Sprintf("%s, by %s and %s", Label(c.columns, c.show.Value), Label(c.columns, c.show.X), Label(c.columns, c.show.Y))
	}
	return fmt.Sprintf("%s, by %s", Label(c.columns, c.show.Value), Label(c.columns, c.show.X))
}

func (c *Collector) caption() string {
	least, most := math.MaxInt, 0
	var all, diverged, lacking int
	for _, group := range c.cells {
		all += group.copies + group.diverged + group.lacking
		diverged += group.diverged
		lacking += group.lacking
		if group.copies > 0 {
			least, most = min(least, group.copies), max(most, group.copies)
		}
	}
	all += c.placeless
	text := fmt.Sprintf("Means over %d copies each", most)
	if least < most {
		text = fmt.Sprintf("Means over %d to %d copies each", least, most)
	}
	if c.show.Y == "" {
		text += "; bands from the smallest to the largest"
	}
	if c.hasTheory {
		text += "; theory dashed"
	}
	text += "."
	for _, without := range []struct {
		copies int
		why    string
	}{{diverged, "diverged and are in no mean"}, {lacking, "have no value"}, {c.placeless, "have no place on the axes"}} {
		if without.copies > 0 {
			text += fmt.Sprintf(" %s of %s copies %s.", number.Grouped(without.copies), number.Grouped(all), without.why)
		}
	}
	if _, blank := c.divided(); len(blank) > 0 {
		titles := make([]string, len(blank))
		for i, facet := range blank {
			titles[i] = c.facetTitle(facet)
		}
		text += fmt.Sprintf(" No panel for %s, without a value.", names.List(titles))
	}
	return text
}

// facetTitle heads a panel: one of a few texts by itself, else with its parameter.
func (c *Collector) facetTitle(value string) string {
	value = lettering.Names([]string{value})[0]
	if c.facet.Choice() {
		return value
	}
	return Label(c.columns, c.show.Facet) + " = " + value
}

// named turns a position on an axis into the place's number and name.
func named(i int, values []float64, names []string) (float64, string) {
	if names != nil {
		return 0, names[i]
	}
	return values[i], ""
}

func (c *Collector) curves(panel *figure.Panel, facet string, xs []float64, xNames []string) {
	panel.YLabel, panel.YLog, panel.XNames = Label(c.columns, c.show.Value), c.show.LogValue, xNames
	mean := figure.Series{Label: "simulation"}
	theory := figure.Series{Label: "theory", Style: figure.Dashed}
	points := 0
	for i, x := range xs {
		at := Place{facet: facet}
		at.x, at.xName = named(i, xs, xNames)
		group, ok := c.cells[at]
		if !ok {
			continue
		}
		y, low, high := math.NaN(), math.NaN(), math.NaN() // a gap, which keeps its place
		if group.copies > 0 {
			y, low, high = group.mean(c.ratio), group.low, group.high
			points++
		}
		mean.X, mean.Y = append(mean.X, x), append(mean.Y, y)
		mean.Low, mean.High = append(mean.Low, low), append(mean.High, high)
		if group.theories > 0 {
			theory.X, theory.Y = append(theory.X, x), append(theory.Y, group.theory/group.theories)
		}
	}
	if points == 1 || xNames != nil { // a line needs two points, and an order
		mean.Style = figure.Points
	}
	panel.Series = append(panel.Series, mean)
	if len(theory.X) > 1 && xNames == nil {
		panel.Series = append(panel.Series, theory)
	}
}

// blank says what a cell without a colour means in a panel.
func (c *Collector) blank(facet string) string {
	diverged, others := false, c.show.LogValue // whose scale has no place for values ≤ 0
	for at, group := range c.cells {
		if at.facet == facet && group.copies == 0 {
			diverged = diverged || group.diverged > 0
			others = others || group.diverged == 0
		}
	}
	switch {
	case diverged && others:
		return "diverged, or no value"
	case diverged:
		return "diverged"
	}
	return "no value"
}

func (c *Collector) heatmap(facet string, xs []float64, xNames []string, ys []float64, yNames []string) *figure.Heatmap {
	h := &figure.Heatmap{X: xs, Y: ys, XNames: xNames, YNames: yNames, Label: Label(c.columns, c.show.Value), Log: c.show.LogValue, Blank: c.blank(facet)}
	if c.ratio {
		one := 1.0
		h.Center = &one
	}
	theories := 0.0
	for j := range ys {
		row, theory := make([]float64, len(xs)), make([]float64, len(xs))
		for i := range xs {
			at := Place{facet: facet}
			at.x, at.xName = named(i, xs, xNames)
			at.y, at.yName = named(j, ys, yNames)
			row[i], theory[i] = math.NaN(), math.NaN()
			if group, ok := c.cells[at]; ok && group.copies > 0 {
				row[i] = group.mean(c.ratio)
				theory[i] = group.theory / group.theories // NaN where there is none
				theories += group.theories
			}
		}
		h.Z, h.Theory = append(h.Z, row), append(h.Theory, theory)
	}
	// Contours need a plane: at least two cells in either direction, in order.
	if theories == 0 || xNames != nil || yNames != nil || len(xs) < 2 || len(ys) < 2 {
		h.Theory = nil
	} else {
		h.TheoryLabel = "theory"
	}
	return h
}

// Label returns what figures call a column: its label, or its name where the font
// lacks a character of the label, which a kind of network may choose freely.
func Label(columns results.Schema, column string) string {
	if label := columns.Label(column); lettering.Check(label) == nil {
		return label
	}
	return column
}
