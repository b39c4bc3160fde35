package sweep

import (
	"iter"

	"modspec/engine/results"
)

// Runs returns the rows of a folder's table runs, part after part; a row is only
// good until the next. It may be asked while a process works in the folder: it
// reads the parts that the journal had when it began. The first error ends the
// iteration and names the file.
func Runs(dir string) iter.Seq2[*results.Run, error] {
	return func(yield func(*results.Run, error) bool) {
		r, err := readJournal(dir)
		if err != nil {
			yield(nil, err)
			return
		}
		for i := range r.parts {
			for row, err := range results.Read[results.Run](partPath(dir, runsFolder, r.parts[i].Name)) {
				if !yield(row, err) || err != nil {
					return
				}
			}
		}
	}
}
