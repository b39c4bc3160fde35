package survey

import (
	"cmp"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"

	"modspec/engine/chart"
	"modspec/engine/figure"
	"modspec/engine/names"
	"modspec/engine/results"
)

const (
	// mostAxis bounds the values along an axis: finer cells cannot be told apart.
	mostAxis = 40
	// logSpan is the ratio of the largest to the smallest value from which on an
	// axis is logarithmic.
	logSpan = 50
	// mostScattered bounds the networks shown one by one.
	mostScattered = 2000
)

// A shownValue is a value that has a figure. It is on a linear scale: on a logarithmic
// one the smallest losses are the rounding of float32 beside theory, which has none.
type shownValue struct{ value, name string }

// shown returns the values that have figures: the columns that are shown unasked, of a
// time its ratio to theory's.
func (s *survey) shown() []shownValue {
	var list []shownValue
	for _, c := range s.table.Columns.Shown() {
		v := shownValue{c.Name, strings.ReplaceAll(c.Name, "_", "-")}
		if i := s.table.Columns.Prediction(c.Name); i >= 0 && c.Role == results.Time {
			v.value += "/" + s.table.Columns[i].Name
		}
		list = append(list, v)
	}
	return list
}

// figures goes through the rows again for all figures at once. What no network
// has a value of has no figure.
func (s *survey) figures(rows iter.Seq2[*results.Row, error]) ([]figure.Figure, error) {
	show, others := s.axes()
	shown := s.shown()
	var collectors []*chart.Collector
	if show.X != "" {
		for _, v := range shown {
			show.Value = v.value
			c, err := chart.New(s.table, show)
			if err != nil {
				return nil, err
			}
			collectors = append(collectors, c)
		}
	}
	mixed := mixture{columns: s.table.Columns, parameters: others, mixed: make([]bool, len(others)), first: map[chart.Place][]string{}}
	points := s.newScatter(show.Facet)
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		for _, c := range collectors {
			c.Add(row)
		}
		if len(collectors) > 0 && row.Null(s.diverging) {
			mixed.add(collectors[0].Place(row), row)
		}
		points.add(row)
	}
	var list []figure.Figure
	for i, c := range collectors {
		if c.Empty() {
			continue
		}
		f := c.Figure()
		f.Name = shown[i].name
		f.Caption += mixed.sentence()
		list = append(list, f)
	}
	if f, ok := points.figure(); ok {
		list = append(list, f)
	}
	return list, nil
}

// axes chooses the axes and panels of the figures, and returns the parameters
// that vary and are neither. Of parameters that go one to one the first can be an axis.
// Where no number varies, a choice is the x axis.
func (s *survey) axes() (show chart.Columns, others []*parameterValues) {
	varying := s.varying()
	if at := slices.IndexFunc(varying, func(p *parameterValues) bool {
		return p.field.Choice() && !p.many && len(p.values) <= chart.MaxFacets
	}); at >= 0 {
		show.Facet = varying[at].field.Name
		varying = slices.Delete(varying, at, at+1)
	}
	var axes []*parameterValues
	for _, p := range varying {
		if p.field.Numeric() && !p.many && len(p.values) <= mostAxis && !p.follows() {
			axes = append(axes, p)
		}
	}
	slices.SortStableFunc(axes, func(a, b *parameterValues) int { return cmp.Compare(len(b.values), len(a.values)) })
	if len(axes) > 0 {
		show.X = axes[0].field.Name
		show.LogX = axes[0].low > 0 && axes[0].high/axes[0].low >= logSpan
	}
	if len(axes) > 1 {
		show.Y = axes[1].field.Name
	}
	if len(axes) == 0 {
		show.X, show.Facet = show.Facet, ""
	}
	for _, p := range varying {
		if name := p.field.Name; name != show.X && name != show.Y {
			others = append(others, p)
		}
	}
	return show, others
}

// A mixture finds out which parameters differ between networks of one place in a
// figure. Those that go with an axis, as the learning rate may with the bits, do
// not.
type mixture struct {
	columns    results.Schema
	parameters []*parameterValues
	mixed      []bool
	first      map[chart.Place][]string // their texts in the first network of a place
}

