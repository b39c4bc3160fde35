package report

import (
	"cmp"
	"fmt"
	"iter"
	"math"
	"slices"

	"modspec/engine/figure"
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

// shown are the values that have figures, in their order. A loss is on a linear
// scale: on a logarithmic one the smallest are the rounding of float32 beside
// theory, which has none.
var shown = []struct{ value, name string }{
	{"systematicity", "systematicity"}, {"train_loss", "training-loss"}, {"t_half_1/pred_t_half_1", "time-to-half"},
}

// scattered are the values that are shown network by network over theory's.
var scattered = []struct {
	value string
	log   bool
}{{"systematicity", false}, {"train_loss", false}, {"t_half_1", true}}

// figures goes through the rows again for all figures at once. What no network
// has a value of has no figure.
func (s *sweepSurvey) figures(rows iter.Seq2[*results.Run, error]) ([]figure.Figure, error) {
	plot, others := s.axes()
	var collectors []*collector
	if plot.X != "" {
		for _, v := range shown {
			plot.Value = v.value
			c, err := newCollector(plot)
			if err != nil {
				return nil, err
			}
			collectors = append(collectors, c)
		}
	}
	mixed := mixture{parameters: others, mixed: make([]bool, len(others)), first: map[place][]string{}}
	points := newScatter(max(1, (s.rows+mostScattered-1)/mostScattered))
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		for _, c := range collectors {
			c.add(row)
		}
		if len(collectors) > 0 && row.DivergedStep < 0 {
			mixed.add(collectors[0].place(row), row)
		}
		points.add(row)
	}
	var list []figure.Figure
	for i, c := range collectors {
		if len(c.cells) == 0 {
			continue
		}
		f := c.figure()
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
// that vary and are neither.
func (s *sweepSurvey) axes() (plot SweepPlot, others []*parameterValues) {
	varying := s.varying()
	for _, name := range []string{"arch", "rule"} {
		at := slices.IndexFunc(varying, func(p *parameterValues) bool { return p.field.Name == name })
		if at >= 0 && plot.Facet == "" && !varying[at].many && len(varying[at].values) <= MaxFacets {
			plot.Facet = name
			varying = slices.Delete(varying, at, at+1)
		}
	}
	var axes []*parameterValues
	for _, p := range varying {
		if p.field.Numeric && !p.many && len(p.values) <= mostAxis {
			axes = append(axes, p)
		}
	}
	slices.SortStableFunc(axes, func(a, b *parameterValues) int { return cmp.Compare(len(b.values), len(a.values)) })
	if len(axes) > 0 {
		plot.X = axes[0].field.Name
		plot.LogX = axes[0].low > 0 && axes[0].high/axes[0].low >= logSpan
	}
	if len(axes) > 1 {
		plot.Y = axes[1].field.Name
	}
	for _, p := range varying {
		if name := p.field.Name; name != plot.X && name != plot.Y {
			others = append(others, p)
		}
	}
	return plot, others
}

// A mixture finds out which parameters differ between networks of one place in a
// figure. Those that go with an axis, as the learning rate may with the bits, do
// not.
type mixture struct {
	parameters []*parameterValues
	mixed      []bool
	first      map[place][]string // their texts in the first network of a place
}

func (m *mixture) add(at place, row *results.Run) {
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
	var names []string
	for i, p := range m.parameters {
		if m.mixed[i] {
			names = append(names, columnLabel(p.field.Name))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf(" The means are also over %s, which vary too.", list(names))
}

// A scatter gathers networks with their predictions: one in stride of them.
type scatter struct {
	stride, seen int
	panels       []scatterPanel
}

type scatterPanel struct {
	value, theory results.Field[results.Run]
	log           bool
	series        []figure.Series // by architecture
}

func newScatter(stride int) *scatter {
	s := &scatter{stride: stride}
	for _, v := range scattered {
		theory, ok := predictionOf(v.value)
		value, err := results.FieldOf[results.Run](v.value)
		if ok && err == nil {
			s.panels = append(s.panels, scatterPanel{value: value, theory: theory, log: v.log})
		}
	}
	return s
}

func (s *scatter) add(row *results.Run) {
	s.seen++
	if s.seen%s.stride != 0 {
		return
	}
	for i := range s.panels {
		p := &s.panels[i]
		x, y := p.theory.Number(row), p.value.Number(row)
		if !isNumber(x) || !isNumber(y) || p.log && (x <= 0 || y <= 0) {
			continue
		}
		at := slices.IndexFunc(p.series, func(f figure.Series) bool { return f.Label == row.Arch })
		if at < 0 {
			at = len(p.series)
			p.series = append(p.series, figure.Series{Label: row.Arch, Style: figure.Points})
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
	// One colour for an architecture in all panels.
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
		panel := figure.Panel{XLabel: columnLabel(p.theory.Name), YLabel: columnLabel(p.value.Name), XLog: p.log, YLog: p.log}
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
