package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"modspec/engine/results"
	"modspec/engine/sweep/numberset"
	"modspec/engine/sweep/spec"
)

// A MergeSummary is what [Merge] did.
type MergeSummary struct {
	Merged     int `json:"merged"`     // copies that came into the folder
	Duplicates int `json:"duplicates"` // copies that were there already, with the same results
	Done       int `json:"done"`       // copies that the folder then holds
	Copies     int `json:"copies"`     // of the whole sweep
}

// Merge brings the results of several folders of one sweep together in the
// folder out, which is made if it does not exist. The folders stay as they are. A
// copy that several have is taken once, after a comparison; if its results
// differ, that is an error that names the copy and the folders. Folders of
// different sweeps, backends, precisions or arithmetics are refused.
//
// Merge is done a part at a time like a run: killed or cancelled, the same call
// again goes on. The merged folder is a sweep's folder like any other: its sweep
// can go on there, and its digest is that of an unbroken run.
func Merge(ctx context.Context, out string, dirs []string, notice func(string)) (MergeSummary, error) {
	if len(dirs) == 0 {
		return MergeSummary{}, errors.New("no folder is named to merge")
	}
	if notice == nil {
		notice = func(string) {}
	}
	origins, err := readOrigins(dirs, out)
	if err != nil {
		return MergeSummary{}, err
	}
	like := origins[0].record
	f, err := Open(Options{Dir: out, Sweep: *like.sweep, Provenance: like.sessions[0], Shard: like.shards[0], Notice: notice})
	if err != nil {
		return MergeSummary{}, err
	}
	m := &merger{folder: f, notice: notice, wrote: map[string]string{}}
	if err = m.all(ctx, origins); err == nil {
		err = f.Confirm()
	}
	if f.Lost() != nil {
		return MergeSummary{}, errors.Join(f.Lost(), f.Close())
	}
	m.summary.Done, m.summary.Copies = f.journal.record.done.Len(), f.journal.record.sweep.Copies
	return m.summary, errors.Join(err, f.Close())
}

// An origin is a folder that is merged.
type origin struct {
	dir    string
	record *record
}

func readOrigins(dirs []string, out string) ([]origin, error) {
	var list []origin
	var seen []os.FileInfo
	if info, err := os.Stat(out); err == nil {
		seen = append(seen, info)
	}
	for _, dir := range dirs {
		r, err := readJournal(dir)
		if err != nil {
			return nil, err
		}
		info, err := os.Stat(dir)
		if err != nil {
			return nil, err
		}
		for _, s := range seen {
			if os.SameFile(s, info) {
				return nil, FolderError{fmt.Errorf("%s is named twice; name each folder once, and a new one for what they hold together", dir)}
			}
		}
		seen = append(seen, info)
		if len(list) > 0 {
			if one, other := spec.KindOf(list[0].record.sweep.Text), spec.KindOf(r.sweep.Text); one != other {
				return nil, FolderError{fmt.Errorf("%s is a sweep of %s, %s of %s; only folders of one sweep can be merged", list[0].dir, one, dir, other)}
			}
			if err := sameSweep(list[0].dir, list[0].record, r.sweep, &r.sessions[0]); err != nil {
				return nil, fmt.Errorf("%s does not go with %s: %w", dir, list[0].dir, err)
			}
		}
		list = append(list, origin{dir, r})
	}
	return list, nil
}

// A merger merges folders into one.
type merger struct {
	folder  *Folder
	notice  func(string)
	summary MergeSummary
	wrote   map[string]string // which folder a part of this one came from
}

func (m *merger) all(ctx context.Context, origins []origin) error {
	for _, s := range origins {
		if err := m.sessions(s); err != nil {
			return err
		}
		before := m.summary.Duplicates
		for n := range s.record.parts {
			if ctx.Err() != nil {
				return fmt.Errorf("interrupted; the same command goes on from here: %w", context.Cause(ctx))
			}
			if err := m.part(s, &s.record.parts[n]); err != nil {
				return err
			}
		}
		if again := m.summary.Duplicates - before; again > 0 {
			m.notice(fmt.Sprintf("%s: %d copies were there already, with the same results", s.dir, again))
		}
	}
	r := m.folder.journal.record
	left := ""
	if r.done.Len() < r.sweep.Copies {
		left = fmt.Sprintf("merged; %d of %d copies are still to be trained", r.sweep.Copies-r.done.Len(), r.sweep.Copies)
	}
	return m.folder.End(left, 0)
}

// sessions takes over who computed a folder's results, unless it is known.
func (m *merger) sessions(s origin) error {
	known := m.folder.journal.record.sessions
	for i := range s.record.sessions {
		p, shard := &s.record.sessions[i], &s.record.shards[i]
		if slices.ContainsFunc(known, func(k results.Provenance) bool { return sameProcess(&k, p) }) {
			continue
		}
		if err := m.folder.write(event{Event: resumeEvent, Shard: shard, Provenance: p}); err != nil {
			return err
		}
	}
	return nil
}

// part brings one part in: as it is if all its copies are new, else those that
// are.
func (m *merger) part(s origin, p *part) error {
	if err := p.verify(s.dir); err != nil {
		return err
	}
	if !m.folder.journal.record.done.Meets(p.Copies) {
		return m.take(s, p)
	}
	return m.compare(s, p)
}

// take copies a part's files.
func (m *merger) take(s origin, p *part) error {
	taken := *p
	taken.Name = partName(m.folder.nextPart())
	// As in a run, the file of runs comes last.
	for _, f := range slices.Backward(p.files()) {
		to := partPath(m.folder.dir, f.table, taken.Name)
		if err := copyFile(to, partPath(s.dir, f.table, p.Name), f.partFile); err != nil {
			return m.folder.discard(taken.Name, err)
		}
	}
	return m.keep(s, &taken)
}

// keep enters a part whose files are there.
func (m *merger) keep(s origin, p *part) error {
	if err := m.folder.write(event{Event: partEvent, Part: p}); err != nil {
		return m.folder.discard(p.Name, err)
	}
	m.summary.Merged += p.Rows
	m.wrote[p.Name] = s.dir
	return nil
}

// from names where a part of the merged folder came from, for messages.
func (m *merger) from(name string) string {
	if dir, ok := m.wrote[name]; ok {
		return dir
	}
	return filepath.Join(m.folder.dir, results.RunsTable, name+".parquet")
}

// A copyHash is a hash of what both tables say of a copy.
type copyHash struct {
	run    [32]byte
	id     string
	points sum256
}

// hashes returns the hashes of a part's copies that are wanted.
func hashes(dir string, p *part, wanted *numberset.Set) (map[int]*copyHash, error) {
	found := map[int]*copyHash{}
	var hasher results.RowHasher
	for row, err := range results.Read(partPath(dir, results.RunsTable, p.Name), results.RunsTable) {
		if err != nil {
			return nil, err
		}
		if number := copyNumber(row); wanted.Has(number) {
			found[number] = &copyHash{run: hasher.Hash(row), id: row.Text(results.IDPlace)}
		}
	}
	if p.Trajectories == nil {
		return found, nil
	}
	for row, err := range results.Read(partPath(dir, results.TrajectoriesTable, p.Name), results.TrajectoriesTable) {
		if err != nil {
			return nil, err
		}
		if h := found[copyNumber(row)]; h != nil {
			h.points.add(hasher.Hash(row))
		}
	}
	return found, nil
}
