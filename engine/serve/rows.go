package serve

import (
	"math"
	"net/http"
	"slices"

	"modspec/engine/results"
	"modspec/engine/serve/columns"
)

type rowsJSON struct {
	Version string   `json:"version"`
	Matched int      `json:"matched"`
	Offset  int      `json:"offset"`
	Columns []string `json:"columns"`
	Rows    [][]any  `json:"rows"`
}

func (s *Server) answerRows(w http.ResponseWriter, r *http.Request) error {
	q, err := readQuery(r, "dir", where, "columns", "offset", "limit")
	if err != nil {
		return err
	}
	offset, limit := q.whole("offset", 0, 0, math.MaxInt32), q.whole("limit", 50, 1, maxPageRows)
	names := q.list("columns")
	if len(names) > maxPageColumns {
		q.fault("there are %d columns, but may be at most %d", len(names), maxPageColumns)
	}
	if q.err != nil {
		return q.err
	}
	if _, err := s.entry(r.Context(), q.dir(), sweepKind); err != nil {
		return err
	}
	ctx, table, done, err := s.open(r, q.dir())
	if err != nil {
		return err
	}
	defer done()
	if table == nil {
		send(w, r, http.StatusOK, rowsJSON{Offset: offset, Columns: append([]string{}, names...), Rows: [][]any{}})
		return nil
	}
	filter := q.filter(table)
	for _, name := range names {
		if table.Columns.Index(name) < 0 {
			q.fault("%v", columns.UnknownColumn(table, name))
		}
	}
	if q.err != nil {
		return q.err
	}
	needed := slices.Concat(filter.Columns(), names)
	if names == nil {
		needed = slices.Concat(filter.Columns(), columns.Parameters(table), []string{results.CopyColumn, columns.DivergedColumn})
	}
	needed = slices.DeleteFunc(needed, func(name string) bool { return name == results.IDColumn })
	view, err := s.table(q.dir()).View(ctx, needed...)
	if err != nil {
		return err
	}
	if names == nil {
		names = varyingColumns(view)
	}
	rows, matched, err := view.Matching(ctx, &filter, offset, limit)
	if err != nil {
		return err
	}
	out := rowsJSON{Version: view.Version, Matched: matched, Offset: offset, Columns: names, Rows: make([][]any, len(rows))}
	for _, name := range names {
		values, err := exactValues(ctx, view, name, rows)
		if err != nil {
			return err
		}
		for i := range values {
			out.Rows[i] = append(out.Rows[i], values[i])
		}
	}
	send(w, r, http.StatusOK, out)
	return nil
}

// varyingColumns are the columns in which the copies of a view differ.
func varyingColumns(v *columns.View) []string {
	names := []string{results.IDColumn, results.CopyColumn, columns.Seed, columns.DivergedColumn}
	for _, name := range columns.Parameters(v.Table) {
		if c := v.Column(name); name != columns.Seed && (!c.Coded() && v.Rows > 0 || len(c.Entries) > 1) {
			names = append(names, name)
		}
	}
	return names
}
