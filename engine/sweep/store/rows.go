package store

import (
	"fmt"
	"iter"

	"modspec/engine/results"
)

// Runs returns the rows of a folder's table runs, part after part; a row is only
// good until the next. It may be asked while a process works in the folder: it
// reads the parts that the journal had when it began. The first error ends the
// iteration and names the file.
func Runs(dir string) iter.Seq2[*results.Row, error] { return rows(dir, results.RunsTable) }

// Trajectories returns the rows of a folder's table trajectories in the same way,
// those of a copy one after the other. The error for a folder without that table says
// so.
func Trajectories(dir string) iter.Seq2[*results.Row, error] {
	return rows(dir, results.TrajectoriesTable)
}

func rows(dir, table string) iter.Seq2[*results.Row, error] {
	return func(yield func(*results.Row, error) bool) {
		paths, err := tablePaths(dir, table)
		if err != nil {
			yield(nil, err)
			return
		}
		results.ReadFiles(paths, table)(yield)
	}
}

// TableOf returns the table runs or trajectories of a folder, without its rows: nil
// while there are none. Errors are those of [Runs] and [Trajectories].
func TableOf(dir, table string) (*results.Table, error) {
	paths, err := tablePaths(dir, table)
	if err != nil {
		return nil, err
	}
	for path := range paths {
		return results.ReadTable(path, table)
	}
	return nil, nil
}

// tablePaths returns the files of a table that the journal knows.
func tablePaths(dir, table string) (iter.Seq[string], error) {
	r, err := readJournal(dir)
	if err != nil {
		return nil, err
	}
	if table == results.TrajectoriesTable && !r.sweep.Trajectories {
		return nil, fmt.Errorf("%s was run without trajectories", dir)
	}
	return func(yield func(string) bool) {
		for i := range r.parts {
			if !yield(partPath(dir, table, r.parts[i].Name)) {
				return
			}
		}
	}, nil
}
