package serve

import (
	"math"
	"net/http"
	"strings"

	"modspec/engine/number"
	"modspec/engine/results"
	"modspec/engine/serve/columns"
)

type diagramJSON struct {
	Version string             `json:"version"`
	Rows    int                `json:"rows"`
	Matched int                `json:"matched"`
	LeftOut int                `json:"left_out"`
	Value   valueJSON          `json:"value"`
	X       axisJSON           `json:"x"`
	Y       *axisJSON          `json:"y"`
	Facet   *panelsJSON        `json:"facet"`
	Facets  []facetJSON        `json:"facets"`
	Range   *[2]results.Number `json:"range"`
	Fields  []string           `json:"fields"`
}

type valueJSON struct {
	Column string `json:"column"`
	Label  string `json:"label"`
	Stat   string `json:"stat"`
}

type axisJSON struct {
	Column string  `json:"column"`
	Label  string  `json:"label"`
	Values []any   `json:"values"`
	Edges  numbers `json:"edges"`
}

// A panelsJSON is the parameter that has panels.
type panelsJSON struct {
	Column string `json:"column"`
	Label  string `json:"label"`
	Choice bool   `json:"choice"` // whether its values, a few texts, say what they are by themselves
}

type facetJSON struct {
	Value string    `json:"value"`
	Cells []numbers `json:"cells"`
}

func (s *Server) answerDiagram(w http.ResponseWriter, r *http.Request) error {
	q, err := readQuery(r, "dir", "x", "y", "value", "stat", "facet", where, "x_bins", "y_bins", "x_log", "y_log", "theory")
	if err != nil {
		return err
	}
	if _, err := s.entry(r.Context(), q.dir(), sweepKind); err != nil {
		return err
	}
	ctx, table, done, err := s.open(r, q.dir())
	if err != nil {
		return err
	}
	defer done()
	known := table != nil
	if !known { // there is nothing to draw, whatever the columns will be
		table = results.NewRunsTable("", nil, nil)
		q.values.Del(where)
	}
	question, value := readQuestion(q, table)
	if q.err != nil {
		return q.err
	}
	if !known {
		empty := columns.Diagram{X: columns.Places{Column: question.X.Column}, Y: columns.Places{Column: question.Y.Column}}
		send(w, r, http.StatusOK, newDiagramJSON(&columns.View{Table: table}, question, value, &empty))
		return nil
	}
	if err := question.Check(); err != nil {
		return badRequest(err)
	}
	view, err := s.table(q.dir()).View(ctx, question.Columns()...)
	if err != nil {
		return err
	}
	d, err := view.Diagram(ctx, question)
	if err != nil {
		return err
	}
	send(w, r, http.StatusOK, newDiagramJSON(view, question, value, d))
	return nil
}

func readQuestion(q *query, t *results.Table) (*columns.Question, string) {
	value := q.needs("value", "the column that is drawn, or two as a/b")
	over := ""
	column := value
	if a, b, ratio := strings.Cut(value, "/"); ratio {
		column, over = a, b
		if b == "" {
			q.fault("value is %s, but a ratio names two columns, a/b", number.Quote(value))
		}
	}
	stat := columns.Stat(q.text("stat"))
	if stat == "" {
		stat = columns.Mean
	}
	return &columns.Question{
		Table: t,
		X:     columns.Axis{Column: q.needs("x", "the parameter along the x axis"), Bins: q.bins("x_bins"), Log: q.truth("x_log")},
		Y:     columns.Axis{Column: q.text("y"), Bins: q.bins("y_bins"), Log: q.truth("y_log")},
		Value: column, Over: over, Stat: stat, Facet: q.text("facet"), Filter: q.filter(t), Theory: q.truth("theory"),
	}, value
}

func newAxisJSON(all results.Schema, p *columns.Places) *axisJSON {
	a := &axisJSON{Column: p.Column, Label: all.Label(p.Column), Edges: p.Edges}
	if p.Edges == nil {
		a.Values = []any{}
		for _, e := range p.Values {
			a.Values = append(a.Values, valueOf(p.Column, p.Numeric, e))
		}
	}
	return a
}

// MarshalJSON writes edges that are not there as null.
func (a axisJSON) MarshalJSON() ([]byte, error) {
	type plain struct {
		Column string   `json:"column"`
		Label  string   `json:"label"`
		Values []any    `json:"values"`
		Edges  *numbers `json:"edges"`
	}
	out := plain{Column: a.Column, Label: a.Label, Values: a.Values}
	if a.Edges != nil {
		out.Edges = &a.Edges
	}
	return jsonOf(out)
}

func newDiagramJSON(v *columns.View, q *columns.Question, value string, d *columns.Diagram) diagramJSON {
	all := v.Table.Columns
	out := diagramJSON{
		Version: v.Version, Rows: v.Rows, Matched: d.Matched, LeftOut: d.LeftOut,
		Value: valueJSON{value, all.Label(value), string(q.Stat)}, X: *newAxisJSON(all, &d.X),
		Facets: []facetJSON{}, Fields: []string{"x", "y", "value", "count", "diverged"},
	}
	curves := q.Y.Column == ""
	if curves {
		out.Fields = append(out.Fields, "low", "high")
	} else {
		out.Y = newAxisJSON(all, &d.Y)
	}
	if d.Theory != "" {
		out.Fields = append(out.Fields, "theory")
	}
	if q.Facet != "" {
		out.Facet = &panelsJSON{Column: q.Facet, Label: all.Label(q.Facet)}
		if i := all.Index(q.Facet); i >= 0 {
			out.Facet.Choice = all[i].Choice()
		}
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, f := range d.Facets {
		panel := facetJSON{Value: f.Value.Text, Cells: []numbers{}}
		for _, c := range f.Cells {
			cell := numbers{float64(c.X), float64(c.Y), c.Value, float64(c.Count), float64(c.Diverged)}
			if curves {
				cell = append(cell, c.Low, c.High)
			}
			if d.Theory != "" {
				cell = append(cell, c.Theory)
			}
			panel.Cells = append(panel.Cells, cell)
			if !math.IsNaN(c.Value) && !math.IsInf(c.Value, 0) {
				low, high = min(low, c.Value), max(high, c.Value)
			}
		}
		out.Facets = append(out.Facets, panel)
	}
	if low <= high {
		out.Range = &[2]results.Number{results.Number(low), results.Number(high)}
	}
	return out
}
