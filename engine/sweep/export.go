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
		return exportTable[results.Run](ctx, dir, table, r, w)
	case trajectoriesFolder:
		if !r.sweep.Trajectories {
			return fmt.Errorf("%s was run without trajectories; export %s instead", dir, runsFolder)
		}
		return exportTable[results.TrajectoryPoint](ctx, dir, table, r, w)
	}
	return names.Unknown("table", table, Tables)
}

func exportTable[T results.Row](ctx context.Context, dir, table string, r *record, w io.Writer) error {
	const chunk = 1 << 16 // bytes written at once
	line := append(make([]byte, 0, 2*chunk), results.CSVHeader[T]()...)
	for i := range r.parts {
		p := &r.parts[i]
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := p.verify(dir); err != nil {
			return err
		}
		for row, err := range results.Read[T](partPath(dir, table, p.Name)) {
			if err != nil {
				return err
			}
			line = results.AppendCSV(line, row)
			if len(line) < chunk {
				continue
			}
			if _, err := w.Write(line); err != nil {
				return err
			}
			line = line[:0]
		}
	}
	_, err := w.Write(line)
	return err
}
