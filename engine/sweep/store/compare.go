package store

import (
	"fmt"
	"io"

	"modspec/engine/regularfile"
	"modspec/engine/results"
	"modspec/engine/sweep/numberset"
	"modspec/engine/sweep/space"
)

// compare brings in what is new of a part and compares the rest with what is
// there. It holds a hash of each copy that both have.
func (m *merger) compare(s origin, p *part) error {
	var both numberset.Set
	var fresh []int
	var all numberset.Set
	all.AddAll(p.Copies)
	for _, n := range all.Sorted() {
		if m.folder.journal.record.done.Has(n) {
			both.Add(n)
		} else {
			fresh = append(fresh, n)
		}
	}
	theirs, err := hashes(s.dir, p, &both)
	if err != nil {
		return err
	}
	for i := range m.folder.journal.record.parts {
		here := &m.folder.journal.record.parts[i]
		if !both.Meets(here.Copies) {
			continue
		}
		ours, err := hashes(m.folder.dir, here, &both)
		if err != nil {
			return err
		}
		for n, h := range ours {
			if t := theirs[n]; t == nil || *t != *h {
				return fmt.Errorf("copy %s differs between %s and %s: the same sweep, backend and seed must give the same results; find out which of the two is wrong and leave the other out", h.id, m.from(here.Name), s.dir)
			}
		}
	}
	m.summary.Duplicates += both.Len()
	if len(fresh) == 0 {
		return nil
	}
	return m.extract(s, p, fresh)
}

// extract writes the copies with the given numbers, ascending, as a part.
func (m *merger) extract(s origin, p *part, fresh []int) error {
	out := part{Name: partName(m.folder.nextPart())}
	var wanted numberset.Set
	wanted.AddAll(numberset.Stretches(fresh))
	var err error
	if p.Trajectories != nil {
		out.Trajectories = new(partFile)
		err = extractTable(m.folder.dir, s.dir, results.TrajectoriesTable, p.Name, out.Name, &wanted,
			func(*results.Row) error { return nil },
			func(points *tableWriter) error { return points.close(out.Trajectories) })
	}
	var copies []copyID
	var columns *ends
	if err == nil {
		err = extractTable(m.folder.dir, s.dir, results.RunsTable, p.Name, out.Name, &wanted, func(row *results.Row) error {
			if columns == nil {
				columns = endColumns(row.Table())
			}
			id, err := space.ParseID(row.Text(results.IDPlace))
			copies = append(copies, copyID{copyNumber(row), id})
			out.NetworkSteps += int64(row.Whole(columns.lastStep))
			if !row.Null(columns.diverged) {
				out.Diverged++
			}
			return err
		}, func(runs *tableWriter) error { return m.folder.closeRuns(runs, &out, copies) })
	}
	if err != nil {
		return m.folder.discard(out.Name, err)
	}
	return m.keep(s, &out)
}

// extractTable writes the wanted copies of one file to another.
func extractTable(dir, source, table, from, to string, wanted *numberset.Set, each func(*results.Row) error, end func(*tableWriter) error) error {
	path := partPath(source, table, from)
	form, err := results.ReadTable(path, table)
	if err != nil {
		return err
	}
	return results.CreateFile(partPath(dir, table, to), func(w io.Writer) error {
		out, err := newTableWriter(w, form)
		if err != nil {
			return err
		}
		for row, err := range results.Read(path, table) {
			if err != nil {
				return err
			}
			if !wanted.Has(copyNumber(row)) {
				continue
			}
			if err := each(row); err != nil {
				return err
			}
			if err := out.Write(row); err != nil {
				return err
			}
		}
		return end(out)
	})
}

// copyFile copies a file of a part, and makes sure that it is what the journal
// says.
func copyFile(to, from string, want partFile) error {
	return results.CreateFile(to, func(w io.Writer) error {
		f, _, err := regularfile.Open(from)
		if err != nil {
			return err
		}
		defer f.Close()
		sum := newSumWriter(w)
		if _, err := io.CopyBuffer(sum, f, make([]byte, 1<<20)); err != nil {
			return fmt.Errorf("copying %s: %w", from, err)
		}
		if got := sum.file(want.Rows); got != want {
			return damaged(from, "it changed while it was copied")
		}
		return nil
	})
}
