package serve

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"

	"modspec/engine/number"
	"modspec/engine/results"
	"modspec/engine/serve/columns"
)

func (s *Server) answerDownload(w http.ResponseWriter, r *http.Request) error {
	q, err := readQuery(r, "dir", where, "format", "table")
	if err != nil {
		return err
	}
	format := q.needs("format", "csv or parquet")
	if format != "csv" && format != "parquet" {
		q.fault("format is %s, but must be csv or parquet", number.Quote(format))
	}
	table := q.text("table")
	if table == "" {
		table = "runs"
	}
	if table != "runs" && table != "trajectories" {
		q.fault("table is %s, but must be runs or trajectories", number.Quote(table))
	}
	if q.err != nil {
		return q.err
	}
	e, err := s.entry(r.Context(), q.dir(), sweepKind)
	if err != nil {
		return err
	}
	if table == "trajectories" && !s.hasTrajectories(dirOrRoot(q.dir())) {
		return refuse(http.StatusUnprocessableEntity, "this sweep keeps no trajectories")
	}
	if !s.downloads.try() {
		return busy(fmt.Sprintf("%d downloads are under way", maxDownloads))
	}
	defer s.downloads.leave()
	d, err := s.prepare(r, q, table)
	if err != nil {
		return err
	}
	keepOpen(w)
	h := w.Header()
	h.Set("Content-Type", map[string]string{"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}[format])
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fileName(e.Name) + "-" + table + "." + format}))
	h.Set("Cache-Control", "no-store")
	ctx, cancel := context.WithTimeout(r.Context(), downloadTime)
	defer cancel()
	to := &slowWriter{w: w}
	wanted := func(part, index int, _ *results.Row) bool { return d.selected[part][index] }
	if table == results.TrajectoriesTable {
		wanted = func(_, _ int, row *results.Row) bool { return d.copies[row.Whole(results.CopyPlace)] }
	}
	if err := download(ctx, d, to, format, wanted); err != nil {
		if !to.begun {
			return err
		}
		// A response that was cut short must not look complete.
		panic(http.ErrAbortHandler)
	}
	return nil
}

// A preparation is which rows of which files are downloaded.
type preparation struct {
	server   *Server
	dir      string
	table    *results.Table
	view     *columns.View
	selected [][]bool     // by part, nil for a part without a row
	copies   map[int]bool // for trajectories
}

// prepare finds the rows that a download has, in the time of an ordinary request.
func (s *Server) prepare(r *http.Request, q *query, table string) (*preparation, error) {
	dir := q.dir()
	ctx, runs, done, err := s.open(r, dir)
	if err != nil {
		return nil, err
	}
	defer done()
	if runs == nil {
		return nil, refuse(http.StatusUnprocessableEntity, "this sweep has no results yet")
	}
	filter := q.filter(runs)
	if q.err != nil {
		return nil, q.err
	}
	f := &filter
	form := runs
	if table == results.TrajectoriesTable {
		if form, err = s.table(dir).Trajectories(); err != nil {
			return nil, err
		}
	}
	view, err := s.table(dir).View(ctx, append(f.Columns(), results.CopyColumn)...)
	if err != nil {
		return nil, err
	}
	selected, all, err := view.Selection(ctx, f)
	if err != nil {
		return nil, err
	}
	most := maxDownloadCopies
	if table == "trajectories" {
		most = maxDownloadDetails
	}
	if all > most {
		return nil, refuse(http.StatusUnprocessableEntity, "the table %s of %d copies is asked for, but it can be downloaded of at most %d; choose some by where, or copy the folder", table, all, most)
	}
	p := &preparation{server: s, dir: dirOrRoot(dir), table: form, view: view, selected: selected, copies: map[int]bool{}}
	if table == "trajectories" {
		c := view.Column(results.CopyColumn)
		for part := range selected {
			for i, wanted := range selected[part] {
				if wanted {
					p.copies[int(c.Value(columns.Row{Part: part, Index: i}))] = true
				}
			}
		}
	}
	return p, nil
}

// A rowWriter writes the rows of a download.
type rowWriter interface {
	Write(*results.Row) error
	Close() error
}

// csvRows writes rows as CSV.
type csvRows struct {
	to   io.Writer
	line []byte
}

func (c *csvRows) Write(row *results.Row) error {
	c.line = row.AppendCSV(c.line)
	if len(c.line) < 1<<15 {
		return nil
	}
	return c.Close()
}

func (c *csvRows) Close() error {
	_, err := c.to.Write(c.line)
	c.line = c.line[:0]
	return err
}

// download writes the rows of a table that are wanted, in the order of the table.
func download(ctx context.Context, p *preparation, to io.Writer, format string, wanted func(part, index int, row *results.Row) bool) error {
	var out rowWriter = &csvRows{to: to, line: []byte(p.table.CSVHeader())}
	if format == "parquet" {
		w, err := results.NewWriter(to, p.table)
		if err != nil {
			return err
		}
		out = w
	}
	for part := range p.selected {
		if p.selected[part] == nil {
			continue
		}
		full, _, err := p.server.file(path.Join(p.dir, p.table.Name, p.view.PartName(part)))
		if err != nil {
			return err
		}
		index := 0
		for row, err := range results.Read(full, p.table.Name) {
			if err != nil {
				return refuse(http.StatusUnprocessableEntity, "%v", err)
			}
			if index&1023 == 0 && ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if p.table.Name == results.RunsTable && index >= len(p.selected[part]) {
				return refuse(http.StatusUnprocessableEntity, "%s was replaced while it was read", p.view.PartName(part))
			}
			if index == 0 && row.Table().SameColumns(p.table) != nil {
				return refuse(http.StatusUnprocessableEntity, "%s has other columns than the files before it", p.view.PartName(part))
			}
			if wanted(part, index, row) {
				if err := out.Write(row); err != nil {
					return err
				}
			}
			index++
		}
	}
	return out.Close()
}

// slowWriter gives every piece of a long answer its own time.
type slowWriter struct {
	w     http.ResponseWriter
	begun bool
}

func (s *slowWriter) Write(p []byte) (int, error) {
	s.begun = true
	sendWithin(s.w, writeTime)
	return s.w.Write(p)
}

// fileName is a name that any system takes.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, name)
	return strings.Trim(name[:min(len(name), 60)], "-")
}
