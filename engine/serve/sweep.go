package serve

import (
	"cmp"
	"context"
	"encoding/binary"
	"math"
	"net/http"
	"path"
	"slices"
	"strconv"

	"modspec/engine/results"
	"modspec/engine/serve/columns"
)

type sweepJSON struct {
	Dir          string       `json:"dir"`
	Status       Status       `json:"status"`
	Sweep        string       `json:"sweep"`
	Fingerprint  string       `json:"fingerprint"`
	Trajectories bool         `json:"trajectories"`
	Rows         int          `json:"rows"`
	Version      string       `json:"version"`
	Kind         string       `json:"kind"` // of the networks; "" where the files do not say
	Columns      []columnJSON `json:"columns"`
	// Quantities are the numbers that trajectories have at a step.
	Quantities []quantityJSON `json:"quantities"`
}

type quantityJSON struct {
	Name       string        `json:"name"`
	Label      string        `json:"label"`
	Panel      string        `json:"panel"` // the title of the panel that it shares with others, or ""
	Scale      results.Scale `json:"scale"`
	Prediction string        `json:"prediction,omitempty"` // the quantity that is theory's
	Of         string        `json:"of,omitempty"`         // of a prediction: the quantity that it is of
	Doc        string        `json:"doc,omitempty"`
}

type columnJSON struct {
	Name       string          `json:"name"`
	Label      string          `json:"label"`
	Kind       string          `json:"kind"` // parameter, result, prediction
	Numeric    bool            `json:"numeric"`
	Distinct   *int            `json:"distinct,omitempty"`
	Values     *[]any          `json:"values,omitempty"` // of a parameter; null where there are too many
	Min        *results.Number `json:"min,omitempty"`
	Max        *results.Number `json:"max,omitempty"`
	Prediction string          `json:"prediction,omitempty"`
	Doc        string          `json:"doc,omitempty"`
	Rank       int             `json:"rank,omitempty"`   // 1 for what is shown first; 0 for what is shown when asked for
	Choice     bool            `json:"choice,omitempty"` // whether it is one of a few texts
	With       string          `json:"with,omitempty"`   // of a parameter: the first before it that it goes with one to one
}

