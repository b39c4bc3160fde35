package sweep

import (
	"fmt"
	"iter"

	"modspec/engine/results"
)

// Runs returns the rows of a folder's table runs, part after part; a row is only
// good until the next. It may be asked while a process works in the folder: it
// reads the parts that the journal had when it began. The first error ends the
// iteration and names the file.
func Runs(dir string) iter.Seq2[*results.Run, error] { return rows[results.Run](dir, runsFolder) }

// Trajectories returns the rows of a folder's table trajectories in the same way,
// those of a copy one after the other. The error for a folder without that table says
// so.
func Trajectories(dir string) iter.Seq2[*results.TrajectoryPoint, error] {
	return rows[results.TrajectoryPoint](dir, trajectoriesFolder)
}

func rows[T results.Row](dir, table string) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		r, err := readJournal(dir)
		if err == nil && table == trajectoriesFolder && !r.sweep.Trajectories {
			err = fmt.Errorf("%s was run without trajectories", dir)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		for i := range r.parts {
			for row, err := range results.Read[T](partPath(dir, table, r.parts[i].Name)) {
				if !yield(row, err) || err != nil {
					return
				}
			}
		}
	}
}
