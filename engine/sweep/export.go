package sweep

import (
	"context"
	"fmt"
	"io"

	"modspec/engine/names"
	"modspec/engine/results"
)

// Tables are the names of the tables that [ExportCSV] takes.
var Tables = []string{runsFolder, trajectoriesFolder}

// ExportCSV writes a table of a folder ("runs" or "trajectories") as CSV, a row at
// a time: a header, then the rows of one part after the other. Every file is
// compared with the journal before its rows are written. The error names a file
// that is missing or was changed; what was written until then is not the table.
func ExportCSV(ctx context.Context, dir, table string, w io.Writer) error {
	r, err := readJournal(dir)
	if err != nil {
		return err
	}
	switch table {
	case runsFolder:
		return exportTable(ctx, dir, table, r, w)
	case trajectoriesFolder:
		if !r.sweep.Trajectories {
			return fmt.Errorf("%s was run without trajectories; export %s instead", dir, runsFolder)
		}
		return exportTable(ctx, dir, table, r, w)
	}
	return names.Unknown("table", table, Tables)
}

// exportTable writes the table's header as its first file has it, and the rows.
func exportTable(ctx context.Context, dir, name string, r *record, w io.Writer) error {
	const chunk = 1 << 16 // bytes written at once
	if len(r.parts) == 0 {
		return fmt.Errorf("%s has no rows of the table %s yet; run the sweep again", dir, name)
	}
	table, err := results.ReadTable(partPath(dir, name, r.parts[0].Name), name)
	if err != nil {
		return err
	}
	line := append(make([]byte, 0, 2*chunk), table.CSVHeader()...)
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
		if len(line) < chunk {
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
