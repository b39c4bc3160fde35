package study

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"

	"modspec/engine/figure"
	"modspec/engine/results"
)

// A trajectoryPlot says what is drawn of the trajectories of a sweep: figures whose
// panels have a curve for each value of a parameter, over the recorded steps.
type trajectoryPlot struct {
	by      string  // the parameter
	xLabel  string  // what steps are counted in, "epoch" say
	unit    float64 // steps that count as one
	figures []trajectoryFigure
}

// A trajectoryFigure is a figure of a trajectoryPlot, whose panels are to be filled in.
type trajectoryFigure struct {
	figure.Figure
	curves []curves // of each panel
}

// curves are what a panel shows.
type curves struct {
	title, yLabel string
	column        string // of the table trajectories
}

// trajectoryFigures makes the figures of a plot. Curves are means over the runs of a value, bands reach
// one standard deviation to either side; at a step only the runs count that have the
// number. Values stand in the order in which the sweep has them first.
func trajectoryFigures(runs, trajectories iter.Seq2[*results.Row, error], plot trajectoryPlot) ([]figure.Figure, error) {
	of := map[string]string{} // the value of a run, by its id
	first := map[string]int{} // the number of the first run of a value
	for row, err := range runs {
		if err != nil {
			return nil, err
		}
		f, err := row.Table().Field(plot.by)
		if err != nil {
			return nil, err
		}
		value, number := f.Text(row), row.Whole(results.CopyPlace)
		of[row.Text(results.IDPlace)] = value
		if there, ok := first[value]; !ok || number < there {
			first[value] = number
		}
	}
	values := slices.SortedFunc(maps.Keys(first), func(a, b string) int { return cmp.Compare(first[a], first[b]) })
	labels := shortened(values)

	type place struct {
		column, value string
		step          int
	}
	means := map[place]*moments{}
	steps := map[int]bool{}
	for row, err := range trajectories {
		if err != nil {
			return nil, err
		}
		id := row.Text(results.IDPlace)
		value, ok := of[id]
		if !ok {
			return nil, fmt.Errorf("the table %s has the run %s, which the table %s lacks", results.TrajectoriesTable, id, results.RunsTable)
		}
		step := row.Whole(row.Table().Columns.Index(results.StepColumn))
		steps[step] = true
		for _, fig := range plot.figures {
			for _, c := range fig.curves {
				f, err := row.Table().Field(c.column)
				if err != nil {
					return nil, err
				}
				if v := f.Number(row); !math.IsNaN(v) && !math.IsInf(v, 0) {
					at := place{c.column, value, step}
					if means[at] == nil {
						means[at] = &moments{}
					}
					means[at].add(v)
				}
			}
		}
	}

	ordered := slices.Sorted(maps.Keys(steps))
	var list []figure.Figure
	for _, fig := range plot.figures {
		for _, c := range fig.curves {
			panel := figure.Panel{Title: c.title, XLabel: plot.xLabel, YLabel: c.yLabel}
			for i, value := range values {
				s := figure.Series{Label: labels[i], Color: i}
				for _, step := range ordered {
					if m := means[place{c.column, value, step}]; m != nil {
						spread := m.deviation()
						s.X, s.Y = append(s.X, float64(step)/plot.unit), append(s.Y, m.mean)
						s.Low, s.High = append(s.Low, m.mean-spread), append(s.High, m.mean+spread)
					}
				}
				if len(s.X) > 0 {
					panel.Series = append(panel.Series, s)
				}
			}
			fig.Panels = append(fig.Panels, panel)
		}
		list = append(list, fig.Figure)
	}
	return list, nil
}

// shortened returns names that a legend has room for, of which no two are equal.
func shortened(names []string) []string {
	const most = 40
	list := slices.Clone(names)
	for i, name := range list {
		if letters := []rune(name); len(letters) > most {
			list[i] = fmt.Sprintf("%s… (%d)", string(letters[:most-6]), i+1)
		}
	}
	return list
}

// moments are the mean of numbers and the sum of the squares of their distances from
// it, by Welford's recurrence.
type moments struct{ count, mean, squares float64 }

func (m *moments) add(v float64) {
	m.count++
	d := v - m.mean
	m.mean += d / m.count
	m.squares += d * (v - m.mean)
}

// deviation returns the standard deviation, that of all numbers there are.
func (m *moments) deviation() float64 { return math.Sqrt(m.squares / m.count) }
