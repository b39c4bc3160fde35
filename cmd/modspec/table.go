package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"

	"modspec/engine/dataset"
	"modspec/engine/printable"
)

// table is a small table for people: a heading and rows, columns two blanks
// apart.
type table struct {
	rows [][]string
}

func newTable(heading ...string) *table { return &table{rows: [][]string{heading}} }

func (t *table) row(cells ...string) {
	for i, c := range cells {
		cells[i] = printable.Text(c) // it may have come from a file
	}
	t.rows = append(t.rows, cells)
}

func (t *table) write(w io.Writer) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range t.rows {
		fmt.Fprintln(tw, strings.Join(r, "\t"))
	}
	tw.Flush()
}

// decimal writes a number with four significant digits, so that a column stays
// narrow; full precision is what --json is for.
func decimal(v float64) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case math.IsInf(v, 1):
		return "never"
	}
	return fmt.Sprintf("%.4g", v)
}

func printQuadrants(w io.Writer, norms dataset.Quadrants) {
	t := newTable("quadrant norm", "from Ωx", "from Γx")
	t.row("to Ωy", decimal(norms.OmegaOmega), decimal(norms.GammaOmega))
	t.row("to Γy", decimal(norms.OmegaGamma), decimal(norms.GammaGamma))
	t.write(w)
}

// shownRows is how many rows of a trajectory are printed: a screenful. The rest
// is left out evenly; --json has all.
const shownRows = 31

// trajectoryTable is the table of a trajectory, simulated or predicted.
type trajectoryTable struct {
	table *table
	loss  bool
}

func newTrajectoryTable(modes []modeJSON, loss bool) *trajectoryTable {
	heading := []string{"step"}
	if loss {
		heading = append(heading, "loss")
	}
	heading = append(heading, "Ωx→Ωy", "Γx→Ωy", "Ωx→Γy", "Γx→Γy", "S")
	for i := range modes {
		heading = append(heading, fmt.Sprintf("mode %d", i+1))
	}
	return &trajectoryTable{table: newTable(heading...), loss: loss}
}

func (t *trajectoryTable) add(step int, loss float64, norms dataset.Quadrants, s float64, modes []float64) {
	cells := []string{fmt.Sprint(step)}
	if t.loss {
		cells = append(cells, short(loss))
	}
	cells = append(cells, short(norms.OmegaOmega), short(norms.GammaOmega), short(norms.OmegaGamma), short(norms.GammaGamma), short(s))
	for _, m := range modes {
		cells = append(cells, short(m))
	}
	t.table.row(cells...)
}

// short writes a number in at most seven characters.
func short(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	if a := math.Abs(v); v == 0 || a >= 1e-3 && a < 1000 {
		return fmt.Sprintf("%.4f", v)
	}
	return fmt.Sprintf("%.0e", v)
}

func (t *trajectoryTable) write(w io.Writer) { t.table.writeRecorded(w) }

// writeRecorded writes a table of recorded steps, at most a screenful of them.
func (t *table) writeRecorded(w io.Writer) {
	rows := t.rows[1:]
	if len(rows) > shownRows {
		kept := [][]string{}
		for i := range shownRows {
			kept = append(kept, rows[i*(len(rows)-1)/(shownRows-1)])
		}
		t.rows = append(t.rows[:1], kept...)
	}
	t.write(w)
	if len(rows) > shownRows {
		fmt.Fprintf(w, "(%d of %d recorded steps; --json has all)\n", shownRows, len(rows))
	}
}
