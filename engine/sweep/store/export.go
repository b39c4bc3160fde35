package store

import (
	"context"
	"fmt"
	"io"
	"slices"

	"modspec/engine/names"
	"modspec/engine/results"
	"modspec/engine/sweep/spec"
	"modspec/engine/train"
)

// Tables are the names of the tables that [ExportCSV] takes.
var Tables = []string{results.RunsTable, results.TrajectoriesTable}

// ExportCSV writes a table of a folder ("runs" or "trajectories") as CSV, a row at
// a time: a header, then the rows of one part after the other. Every file is
// compared with the journal before its rows are written. The error names a file
// that is missing or was changed; what was written until then is not the table.
func ExportCSV(ctx context.Context, dir, name string, kinds []train.Kind, w io.Writer) error {
	r, err := readJournal(dir)
	if err != nil {
		return err
	}
	if !slices.Contains(Tables, name) {
		return names.Unknown("table", name, Tables)
	}
	if name == results.TrajectoriesTable && !r.sweep.Trajectories {
		return fmt.Errorf("%s was run without trajectories; export %s instead", dir, results.RunsTable)
	}
	const most = 1 << 16 // bytes written at once
	// The header is as the first file has it or, where there is none, as the kind says.
	var table *results.Table
	if len(r.parts) > 0 {
		table, err = results.ReadTable(partPath(dir, name, r.parts[0].Name), name)
	} else {
		var f *spec.File
		if f, err = spec.Parse(dir, []byte(r.sweep.Text), kinds); err == nil {
			table = newTables(f.Kind).named(name)
		}
	}
	if err != nil {
		return err
	}
	line := append(make([]byte, 0, 2*most), table.CSVHeader()...)
	var failed error
	paths := func(yield func(string) bool) {
		for i := range r.parts {
			if ctx.Err() != nil {
				failed = context.Cause(ctx)
			} else {
				failed = r.parts[i].verify(dir)
			}
			if failed != nil || !yield(partPath(dir, name, r.parts[i].Name)) {
				return
			}
		}
	}
	for row, err := range results.ReadFiles(paths, name) {
		if err != nil {
			return err
		}
		line = row.AppendCSV(line)
		if len(line) < most {
			continue
		}
		if _, err := w.Write(line); err != nil {
			return err
		}
		line = line[:0]
	}
	if failed != nil {
		return failed
	}
	_, err = w.Write(line)
	return err
}
