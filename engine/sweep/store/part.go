package store

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"reflect"
	"slices"

	"modspec/engine/regularfile"
	"modspec/engine/results"
	"modspec/engine/sweep/numberset"
	"modspec/engine/sweep/space"
)

// partKey is the key under which the footer of a part's file of runs has what the
// journal knows of the part and of the process that wrote it, as a line of the
// journal: an event that has the fields of "begin" and of "part". Of the file itself
// it knows the length and the hash of what comes before the footer.
const partKey = "modspec.part"

// A copyID says which copy a row of a part is of.
type copyID struct {
	number int
	id     space.ID
}

// enter puts the numbers of the part's copies and the hash of their ids in.
func (p *part) enter(copies []copyID) {
	slices.SortFunc(copies, func(a, b copyID) int { return cmp.Compare(a.number, b.number) })
	numbers, sum := make([]int, len(copies)), sha256.New()
	for i, m := range copies {
		numbers[i] = m.number
		sum.Write(m.id[:])
	}
	p.Copies = numberset.Stretches(numbers)
	p.Rows = len(numbers)
	p.IDs = hex.EncodeToString(sum.Sum(nil))
}

// closeRuns ends a part's file of runs, the last of its files: all else is known of
// the part.
func (f *Folder) closeRuns(runs *tableWriter, p *part, copies []copyID) error {
	p.enter(copies)
	if err := runs.flush(&p.Runs); err != nil {
		return err
	}
	e := f.self
	e.Event, e.Part = partEvent, p
	line, err := encodeEvent(e)
	if err != nil {
		return err
	}
	runs.SetMetadata(partKey, string(line[:len(line)-1]))
	return runs.close(&p.Runs)
}

// readFooter returns the event in the footer of a part's file of runs. Files of earlier
// versions have none.
func readFooter(dir, name string) (e event, ok bool, err error) {
	path := partPath(dir, results.RunsTable, name)
	text, err := results.Metadata(path, results.RunsTable, partKey)
	if err != nil || text == "" {
		return e, false, err
	}
	e, err = decodeEvent([]byte(text))
	if err == nil && (e.Part == nil || e.Sweep == nil || e.Shard == nil || e.Provenance == nil) {
		err = fmt.Errorf("the event in its footer lacks something")
	}
	if err != nil {
		return e, false, damaged(path, err.Error())
	}
	return e, true, nil
}

// readPart returns what the journal would know of a part, from its files alone. Of a
// part with an event in its footer every byte but the footer's is compared with that;
// proven says so. Otherwise only the checksums of Parquet's pages are compared. An
// error that wraps fs.ErrNotExist says that a file is missing.
func readPart(dir, name string, s *Sweep) (p part, proven bool, err error) {
	path := partPath(dir, results.RunsTable, name)
	footer, proven, err := readFooter(dir, name)
	if err != nil {
		return p, false, err
	}
	if proven {
		if reason := otherwise(dir, &record{sweep: s, sessions: []results.Provenance{*footer.Provenance}}, footer.Sweep); reason != "" {
			return p, false, fmt.Errorf("%s is of another sweep: %s", path, reason)
		}
	}
	p.Name = name
	var copies []copyID
	var columns *ends
	for row, err := range results.Read(path, results.RunsTable) {
		if err != nil {
			return p, false, err
		}
		if columns == nil {
			columns = endColumns(row.Table())
		}
		id, err := space.ParseID(row.Text(results.IDPlace))
		if err != nil {
			return p, false, damaged(path, err.Error())
		}
		number, last := copyNumber(row), row.Whole(columns.lastStep)
		if number < 0 || number >= s.Copies || last < 0 {
			return p, false, damaged(path, fmt.Sprintf("it has copy %d at step %d, but the sweep has %d copies", number, last, s.Copies))
		}
		copies = append(copies, copyID{number, id})
		p.NetworkSteps += int64(last)
		if !row.Null(columns.diverged) {
			p.Diverged++
		}
	}
	p.enter(copies)
	var set numberset.Set
	if again := set.AddAll(p.Copies); again >= 0 || len(copies) == 0 {
		return p, false, damaged(path, fmt.Sprintf("it has %d rows, and copy %d twice", len(copies), again))
	}
	if p.Runs.Bytes, p.Runs.SHA256, err = sumFile(path, -1); err != nil {
		return p, false, err
	}
	p.Runs.Rows = p.Rows
	if s.Trajectories {
		if p.Trajectories, err = readPoints(partPath(dir, results.TrajectoriesTable, name), &set); err != nil {
			return p, false, err
		}
	}
	if !proven {
		return p, false, nil
	}
	// What the footer says is what was read, but for the name, which a merge changes,
	// and the sum of the bytes before the footer.
	want := *footer.Part
	if sum, err := sumStart(path, want.Runs.Bytes); err != nil || sum != want.Runs.SHA256 {
		return p, false, damaged(path, "its rows do not have the SHA-256 that its footer says")
	}
	want.Name, want.Runs = p.Name, p.Runs
	if !reflect.DeepEqual(p, want) {
		return p, false, damaged(path, "its files do not hold what its footer says")
	}
	return p, true, nil
}

// ends are the places of the columns that say where a run ended.
type ends struct{ lastStep, diverged int }

func endColumns(t *results.Table) *ends {
	return &ends{t.Columns.Index(results.LastStepColumn), t.Columns.Index(results.DivergedStepColumn)}
}

// readPoints returns what the journal would know of a part's file of trajectories.
func readPoints(path string, copies *numberset.Set) (*partFile, error) {
	bytes, sum, err := sumFile(path, -1)
	if err != nil {
		return nil, err
	}
	f := &partFile{Bytes: bytes, SHA256: sum}
	for row, err := range results.Read(path, results.TrajectoriesTable) {
		if err != nil {
			return nil, err
		}
		if number := copyNumber(row); !copies.Has(number) {
			return nil, damaged(path, fmt.Sprintf("it has copy %d, which the table runs does not have there", number))
		}
		f.Rows++
	}
	return f, nil
}

// sumStart returns the SHA-256 of a file's first bytes.
func sumStart(path string, bytes int64) (string, error) {
	f, _, err := regularfile.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.CopyN(h, f, bytes); err != nil {
		return "", fmt.Errorf("reading %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