func (m *mixture) add(at chart.Place, row *results.Row) {
	first, known := m.first[at]
	if !known {
		first = make([]string, len(m.parameters))
		m.first[at] = first
	}
	for i, p := range m.parameters {
		switch text := p.field.Text(row); {
		case !known:
			first[i] = text
		case first[i] != text:
			m.mixed[i] = true
		}
	}
}

func (m *mixture) sentence() string {
	var mixed []string
	for i, p := range m.parameters {
		if m.mixed[i] {
			mixed = append(mixed, chart.Label(m.columns, p.field.Name))
		}
	}
	if len(mixed) == 0 {
		return ""
	}
	return fmt.Sprintf(" The means are also over %s, which vary too.", names.List(mixed))
}

// A scatter gathers networks with their predictions: one in stride of them.
type scatter struct {
	columns      results.Schema
	group        func(*results.Row) string
	stride, seen int
	panels       []scatterPanel
}

// A scatterPanel is of one value. Times are on logarithmic axes.
type scatterPanel struct {
	value, theory results.Field
	log           bool
	series        []figure.Series // by group
}

// newScatter returns a scatter of the values that are shown unasked and predicted. Its
// series are by the parameter that has panels in other figures, or else by the first
// choice.
func (s *survey) newScatter(facet string) *scatter {
	points := &scatter{columns: s.table.Columns, stride: max(1, (s.rows+mostScattered-1)/mostScattered), group: func(*results.Row) string { return "networks" }}
	for i := range s.choices {
		if c := &s.choices[i]; facet == "" || c.Name == facet {
			points.group = c.Text
			break
		}
	}
	for _, value := range fields(s.table, s.table.Columns.Shown()) {
		if theory, ok := s.table.Prediction(value.Name); ok {
			points.panels = append(points.panels, scatterPanel{value: value, theory: theory, log: value.Role == results.Time})
		}
	}
	return points
}

func (s *scatter) add(row *results.Row) {
	s.seen++
	if s.seen%s.stride != 0 {
		return
	}
	for i := range s.panels {
		p := &s.panels[i]
		x, y := p.theory.Number(row), p.value.Number(row)
		if !figure.Finite(x) || !figure.Finite(y) || p.log && (x <= 0 || y <= 0) {
			continue
		}
		group := s.group(row)
		at := slices.IndexFunc(p.series, func(f figure.Series) bool { return f.Label == group })
		if at < 0 {
			at = len(p.series)
			p.series = append(p.series, figure.Series{Label: group, Style: figure.Points})
		}
		p.series[at].X, p.series[at].Y = append(p.series[at].X, x), append(p.series[at].Y, y)
	}
}

// figure draws measured over predicted values, and the line on which they agree.
func (s *scatter) figure() (figure.Figure, bool) {
	f := figure.Figure{Name: "measured-and-predicted", Title: "Measured over predicted", Columns: 3,
		Caption: "Each point is a network; on the dashed line it is what theory says."}
	if s.stride > 1 {
		f.Caption = fmt.Sprintf("Each point is a network, one in %d of them; on the dashed line it is what theory says.", s.stride)
	}
	// One colour for a group in all panels.
	var names []string
	for _, p := range s.panels {
		for _, series := range p.series {
			if !slices.Contains(names, series.Label) {
				names = append(names, series.Label)
			}
		}
	}
	slices.Sort(names)
	for _, p := range s.panels {
		if len(p.series) == 0 {
			continue
		}
		panel := figure.Panel{XLabel: chart.Label(s.columns, p.theory.Name), YLabel: chart.Label(s.columns, p.value.Name), XLog: p.log, YLog: p.log}
		low, high := math.Inf(1), math.Inf(-1)
		for i := range p.series {
			p.series[i].Color = slices.Index(names, p.series[i].Label)
			low = min(low, slices.Min(p.series[i].X), slices.Min(p.series[i].Y))
			high = max(high, slices.Max(p.series[i].X), slices.Max(p.series[i].Y))
		}
		slices.SortFunc(p.series, func(a, b figure.Series) int { return cmp.Compare(a.Label, b.Label) })
		panel.Series = append(p.series, figure.Series{Label: "theory", Style: figure.Dashed, X: []float64{low, high}, Y: []float64{low, high}, Color: len(names)})
		if len(f.Panels) > 0 {
			panel.Legend = figure.NoLegend
		}
		f.Panels = append(f.Panels, panel)
	}
	f.Columns = min(f.Columns, len(f.Panels))
	return f, len(f.Panels) > 0
}
