// Package survey writes the report on a sweep, as HTML and as Markdown: what was
// trained, what was measured, what theory predicts, what diverged, and how it was
// computed. It reads the table of runs and its schema alone.
package survey

import (
	"fmt"
	"iter"
	"os"
	"path/filepath"

	"modspec/engine/figure"
	"modspec/engine/plot"
	"modspec/engine/results"
)

// A Report is what is said of a sweep in writing: what was trained, what was
// measured beside theory, and how it was computed.
type Report struct {
	Title   string
	Summary []string // sentences
	Tables  []Table
	Figures []figure.Figure
	Sweep   string // the resolved sweep file
	// Processes are all that computed the results.
	Processes []results.Provenance
}

// A Table is a heading, columns and rows of cells. Cells are plain texts, marked
// as those of figures.
type Table struct {
	Title   string
	Note    string // a sentence below; empty for none
	Columns []string
	Rows    [][]string
}

// New reads the rows of a sweep, twice, and makes a report of them. It
// chooses its figures by what the table says of its columns and by what the sweep
// varies: the columns that are shown unasked are drawn, the two parameters with the
// most values are axes, one that is a choice of a few texts has panels, and every figure
// has theory beside it where there is a prediction.
//
// Copies that diverged are counted and listed, and are in no mean.
func New(m results.Manifest, rows iter.Seq2[*results.Row, error]) (*Report, error) {
	s := new(survey)
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		if s.table == nil {
			s.begin(row.Table())
		}
		s.add(row)
	}
	r := &Report{Title: m.Name, Sweep: m.Sweep, Processes: m.Processes, Summary: s.summary(m)}
	if r.Title == "" {
		r.Title = "A sweep"
	}
	r.Tables = append(r.Tables, s.parameterTable())
	if s.table == nil {
		return r, nil
	}
	r.Tables = append(r.Tables, s.agreementTables()...)
	if s.diverged > 0 {
		r.Tables = append(r.Tables, s.divergedTable())
	}
	var err error
	r.Figures, err = s.figures(rows)
	return r, err
}

// The names of a report's files in its folder.
const (
	HTMLFile      = "report.html"
	MarkdownFile  = "report.md"
	FiguresFolder = "figures" // a folder, of PNG and SVG, which the Markdown shows
)

// Write writes a report into a folder, which is made if it is not there: one HTML
// file that needs nothing else, a Markdown file, and the figures.
func (r *Report) Write(dir string) error {
	figures := filepath.Join(dir, FiguresFolder)
	if err := os.MkdirAll(figures, 0o777); err != nil {
		return fmt.Errorf("making the folder of the report: %w", err)
	}
	var drawings []plot.Drawing
	for _, f := range r.Figures {
		d, err := plot.Draw(figures, f)
		if err != nil {
			return err
		}
		drawings = append(drawings, d)
	}
	if err := r.writeMarkdown(filepath.Join(dir, MarkdownFile)); err != nil {
		return err
	}
	return r.writeHTML(filepath.Join(dir, HTMLFile), drawings)
}