func (s *Server) answerSweep(w http.ResponseWriter, r *http.Request) error {
	q, err := readQuery(r, "dir")
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
	var parameters []string
	if table != nil {
		parameters = columns.Parameters(table)
	}
	view, err := s.table(q.dir()).View(ctx, parameters...)
	if err != nil {
		return err
	}
	status, err := s.statusWithRate(ctx, q.dir(), view)
	if err != nil {
		return err
	}
	out := sweepJSON{
		Dir: q.dir(), Status: status, Sweep: status.Text, Fingerprint: status.Fingerprint, Trajectories: s.hasTrajectories(q.dir()),
		Rows: view.Rows, Version: view.Version, Kind: view.Table.Kind, Quantities: []quantityJSON{},
	}
	out.Columns = []columnJSON{}
	for _, c := range view.Table.Columns {
		if table == nil {
			break // nothing is known of them
		}
		if c.Name == results.IDColumn || c.Name == results.CopyColumn {
			continue
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		out.Columns = append(out.Columns, describeColumn(view, &c))
	}
	if out.Trajectories {
		points, err := s.table(q.dir()).Trajectories()
		if err != nil {
			return err
		}
		for _, name := range columns.Quantities(points) {
			c := &points.Columns[points.Columns.Index(name)]
			quantity := quantityJSON{Name: name, Label: points.Columns.Label(name), Panel: c.Panel, Scale: c.Scale, Doc: c.Doc}
			if i := points.Columns.Prediction(name); i >= 0 {
				quantity.Prediction = points.Columns[i].Name
			}
			if c.Role == results.Prediction {
				quantity.Of = c.Of
			}
			out.Quantities = append(out.Quantities, quantity)
		}
	}
	send(w, r, http.StatusOK, out)
	return nil
}

func (s *Server) hasTrajectories(dir string) bool {
	info, err := s.root.Stat(path.Join(dir, "trajectories"))
	return err == nil && info.IsDir()
}

// maxCounted bounds the values of a column that are counted.
const maxCounted = 1 << 16

// maxListed bounds the values of a parameter that are listed.
const maxListed = 256

func describeColumn(v *columns.View, of *results.Column) columnJSON {
	all := v.Table.Columns
	c := columnJSON{Name: of.Name, Label: all.Label(of.Name), Kind: "result", Numeric: of.Numeric(), Doc: of.Doc, Rank: 1 + all.Shown().Index(of.Name), Choice: of.Choice()}
	switch {
	case columns.IsParameter(v.Table, of.Name):
		c.Kind = "parameter"
		describeParameter(v.Column(of.Name), &c)
		c.With = partner(v, v.Column(of.Name))
	case of.Role == results.Prediction, of.Role == results.Source:
		c.Kind = "prediction"
	default:
		if i := all.Prediction(of.Name); i >= 0 {
			c.Prediction = all[i].Name
		}
	}
	return c
}

// describeParameter describes the values of a column that is kept.
func describeParameter(column *columns.Column, c *columnJSON) {
	entries := slices.Clone(column.Entries)
	distinct := len(entries)
	if !column.Coded() {
		seen := map[float64]bool{}
		for _, s := range column.Segments {
			for _, v := range s.Values {
				if len(seen) >= maxCounted {
					break
				}
				seen[v] = true
			}
		}
		distinct = len(seen)
	}
	c.Distinct = &distinct
	if column.Numeric {
		low, high := bounds(column)
		c.Min, c.Max = &low, &high
	}
	var list []any
	if column.Coded() && len(entries) <= maxListed {
		slices.SortFunc(entries, func(a, b columns.Entry) int {
			if column.Numeric && a.Number != b.Number {
				return cmp.Compare(a.Number, b.Number)
			}
			return cmp.Compare(a.Text, b.Text)
		})
		list = []any{}
		for _, e := range entries {
			list = append(list, valueOf(column.Name, column.Numeric, e))
		}
	} else if distinct == 0 {
		list = []any{}
	}
	c.Values = &list
}

// partner returns the first parameter before one that it goes with one to one, or "".
func partner(v *columns.View, of *columns.Column) string {
	for _, name := range columns.Parameters(v.Table) {
		if name == of.Name {
			break
		}
		if name != columns.Seed && goTogether(v, v.Column(name), of) {
			return name
		}
	}
	return ""
}

// goTogether reports whether two columns of few numbers go one to one among runs of the
// same choices.
func goTogether(v *columns.View, a, b *columns.Column) bool {
	if !a.Numeric || !b.Numeric || !a.Coded() || !b.Coded() || len(a.Entries) < 2 || len(b.Entries) < 2 {
		return false
	}
	var choices []*columns.Column
	for _, c := range v.Table.Columns.Of(results.Parameter) {
		if column := v.Column(c.Name); c.Choice() && column.Coded() && len(column.Entries) > 1 {
			choices = append(choices, column)
		}
	}
	var pairs results.OneToOne
	group := make([]byte, 0, 2*len(choices))
	for i := range a.Segments {
		for j, code := range a.Segments[i].Codes {
			group = group[:0]
			for _, c := range choices {
				group = binary.LittleEndian.AppendUint16(group, c.Segments[i].Codes[j])
			}
			if !pairs.Add(string(group), a.Entries[code].Number, b.Entries[b.Segments[i].Codes[j]].Number) {
				return false
			}
		}
	}
	return pairs.Holds()
}

// valueOf returns a value as the API has it. Seeds are texts, because JavaScript's
// numbers do not hold all their digits.
func valueOf(name string, numeric bool, e columns.Entry) any {
	if !numeric || name == columns.Seed {
		return e.Text
	}
	return results.Number(e.Number)
}

// bounds returns the smallest and largest number of a column.
func bounds(column *columns.Column) (low, high results.Number) {
	least, most := math.Inf(1), math.Inf(-1)
	for _, e := range column.Entries {
		least, most = min(least, e.Number), max(most, e.Number)
	}
	for _, s := range column.Segments {
		for _, v := range s.Values {
			if !math.IsNaN(v) {
				least, most = min(least, v), max(most, v)
			}
		}
	}
	return results.Number(least), results.Number(most)
}

// dirOrRoot is a folder's path as files are opened by.
func dirOrRoot(dir string) string {
	if dir == "" {
		return "."
	}
	return dir
}

// exactValues returns a column's values in rows, as the API has them.
func exactValues(ctx context.Context, v *columns.View, name string, rows []columns.Row) ([]any, error) {
	list := make([]any, len(rows))
	if name == "id" || name == columns.Seed && !v.Column(name).Coded() {
		texts, err := v.Exact(ctx, name, rows)
		for i := range texts {
			list[i] = texts[i]
		}
		return list, err
	}
	c := v.Column(name)
	for i, r := range rows {
		if name == columns.Seed || !c.Numeric {
			list[i] = c.Text(r)
		} else {
			list[i] = results.Number(c.Value(r))
		}
	}
	return list, nil
}

// exactSeeds returns the seeds of rows.
func exactSeeds(ctx context.Context, v *columns.View, rows []columns.Row) ([]uint64, error) {
	list, err := exactValues(ctx, v, columns.Seed, rows)
	seeds := make([]uint64, len(rows))
	for i := range list {
		if err != nil {
			break
		}
		seeds[i], err = strconv.ParseUint(list[i].(string), 10, 64)
	}
	return seeds, err
}
